//! Transport headers, and what is computed of them on request.

use nettraffic_capture::{
    Checksums, DecodeConfig, Decoder, IcmpAbout, IcmpHeader, IpProtocol, LinkType, Packet,
    QuotedPacket, SctpHeader, Timestamp, Transport, decode,
};

use crate::frames::{IPV4, TCP, UDP, check, ethernet, ip, lengths, tcp, udp, v4, v6};

#[test]
fn icmp_queries_carry_their_identifier() {
    for (protocol, header, identifier) in [
        (1, [8, 0, 0, 0, 0x12, 0x34, 0, 1], Some(0x1234)),
        (1, [0, 0, 0, 0, 0x12, 0x34, 0, 1], Some(0x1234)),
        (1, [3, 1, 0, 0, 0x12, 0x34, 0, 1], None),
        (58, [129, 0, 0, 0, 0x12, 0x34, 0, 1], Some(0x1234)),
        (58, [135, 0, 0, 0, 0x12, 0x34, 0, 1], None),
    ] {
        let meta = check(LinkType::RAW, &v4(protocol, &[], &header));
        let [kind, code, ..] = header;
        let expected = IcmpHeader {
            kind,
            code,
            about: identifier.map_or(IcmpAbout::Itself, IcmpAbout::Query),
        };
        assert_eq!(meta.transport, Transport::Icmp(expected));
    }
}

#[test]
fn other_protocols_go_by_their_number() {
    let meta = check(LinkType::RAW, &v4(47, &[], b"tunnel"));
    assert_eq!(
        (meta.protocol, meta.transport),
        (IpProtocol(47), Transport::Other)
    );
    assert_eq!(lengths(&meta), (26, 20, 6));
}

#[test]
fn sctp_has_ports_and_a_tag() {
    let common = [0x0b, 0x59, 0x0b, 0x5a, 1, 2, 3, 4, 0, 0, 0, 0, 1, 0, 0, 20];
    let meta = check(LinkType::RAW, &v4(132, &[], &common));
    let expected = SctpHeader {
        source_port: 2_905,
        destination_port: 2_906,
        verification_tag: 0x0102_0304,
    };
    assert_eq!(meta.transport, Transport::Sctp(expected));
    assert_eq!(lengths(&meta), (36, 32, 4));
}

#[test]
fn icmp_errors_tell_what_they_are_about() {
    let sent = v4(UDP, &[], &udp(b"hello"));
    let sent6 = v6(
        0,
        &[&[TCP, 0, 1, 4, 0, 0, 0, 0][..], &tcp(20, b"")].concat(),
    );
    let mut fragment = sent.clone();
    fragment[7] = 1;
    let about = |protocol, source: &str, destination: &str, ports: (u16, u16)| QuotedPacket {
        source: ip(source),
        destination: ip(destination),
        protocol: IpProtocol(protocol),
        source_port: ports.0,
        destination_port: ports.1,
    };
    let (here, there) = ("10.1.2.3", "192.168.4.5");
    let (here6, there6) = (
        "2020:2020:2020:2020:2020:2020:2020:2020",
        "3030:3030:3030:3030:3030:3030:3030:3030",
    );
    for (protocol, kind, quote, expected) in [
        (1, 3, &sent[..], Some(about(UDP, here, there, (5_353, 53)))),
        (
            1,
            11,
            &sent[..24],
            Some(about(UDP, here, there, (5_353, 53))),
        ),
        (1, 11, &sent[..23], Some(about(UDP, here, there, (0, 0)))),
        (1, 12, &sent[..19], None),
        (1, 3, &fragment, Some(about(UDP, here, there, (0, 0)))),
        (1, 5, &sent, Some(about(UDP, here, there, (5_353, 53)))),
        (1, 9, &sent, None),
        (
            58,
            1,
            &sent6,
            Some(about(TCP, here6, there6, (50_000, 443))),
        ),
        (58, 2, &sent, None),
    ] {
        let message = [&[kind, 0, 0, 0, 0, 0, 0, 0][..], quote].concat();
        let meta = check(LinkType::RAW, &v4(protocol, &[], &message));
        let Transport::Icmp(header) = meta.transport else {
            panic!("{:?}", meta.transport);
        };
        assert_eq!(header.quoted().copied(), expected, "{protocol} {kind}");
        assert_eq!(header.identifier(), None);
    }
}

