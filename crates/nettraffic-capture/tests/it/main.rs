//! The crate as its users see it.

mod build;
mod compressed;
mod corpus;
mod decoding;
mod hostile;
mod pcap;
mod pcapng;
mod peers;
mod sets;
mod writing;
