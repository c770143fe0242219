//! Sources of raw packets and header decoding.

mod error;
mod meta;
mod packet;
mod skip;
mod source;
mod timestamp;

pub use error::CaptureError;
pub use meta::{IcmpHeader, IpProtocol, PacketMeta, TcpFlags, TcpHeader, Transport, UdpHeader};
pub use packet::{LinkType, Packet};
pub use skip::Skip;
pub use source::{CaptureCounters, PacketSource};
pub use timestamp::Timestamp;
