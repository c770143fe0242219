//! Frames made by hand, innermost part first: `ethernet(IPV4, &v4(UDP, 1, 2, &udp(…)))`.

pub(crate) const IPV4: u16 = 0x0800;
pub(crate) const IPV6: u16 = 0x86dd;
pub(crate) const ICMP: u8 = 1;
pub(crate) const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;
pub(crate) const GRE: u8 = 47;

pub(crate) const FIN: u8 = 1;
pub(crate) const SYN: u8 = 2;
pub(crate) const RST: u8 = 4;
pub(crate) const ACK: u8 = 16;

/// A frame without padding.
pub(crate) fn ethernet(ether_type: u16, packet: &[u8]) -> Vec<u8> {
    tagged(&[], ether_type, packet)
}

/// A frame with tags: protocol and VLAN.
pub(crate) fn tagged(tags: &[(u16, u16)], ether_type: u16, packet: &[u8]) -> Vec<u8> {
    let mut frame = vec![2; 12];
    for (protocol, vlan) in tags {
        frame.extend(protocol.to_be_bytes());
        frame.extend(vlan.to_be_bytes());
    }
    frame.extend(ether_type.to_be_bytes());
    frame.extend(packet);
    frame
}

/// The frame with bytes that are not 0 behind it, up to this length.
pub(crate) fn padded(mut frame: Vec<u8>, len: usize) -> Vec<u8> {
    frame.resize(len.max(frame.len()), 0xee);
    frame
}

/// From 10.0.0.`source` to 10.0.0.`destination`.
pub(crate) fn v4(protocol: u8, source: u8, destination: u8, payload: &[u8]) -> Vec<u8> {
    v4_fragment(protocol, source, destination, (0, false), payload)
}

/// A part of a packet of identification 7, which begins at a multiple of eight bytes; whether more follow.
pub(crate) fn v4_fragment(
    protocol: u8,
    source: u8,
    destination: u8,
    (begins, more): (u16, bool),
    payload: &[u8],
) -> Vec<u8> {
    let place = (u16::from(more) << 13) | (begins / 8);
    let mut packet = vec![0x45, 0];
    packet.extend((20 + payload.len() as u16).to_be_bytes());
    packet.extend([0, 7]);
    packet.extend(place.to_be_bytes());
    packet.extend([64, protocol, 0, 0]);
    packet.extend([10, 0, 0, source, 10, 0, 0, destination]);
    packet.extend(payload);
    packet
}

/// From fd00::`source` to fd00::`destination`.
pub(crate) fn v6(next_header: u8, source: u8, destination: u8, payload: &[u8]) -> Vec<u8> {
    let address = |last| [&[0xfd][..], &[0; 14], &[last]].concat();
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend((payload.len() as u16).to_be_bytes());
    packet.extend([next_header, 64]);
    packet.extend(address(source));
    packet.extend(address(destination));
    packet.extend(payload);
    packet
}

/// An extension header of IPv6 of eight bytes, the options in it padding, and what follows it.
pub(crate) fn v6_options(next_header: u8, rest: &[u8]) -> Vec<u8> {
    [&[next_header, 0, 1, 4, 0, 0, 0, 0], rest].concat()
}

/// The fragment header of IPv6, as [`v4_fragment`] has it in the packet's own.
pub(crate) fn v6_fragment(next_header: u8, (begins, more): (u16, bool), rest: &[u8]) -> Vec<u8> {
    let place = begins | u16::from(more);
    [
        &[next_header, 0],
        &place.to_be_bytes()[..],
        &[0, 0, 0, 7],
        rest,
    ]
    .concat()
}

pub(crate) fn udp(source: u16, destination: u16, payload: &[u8]) -> Vec<u8> {
    let mut datagram = ports(source, destination);
    datagram.extend((8 + payload.len() as u16).to_be_bytes());
    datagram.extend([0, 0]);
    datagram.extend(payload);
    datagram
}

/// Flags, then the sequence and the acknowledgement number.
pub(crate) fn tcp(
    source: u16,
    destination: u16,
    (flags, sequence, acknowledgement): (u8, u32, u32),
    payload: &[u8],
) -> Vec<u8> {
    let mut segment = ports(source, destination);
    segment.extend(sequence.to_be_bytes());
    segment.extend(acknowledgement.to_be_bytes());
    segment.extend([5 << 4, flags, 0x20, 0, 0, 0, 0, 0]);
    segment.extend(payload);
    segment
}

/// An echo request (8) or reply (0).
pub(crate) fn echo(kind: u8, identifier: u16, sequence: u16) -> Vec<u8> {
    let mut message = vec![kind, 0, 0, 0];
    message.extend(identifier.to_be_bytes());
    message.extend(sequence.to_be_bytes());
    message.extend([0x55; 32]);
    message
}

/// An error about a packet of IPv4: its header and the eight bytes behind it are quoted.
pub(crate) fn icmp_error(kind: u8, code: u8, about: &[u8]) -> Vec<u8> {
    let quote = about.get(..28).unwrap_or(about);
    [&[kind, code, 0, 0, 0, 0, 0, 0], quote].concat()
}

/// A packet of IPv4 behind the least GRE header.
pub(crate) fn gre(packet: &[u8]) -> Vec<u8> {
    [&[0, 0, 8, 0], packet].concat()
}

/// A frame in VXLAN network 42, in UDP.
pub(crate) fn vxlan(frame: &[u8]) -> Vec<u8> {
    udp(50_000, 4789, &[&[8, 0, 0, 0, 0, 0, 42, 0], frame].concat())
}

fn ports(source: u16, destination: u16) -> Vec<u8> {
    [source.to_be_bytes(), destination.to_be_bytes()].concat()
}