#[test]
fn checksums_are_checked_on_request() {
    let sound = |network: &[u8]| {
        let mut frame = network.to_vec();
        let header = sum(&frame[..20]);
        frame[10..12].copy_from_slice(&header.to_be_bytes());
        let len = frame.len() - 20;
        let pseudo = [&frame[12..20], &[0, frame[9], (len >> 8) as u8, len as u8]].concat();
        let transport = sum(&[&pseudo, &frame[20..]].concat());
        let at = if frame[9] == TCP { 36 } else { 26 };
        frame[at..at + 2].copy_from_slice(&transport.to_be_bytes());
        frame
    };
    let with = |mut packet: Vec<u8>, at: usize, bit: u8| {
        packet[at] ^= bit;
        packet
    };
    let segment = sound(&v4(TCP, &[], &tcp(24, b"odd")));
    let datagram = sound(&v4(UDP, &[], &udp(b"hello")));
    let mut unchecked = datagram.clone();
    unchecked[26..28].fill(0);
    let mut cut = Packet::new(Timestamp::default(), LinkType::RAW, &segment[..45]);
    cut.wire_len = segment.len() as u32;
    let mut decoder = Decoder::new(DecodeConfig::default().with_checksums());
    assert_eq!(
        decoder.decode(&cut).map(|meta| meta.checksums),
        Ok(Checksums::Unchecked)
    );
    for (packet, expected) in [
        (segment.clone(), Checksums::Right),
        (datagram.clone(), Checksums::Right),
        (unchecked, Checksums::Unchecked),
        (with(segment.clone(), 8, 1), Checksums::WrongNetwork),
        (with(segment.clone(), 46, 1), Checksums::WrongTransport),
        (with(datagram, 30, 4), Checksums::WrongTransport),
    ] {
        let packet = Packet::new(Timestamp::default(), LinkType::RAW, &packet);
        assert_eq!(
            decoder.decode(&packet).map(|meta| meta.checksums),
            Ok(expected)
        );
        assert_eq!(
            decode(&packet).map(|meta| meta.checksums),
            Ok(Checksums::Unchecked)
        );
    }
    // A source route: the checksum covers the last destination, not this one.
    let routed = v4(TCP, &[131, 7, 4, 10, 9, 9, 9, 0], &tcp(24, b"odd"));
    let routed6 = [&[TCP, 2, 0, 1, 0, 0, 0, 0][..], &[9; 16], &tcp(24, b"odd")].concat();
    let mut routed_soundly = routed.clone();
    routed_soundly[10..12].copy_from_slice(&sum(&routed[..28]).to_be_bytes());
    for packet in [routed_soundly, v6(43, &routed6)] {
        let packet = Packet::new(Timestamp::default(), LinkType::RAW, &packet);
        let found = decoder.decode(&packet).map(|meta| meta.checksums);
        assert_eq!(found, Ok(Checksums::Unchecked));
    }
    let counters = decoder.counters();
    assert_eq!(counters.wrong_network_checksums(), 1);
    assert_eq!(counters.wrong_transport_checksums(), 2);
}

#[test]
fn the_entropy_of_a_payload_is_computed_on_request() {
    let mut frame = ethernet(&[], IPV4, &v4(UDP, &[], &udp(b"abcdefgh")));
    frame.resize(60, 0xff);
    let packet = Packet::new(Timestamp::default(), LinkType::ETHERNET, &frame);
    let mut decoder = Decoder::new(DecodeConfig::default().with_payload_entropy());
    let entropy = decoder
        .decode(&packet)
        .map(|meta| meta.payload_entropy.map(|e| e.bits()));
    assert_eq!(entropy, Ok(Some(3.0)), "padding is no payload");
    assert_eq!(decode(&packet).map(|meta| meta.payload_entropy), Ok(None));
}

/// The checksum of these bytes, in which its own place holds 0.
fn sum(bytes: &[u8]) -> u16 {
    let words = bytes
        .chunks(2)
        .map(|word| u32::from(word[0]) << 8 | u32::from(word.get(1).copied().unwrap_or(0)));
    let sum: u32 = words.sum();
    let sum = (sum & 0xffff) + (sum >> 16);
    !(((sum & 0xffff) + (sum >> 16)) as u16)
}
