//! From fields to bytes: frames with their checksums, message contents, the capture file.

mod content;
mod frame;
mod pcap;

pub(crate) use content::Message;
pub(crate) use frame::{Frame, ICMP, ICMP6, TCP, UDP, tcp_flag};
pub(crate) use pcap::PcapWriter;
