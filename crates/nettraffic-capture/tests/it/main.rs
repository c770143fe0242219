//! The crate as its users see it.

mod anonymize;
mod build;
mod compressed;
mod corpus;
mod decoding;
mod filter;
mod filter_errors;
mod frames;
mod hostile;
mod pcap;
mod pcapng;
mod peers;
mod sets;
mod writing;
