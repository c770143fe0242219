//! The crate as its users see it.

#[cfg(feature = "anonymize")]
mod addressed;
#[cfg(feature = "anonymize")]
mod anonymize;
mod build;
mod compressed;
mod corpus;
mod decoding;
mod filter;
mod filter_errors;
mod frames;
mod hostile;
mod linear;
mod links;
mod pcap;
mod pcapng;
mod peers;
mod recovery;
mod sets;
mod transports;
mod tunnels;
mod writing;
