//! Writing captures.

mod cut;
mod names;
mod pcap;
mod pcapng;
mod rotate;
mod rotation;
mod writer;

pub use pcap::PcapWriter;
pub use pcapng::PcapNgWriter;
pub use rotate::RotatingWriter;
pub use rotation::Rotation;
pub use writer::{CaptureFormat, CaptureWriter};

use std::io;

use crate::Packet;

/// Captured bytes of one packet that readers accept unless they are told otherwise: ours,
/// libpcap, Wireshark.
const MOST_CAPTURED: u32 = 262_144;

/// The captured length of a packet as both formats store it.
fn captured_len(packet: &Packet<'_>) -> io::Result<u32> {
    let len = u32::try_from(packet.data.len()).unwrap_or(u32::MAX);
    if len <= MOST_CAPTURED {
        return Ok(len);
    }
    Err(refused(format!(
        "a packet of {} captured bytes, where {} are what captures may hold",
        packet.data.len(),
        MOST_CAPTURED
    )))
}

fn refused(problem: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, problem)
}
