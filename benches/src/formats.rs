//! A pcap file in other formats.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use nettraffic_capture::{PacketSource as _, from_reader};

/// The file, compressed as gzip does unless told otherwise.
///
/// # Panics
/// Never: memory takes everything.
#[must_use]
pub fn gzip(file: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(file).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

/// The packets of an Ethernet capture as one pcapng section with one interface, in nanoseconds.
///
/// # Panics
/// The capture is damaged.
#[must_use]
pub fn pcapng(pcap: &[u8]) -> Vec<u8> {
    const SECTION: u32 = 0x0a0d_0d0a;
    const INTERFACE: u32 = 1;
    const ENHANCED_PACKET: u32 = 6;
    let mut file = Vec::with_capacity(pcap.len() * 21 / 20);
    let unknown_length = [0xff; 8];
    let magic_and_version = [0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0];
    block(&mut file, SECTION, &[&magic_and_version, &unknown_length]);
    let ethernet_without_limit = [1, 0, 0, 0, 0, 0, 0, 0];
    let nanoseconds = [9, 0, 1, 0, 9, 0, 0, 0];
    let end = [0; 4];
    let interface = [&ethernet_without_limit[..], &nanoseconds, &end];
    block(&mut file, INTERFACE, &interface);

    let mut source = from_reader("memory", pcap).expect("it is a capture");
    while let Some(packet) = source.next_packet().expect("the capture is sound") {
        let time = packet.timestamp.as_nanos();
        let captured = packet.data.len() as u32;
        let words = [
            0,
            (time >> 32) as u32,
            time as u32,
            captured,
            packet.wire_len,
        ];
        let header = words.map(u32::to_le_bytes);
        block(
            &mut file,
            ENHANCED_PACKET,
            &[header.as_flattened(), packet.data],
        );
    }
    file
}

/// Appends a block: type, length, body padded to words, length.
fn block(file: &mut Vec<u8>, kind: u32, body: &[&[u8]]) {
    let body = body.concat();
    let padding = body.len().next_multiple_of(4) - body.len();
    let length = ((body.len() + padding + 12) as u32).to_le_bytes();
    file.extend(kind.to_le_bytes());
    file.extend(length);
    file.extend(body);
    file.extend(&[0; 3][..padding]);
    file.extend(length);
}
