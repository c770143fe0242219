//! Captures in, packet facts out: sources of raw packets and the decoding of their headers.
//!
//! [`open`] reads pcap and pcapng files (compressed with gzip, zstd or xz too) in constant memory and
//! lends their packets one by one; [`decode`] makes of each a small `Copy` [`PacketMeta`] or
//! tells why not. Everything is counted: packets read = decoded + skipped, by reason.
//!
//! ```
//! use nettraffic_capture::{DecodeCounters, decode, from_reader};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let file: &[u8] = &[
//! #     0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0, //
//! #     1, 0, 0, 0, 0, 0, 0, 0, 28, 0, 0, 0, 28, 0, 0, 0, //
//! #     0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, //
//! #     0x30, 0x39, 0, 53, 0, 8, 0, 0,
//! # ];
//! let mut source = from_reader("memory", file)?; // or open("office.pcapng")?
//! let mut counters = DecodeCounters::default();
//! while let Some(packet) = source.next_packet()? {
//!     let decoded = decode(&packet);
//!     counters.record(&decoded);
//!     if let Ok(meta) = decoded {
//!         println!("{} {} -> {} {:?}", meta.timestamp, meta.source, meta.destination, meta.ports());
//!     }
//! }
//! assert_eq!(source.counters().packets, counters.total());
//! # assert_eq!(counters.decoded(), 1);
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "anonymize")]
mod anonymize;
mod counters;
mod decode;
mod error;
mod filter;
#[cfg(all(feature = "live", target_os = "linux"))]
mod live;
mod meta;
mod packet;
mod read;
mod skip;
mod source;
mod timestamp;
mod write;

#[cfg(feature = "anonymize")]
pub use anonymize::{
    AnonymizeOptions, Anonymizer, KeyError, MacAddresses, PseudonymDirection, PseudonymKey,
};
pub use counters::DecodeCounters;
pub use decode::{DecodeConfig, Decoder, FragmentCounters, decode};
pub use error::{BlockProblem, CaptureError, CaptureErrorKind, CapturePart};
pub use filter::{Filter, FilterError, FilterErrorKind};
#[cfg(all(feature = "live", target_os = "linux"))]
pub use live::{
    Gap, GapReason, Interface, InterfaceState, LiveCounters, LiveError, LiveEvent, LiveOptions,
    LiveSource, LiveState, interfaces,
};
pub use meta::{
    ArpHeader, Checksums, Entropy, Fingerprint, FirstHeader, IcmpAbout, IcmpHeader, IpProtocol,
    MacAddress, PacketMeta, QuotedPacket, SctpHeader, TcpFlags, TcpHeader, TcpOptions, Transport,
    Tunnel, TunnelKind, Tunnels, UdpHeader, UnknownTunnel,
};
pub use packet::{LinkType, Packet};
pub use read::{CaptureSet, ReadLimits, ReadOptions, find_captures, from_reader, open};
pub use skip::Skip;
pub use source::{CaptureCounters, PacketSource};
pub use timestamp::Timestamp;
pub use write::{CaptureFormat, CaptureWriter, PcapNgWriter, PcapWriter, RotatingWriter, Rotation};
