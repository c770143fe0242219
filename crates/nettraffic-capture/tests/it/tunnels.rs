//! Packets inside packets, and packets in fragments.

use nettraffic_capture::{
    DecodeConfig, Decoder, FirstHeader, IpProtocol, LinkType, Packet, PacketMeta, Skip, Timestamp,
    Transport, Tunnel, TunnelKind, Tunnels, decode,
};

use crate::frames::{ARP, IPV4, IPV6, TCP, UDP, check, ethernet, ip, tcp, udp, v4, v6};

const GRE: u8 = 47;

/// A UDP datagram of these ports.
fn datagram(source: u16, destination: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = source.to_be_bytes().to_vec();
    bytes.extend(destination.to_be_bytes());
    bytes.extend((payload.len() as u16 + 8).to_be_bytes());
    bytes.extend([0, 0]);
    bytes.extend(payload);
    bytes
}

fn over_udp(destination: u16, header: &[u8], inner: &[u8]) -> Vec<u8> {
    let payload = [header, inner].concat();
    v4(UDP, &[], &datagram(40_000, destination, &payload))
}

fn over_gre(header: &[u8], inner: &[u8]) -> Vec<u8> {
    v4(GRE, &[], &[header, inner].concat())
}

#[test]
fn each_kind_of_tunnel_is_opened_and_can_be_left_closed() {
    use TunnelKind as Kind;
    let packet = v4(TCP, &[], &tcp(20, b"inside"));
    let packet6 = v6(TCP, &tcp(20, b"inside"));
    let frame = ethernet(&[(0x8100, 9)], IPV4, &packet);
    let gtp_extended = [
        0x34, 255, 0, 60, 0, 0, 0, 1, 0, 0, 0, 0x85, 1, 0, 0, 0x85, 1, 0, 0, 0,
    ];
    let origin = [0, 0, 1, 2, 3, 4, 5, 6];
    let authenticated = [&[0, 1, 2, 1][..], &[7; 3], &[0; 9], &origin].concat();
    let erspan_3 = [&[0x20, 0, 0, 7][..], &[0; 7], &[1], &[0; 8]].concat();
    for (what, outer, expected) in [
        (
            "IP in IP",
            v4(4, &[], &packet),
            Tunnel::new(Kind::IpInIp, 0),
        ),
        ("IPv4 in IPv6", v6(4, &packet), Tunnel::new(Kind::IpInIp, 0)),
        (
            "IPv6 in IPv6",
            v6(41, &packet6),
            Tunnel::new(Kind::IpInIp, 0),
        ),
        (
            "6in4",
            v4(41, &[], &packet6),
            Tunnel::new(Kind::SixInFour, 0),
        ),
        (
            "GRE",
            over_gre(&[0, 0, 8, 0], &packet),
            Tunnel::new(Kind::Gre, 0),
        ),
        (
            "GRE with checksum, key and sequence",
            over_gre(
                &[0xb0, 0, 0x86, 0xdd, 9, 9, 0, 0, 0, 0, 1, 2, 0, 0, 0, 5],
                &packet6,
            ),
            Tunnel::new(Kind::Gre, 0x0102),
        ),
        (
            "frames in GRE",
            over_gre(&[0, 0, 0x65, 0x58], &frame),
            Tunnel::new(Kind::Gre, 0),
        ),
        (
            "PPTP",
            over_gre(
                &[
                    0x30, 0x81, 0x88, 0x0b, 0, 9, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0x21,
                ],
                &packet,
            ),
            Tunnel::new(Kind::Gre, 0),
        ),
        (
            "ERSPAN I",
            over_gre(&[0, 0, 0x88, 0xbe], &frame),
            Tunnel::new(Kind::Erspan, 0),
        ),
        (
            "ERSPAN II",
            over_gre(
                &[
                    0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 5, 0xfc, 7, 0, 0, 0, 0,
                ],
                &frame,
            ),
            Tunnel::new(Kind::Erspan, 7),
        ),
        (
            "ERSPAN III with a subheader",
            over_gre(
                &[&[0x10, 0, 0x22, 0xeb, 0, 0, 0, 1][..], &erspan_3].concat(),
                &frame,
            ),
            Tunnel::new(Kind::Erspan, 7),
        ),
        (
            "VXLAN",
            over_udp(4789, &[8, 0, 0, 0, 0, 1, 2, 0], &frame),
            Tunnel::new(Kind::Vxlan, 0x0102),
        ),
        (
            "VXLAN that names IPv6",
            over_udp(4790, &[0x0c, 0, 0, 2, 0, 0, 5, 0], &packet6),
            Tunnel::new(Kind::Vxlan, 5),
        ),
        (
            "Geneve with options",
            over_udp(6081, &[1, 0, 0x65, 0x58, 0, 0, 9, 0, 1, 2, 3, 4], &frame),
            Tunnel::new(Kind::Geneve, 9),
        ),
        (
            "GTP-U",
            over_udp(2152, &[0x30, 255, 0, 60, 0, 0, 0, 1], &packet6),
            Tunnel::new(Kind::GtpU, 0),
        ),
        (
            "GTP-U with extensions",
            over_udp(2152, &gtp_extended, &packet),
            Tunnel::new(Kind::GtpU, 0),
        ),
        (
            "Teredo",
            over_udp(3544, &[], &packet6),
            Tunnel::new(Kind::Teredo, 0),
        ),
        (
            "Teredo with all it may have",
            over_udp(3544, &authenticated, &packet6),
            Tunnel::new(Kind::Teredo, 0),
        ),
    ] {
        let meta = check(LinkType::RAW, &outer);
        assert_eq!(meta.ports(), Some((50_000, 443)), "{what}");
        assert_eq!(
            (meta.tunnel, meta.payload_len),
            (Some(expected), 6),
            "{what}"
        );
        assert_eq!(meta.wire_len as usize, outer.len(), "{what}");

        let closed = DecodeConfig::default().with_tunnels(Tunnels::ALL.without(expected.kind));
        let packet = Packet::new(Timestamp::default(), LinkType::RAW, &outer);
        let meta = Decoder::new(closed).decode(&packet);
        let found = meta.map(|meta| (meta.tunnel, meta.protocol == IpProtocol::TCP));
        assert_eq!(found, Ok((None, false)), "{what}, closed");
    }
}

