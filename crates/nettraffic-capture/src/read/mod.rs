//! Reading captures: from bytes to framed packets.

mod byte_order;
mod compressed;
mod foreign;
mod frame;
mod interface;
mod limits;
mod open;
mod options;
mod pcap;
mod pcapng;
mod reader;
mod recover;
mod set;
mod time_account;
mod window;

pub use limits::ReadLimits;
pub use open::{from_reader, open};
pub use options::ReadOptions;
pub use set::{CaptureSet, find_captures};
