//! Packets made by hand.

use std::net::IpAddr;

use nettraffic_capture::{LinkType, Packet, PacketMeta, Timestamp, decode};

pub(crate) const IPV4: u16 = 0x0800;
pub(crate) const IPV6: u16 = 0x86dd;
pub(crate) const ARP: u16 = 0x0806;
pub(crate) const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;

/// Decodes a packet that can be decoded, and checks what holds for all of them.
pub(crate) fn check(link_type: LinkType, data: &[u8]) -> PacketMeta {
    let packet = Packet::new(Timestamp::from_nanos(17), link_type, data);
    let meta = decode(&packet).unwrap_or_else(|skip| panic!("{skip}: {data:02x?}"));
    assert_eq!(meta.timestamp, packet.timestamp);
    assert_eq!(meta.header_len + meta.payload_len, meta.ip_len());
    meta
}

/// Of the IP packet, its headers, its payload.
pub(crate) fn lengths(meta: &PacketMeta) -> (u32, u32, u32) {
    (meta.ip_len(), meta.header_len, meta.payload_len)
}

pub(crate) fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// An Ethernet frame with tags (protocol and control).
pub(crate) fn ethernet(tags: &[(u16, u16)], ether_type: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x02; 12];
    for (protocol, control) in tags {
        frame.extend(protocol.to_be_bytes());
        frame.extend(control.to_be_bytes());
    }
    frame.extend(ether_type.to_be_bytes());
    frame.extend(payload);
    frame
}

pub(crate) fn v4(protocol: u8, options: &[u8], payload: &[u8]) -> Vec<u8> {
    let header_len = 20 + options.len();
    let mut packet = vec![0x40 | (header_len / 4) as u8, 0];
    packet.extend(((header_len + payload.len()) as u16).to_be_bytes());
    packet.extend([0, 0, 0, 0, 61, protocol, 0, 0]);
    packet.extend([10, 1, 2, 3, 192, 168, 4, 5]);
    packet.extend(options);
    packet.extend(payload);
    packet
}

pub(crate) fn v6(next_header: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend((payload.len() as u16).to_be_bytes());
    packet.extend([next_header, 61]);
    packet.extend([0x20; 16]);
    packet.extend([0x30; 16]);
    packet.extend(payload);
    packet
}

pub(crate) fn tcp(header_len: usize, payload: &[u8]) -> Vec<u8> {
    let mut segment = vec![0xc3, 0x50, 0x01, 0xbb, 1, 2, 3, 4, 5, 6, 7, 8];
    segment.extend([((header_len / 4) << 4) as u8, 0x18, 0x20, 0, 0, 0, 0, 0]);
    segment.resize(header_len, 1);
    segment.extend(payload);
    segment
}

pub(crate) fn udp(payload: &[u8]) -> Vec<u8> {
    let mut datagram = vec![0x14, 0xe9, 0, 53];
    datagram.extend((payload.len() as u16 + 8).to_be_bytes());
    datagram.extend([0, 0]);
    datagram.extend(payload);
    datagram
}