#[test]
fn a_tunnel_that_holds_no_packet_is_a_packet_itself() {
    let packet = v4(TCP, &[], &tcp(20, b"inside"));
    let vxlan = [8, 0, 0, 0, 0, 1, 2, 0];
    for (what, outer) in [
        ("a keep-alive", over_gre(&[0, 0, 0, 0], b"")),
        ("source routes", over_gre(&[0x40, 0, 8, 0], &packet)),
        ("another version", over_gre(&[0, 2, 8, 0], &packet)),
        (
            "spanning tree",
            over_udp(4789, &vxlan, &ethernet(&[], 38, &[0x42; 38])),
        ),
        (
            "no network",
            over_udp(4789, &[0; 8], &ethernet(&[], IPV4, &packet)),
        ),
        (
            "damage",
            over_udp(4789, &vxlan, &ethernet(&[], IPV4, &[0x55; 40])),
        ),
        ("too short a header", over_udp(4789, &[8, 0, 0], b"")),
        (
            "an echo of GTP",
            over_udp(2152, &[0x32, 1, 0, 4, 0, 0, 0, 0, 0, 1, 0, 0], b""),
        ),
        (
            "an endless extension",
            over_udp(2152, &[0x34, 255, 0, 60, 0, 0, 0, 1, 0, 0, 0, 1, 0], b""),
        ),
        (
            "no IPv6",
            over_udp(
                3544,
                &[],
                b"just some words of more than forty bytes in all",
            ),
        ),
    ] {
        let meta = check(LinkType::RAW, &outer);
        assert_eq!((meta.tunnel, meta.source), (None, ip("10.1.2.3")), "{what}");
    }
}

#[test]
fn what_was_cut_inside_a_tunnel_is_the_tunnels_own_packet() {
    let inner = ethernet(&[], IPV4, &v4(TCP, &[], &tcp(20, b"inside")));
    let outer = over_udp(4789, &[8, 0, 0, 0, 0, 1, 2, 0], &inner);
    for (captured, inside, cut) in [
        (90, true, false),
        (89, true, true),
        (70, true, true),
        (69, false, true),
        (40, false, true),
        (30, false, true),
    ] {
        let mut packet = Packet::new(Timestamp::default(), LinkType::RAW, &outer[..captured]);
        packet.wire_len = outer.len() as u32;
        let found = decode(&packet).map(|meta| (meta.tunnel.is_some(), meta.cut));
        assert_eq!(found, Ok((inside, cut)), "{captured} bytes");
    }
}

