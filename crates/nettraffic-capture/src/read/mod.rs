//! Reading captures: from bytes to framed packets.

mod byte_order;
mod foreign;
mod frame;
mod gzip;
mod interface;
mod limits;
mod open;
mod pcap;
mod pcapng;
mod reader;
mod set;
mod time_account;
mod window;

pub use open::{from_reader, open};
pub use set::CaptureSet;