#[test]
fn tunnels_are_opened_four_deep() {
    let mut packet = v4(UDP, &[], &udp(b"hello"));
    for depth in 1..=4_u8 {
        packet = v4(4, &[], &packet);
        let meta = check(LinkType::RAW, &packet);
        assert_eq!(meta.tunnel.map(|tunnel| tunnel.depth), Some(depth));
        assert_eq!(meta.ports(), Some((5_353, 53)));
    }
    packet = v4(4, &[], &packet);
    let deep = Packet::new(Timestamp::default(), LinkType::RAW, &packet);
    assert_eq!(decode(&deep), Err(Skip::TooManyTunnels));
    let closed = DecodeConfig::default().with_tunnels(Tunnels::NONE);
    let meta = Decoder::new(closed).decode(&deep);
    assert_eq!(meta.map(|meta| meta.protocol), Ok(IpProtocol(4)));

    let both = over_gre(
        &[0x20, 0, 8, 0, 0, 0, 0, 9],
        &v4(4, &[], &v4(UDP, &[], &udp(b""))),
    );
    let expected = Tunnel::new(TunnelKind::IpInIp, 9);
    let found = check(LinkType::RAW, &both).tunnel;
    assert_eq!(
        found.map(|tunnel| (tunnel.kind, tunnel.id)),
        Some((expected.kind, expected.id))
    );
}

#[test]
fn a_message_inside_a_tunnel_is_a_message() {
    let message = [
        &[0, 1, 8, 0, 6, 4, 0, 1][..],
        &[2; 6],
        &[10, 0, 0, 1],
        &[0; 6],
        &[10, 0, 0, 2],
    ]
    .concat();
    let frame = ethernet(&[], ARP, &message);
    let meta = check(
        LinkType::RAW,
        &over_udp(4789, &[8, 0, 0, 0, 0, 0, 7, 0], &frame),
    );
    assert!(matches!(meta.transport, Transport::Arp(arp) if arp.operation == 1));
    assert_eq!(
        (meta.tunnel, meta.source),
        (Some(Tunnel::new(TunnelKind::Vxlan, 7)), ip("10.0.0.1"))
    );
}

/// The packet split after `at` bytes of its payload, IPv4.
fn split(mut packet: Vec<u8>, at: usize) -> [Vec<u8>; 2] {
    packet[4..6].copy_from_slice(&[0x12, 0x34]);
    let mut later = [&packet[..20], &packet[20 + at..]].concat();
    packet.truncate(20 + at);
    for (fragment, offset) in [(&mut packet, 0x2000), (&mut later, (at / 8) as u16)] {
        let len = fragment.len() as u16;
        fragment[2..4].copy_from_slice(&len.to_be_bytes());
        fragment[6..8].copy_from_slice(&u16::to_be_bytes(offset));
    }
    [packet, later]
}

fn decode_all(packets: &[Vec<u8>]) -> (Vec<PacketMeta>, Decoder) {
    let mut decoder = Decoder::default();
    let metas = packets.iter().map(|bytes| {
        let packet = Packet::new(Timestamp::default(), LinkType::RAW, bytes);
        decoder.decode(&packet).expect("decodes")
    });
    (metas.collect(), decoder)
}

#[test]
fn later_fragments_have_the_ports_of_the_first() {
    let (metas, decoder) = decode_all(&split(v4(UDP, &[], &udp(&[7; 2_000])), 1_480));
    let payload: Vec<u32> = metas.iter().map(|meta| meta.payload_len).collect();
    assert_eq!(payload, [1_472, 528]);
    assert!(metas.iter().all(|meta| meta.ports() == Some((5_353, 53))));
    let fragments = decoder.counters().fragments;
    assert_eq!(
        (fragments.first, fragments.joined, fragments.orphaned),
        (1, 1, 0)
    );

    let first = [&[UDP, 0, 0, 1, 0, 0, 0, 9][..], &udp(&[7; 16])].concat();
    let later = [&[TCP, 0, 0, 24, 0, 0, 0, 9][..], &[7; 9]].concat();
    let (metas, _) = decode_all(&[v6(44, &first), v6(44, &later)]);
    assert!(metas.iter().all(|meta| meta.ports() == Some((5_353, 53))));
}

#[test]
fn a_first_fragment_too_small_for_its_header_hides_nothing() {
    let (metas, _) = decode_all(&split(v4(TCP, &[], &tcp(20, &[7; 20])), 8));
    let transports: Vec<_> = metas
        .iter()
        .map(|meta| (meta.transport, meta.cut))
        .collect();
    let expected = [
        (Transport::Cut, false),
        (Transport::LaterFragment(None), false),
    ];
    assert_eq!(transports, expected);
}

#[test]
fn a_first_fragment_without_all_its_headers_is_one() {
    // The extension header is in the second fragment.
    let first = [60, 0, 0, 1, 0, 0, 0, 9];
    let (metas, decoder) = decode_all(&[v6(44, &first)]);
    let found: Vec<_> = metas
        .iter()
        .map(|meta| (meta.transport, meta.cut))
        .collect();
    assert_eq!(found, [(Transport::Cut, false)]);
    let fragments = decoder.counters().fragments;
    assert_eq!((fragments.first, fragments.orphaned), (1, 0));
}

#[test]
fn later_fragments_have_the_protocol_of_the_first() {
    let options = [UDP, 0, 1, 4, 0, 0, 0, 0];
    let fragment = |offset_and_more: u8, payload: &[u8]| {
        let header = [60, 0, 0, offset_and_more, 0, 0, 0, 9];
        v6(44, &[&header, payload].concat())
    };
    let first = fragment(1, &[&options[..], &udp(&[7; 8])].concat());
    let (metas, _) = decode_all(&[first, fragment(24, &[7; 9])]);
    let found: Vec<_> = metas
        .iter()
        .map(|meta| (meta.protocol, meta.ports()))
        .collect();
    assert_eq!(found, [(IpProtocol::UDP, Some((5_353, 53))); 2]);
}

#[test]
fn the_same_identification_on_another_vlan_is_another_packet() {
    let mut decoder = Decoder::default();
    let [first, later] = split(v4(UDP, &[], &udp(&[7; 2_000])), 1_480);
    let mut ports = |vlan, packet: &[u8]| {
        let frame = ethernet(&[(0x8100, vlan)], IPV4, packet);
        let packet = Packet::new(Timestamp::default(), LinkType::ETHERNET, &frame);
        decoder.decode(&packet).map(|meta| meta.ports())
    };
    assert_eq!(ports(1, &first), Ok(Some((5_353, 53))));
    assert_eq!(ports(2, &later), Ok(None));
    assert_eq!(ports(1, &later), Ok(Some((5_353, 53))));
}

#[test]
fn what_only_looks_like_a_tunnel_leaves_no_mark() {
    // A later fragment that does not fit into the datagram around it.
    let mut inside = v4(UDP, &[], &[7; 20]);
    inside[3] = 200;
    inside[7] = 1;
    let frame = ethernet(&[], IPV4, &inside);
    let (metas, decoder) = decode_all(&[over_udp(4789, &[8, 0, 0, 0, 0, 0, 7, 0], &frame)]);
    assert!(metas.iter().all(|meta| meta.tunnel.is_none() && !meta.cut));
    assert_eq!(decoder.counters().fragments.orphaned, 0);

    let mut four = over_udp(3544, &[], b"words");
    for _ in 0..4 {
        four = v4(4, &[], &four);
    }
    let meta = check(LinkType::RAW, &four);
    assert_eq!(
        (meta.tunnel.map(|tunnel| tunnel.depth), meta.ports()),
        (Some(4), Some((40_000, 3_544)))
    );
    let keep_alive = check(LinkType::RAW, &over_udp(4789, &[0; 4], &[]));
    assert!(!keep_alive.cut, "nothing of it is missing");
}

#[test]
fn fragments_of_a_tunnels_packet_belong_to_the_packet_inside() {
    let inner = ethernet(&[], IPV6, &v6(TCP, &tcp(20, &[7; 2_000])));
    let outer = over_udp(4789, &[8, 0, 0, 0, 0, 0, 7, 0], &inner);
    let (metas, _) = decode_all(&split(outer, 1_480));
    let [first, later] = &metas[..] else {
        panic!("two packets");
    };
    assert_eq!(
        (first.ports(), first.payload_len),
        (Some((50_000, 443)), 2_000)
    );
    assert_eq!(
        later.transport,
        Transport::LaterFragment(Some(FirstHeader::Tunnel))
    );
    assert_eq!(later.tunnel, None);
}

#[test]
fn nesting_without_end_takes_no_longer_than_its_bytes() {
    let mut packet = v4(UDP, &[], &udp(b""));
    for _ in 0..3_000 {
        packet = v4(4, &[], &packet);
    }
    let packet = Packet::new(Timestamp::default(), LinkType::RAW, &packet);
    let begin = std::time::Instant::now();
    for _ in 0..40_000 {
        assert_eq!(decode(&packet), Err(Skip::TooManyTunnels));
    }
    assert!(begin.elapsed().as_secs() < 2, "{:?}", begin.elapsed());
}
