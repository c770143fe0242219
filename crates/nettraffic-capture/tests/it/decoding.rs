//! From bytes to the facts of a packet.

use nettraffic_capture::{
    ArpHeader, IpProtocol, LinkType, MacAddress, Packet, Skip, TcpFlags, TcpHeader, Timestamp,
    Transport, decode,
};

use crate::frames::{ARP, IPV4, IPV6, TCP, UDP, check, ethernet, ip, lengths, tcp, udp, v4, v6};

#[test]
fn a_tcp_segment_becomes_its_facts() {
    let frame = ethernet(&[], IPV4, &v4(TCP, &[], &tcp(24, b"payload")));
    let meta = check(LinkType::ETHERNET, &frame);
    assert_eq!(meta.source, ip("10.1.2.3"));
    assert_eq!(meta.destination, ip("192.168.4.5"));
    assert_eq!((meta.protocol, meta.ttl), (IpProtocol::TCP, 61));
    assert_eq!(
        meta.transport,
        Transport::Tcp(TcpHeader {
            source_port: 50_000,
            destination_port: 443,
            sequence: 0x0102_0304,
            acknowledgement: 0x0506_0708,
            window: 8_192,
            flags: TcpFlags::ACK.union(TcpFlags::PSH),
            header_len: 24,
            ..TcpHeader::default()
        })
    );
    assert_eq!(lengths(&meta), (51, 44, 7));
    assert_eq!(meta.transport_header_len(), 24);
    assert_eq!((meta.wire_len, meta.vlan, meta.cut), (65, None, false));
}

#[test]
fn link_layers_lead_to_the_same_packet() {
    let packet = v4(UDP, &[], &udp(b"hello"));
    let packet6 = v6(UDP, &udp(b"hello"));
    let with = |header: &[u8], packet: &[u8]| [header, packet].concat();
    let sll = |protocol: u16| {
        let mut header = vec![0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0];
        header.extend(protocol.to_be_bytes());
        header
    };
    let sll2 = |protocol: u16| {
        let mut header = protocol.to_be_bytes().to_vec();
        header.extend([0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0]);
        header
    };
    let snap = [&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0][..], &packet].concat();
    let cases: Vec<(LinkType, Vec<u8>, Option<u16>)> = vec![
        (LinkType::ETHERNET, ethernet(&[], IPV4, &packet), None),
        (LinkType::ETHERNET, ethernet(&[], IPV6, &packet6), None),
        (
            LinkType::ETHERNET,
            ethernet(&[(0x8100, 0x6007)], IPV4, &packet),
            Some(7),
        ),
        (
            LinkType::ETHERNET,
            ethernet(&[(0x88a8, 100), (0x8100, 7)], IPV6, &packet6),
            Some(100),
        ),
        (
            LinkType::ETHERNET,
            ethernet(&[(0x9100, 5), (0x8100, 6), (0x8100, 7)], IPV4, &packet),
            Some(5),
        ),
        (
            LinkType::ETHERNET,
            ethernet(&[], snap.len() as u16, &snap),
            None,
        ),
        (LinkType::LINUX_SLL, with(&sll(IPV4), &packet), None),
        (LinkType::LINUX_SLL, with(&sll(IPV6), &packet6), None),
        (
            LinkType::LINUX_SLL,
            with(&sll(0x8100), &with(&[0, 9, 8, 0], &packet)),
            Some(9),
        ),
        (LinkType::LINUX_SLL2, with(&sll2(IPV4), &packet), None),
        (LinkType::LINUX_SLL2, with(&sll2(IPV6), &packet6), None),
        (LinkType::RAW, packet.clone(), None),
        (LinkType::RAW, packet6.clone(), None),
        (LinkType::RAW_BSD, packet.clone(), None),
        (LinkType::RAW_OPENBSD, packet6.clone(), None),
        (LinkType::IPV4, packet.clone(), None),
        (LinkType::IPV6, packet6.clone(), None),
        (LinkType::NULL, with(&[2, 0, 0, 0], &packet), None),
        (LinkType::NULL, with(&[0, 0, 0, 2], &packet), None),
        (LinkType::NULL, with(&[30, 0, 0, 0], &packet6), None),
        (LinkType::LOOP, with(&[0, 0, 0, 24], &packet6), None),
    ];
    for (link_type, data, vlan) in cases {
        let meta = check(link_type, &data);
        assert_eq!(meta.ports(), Some((5_353, 53)), "{link_type:?}");
        assert_eq!(meta.payload_len, 5, "{link_type:?}");
        assert_eq!(meta.vlan, vlan, "{link_type:?}");
    }
}

#[test]
fn ethernet_padding_is_no_payload() {
    let mut frame = ethernet(&[], IPV4, &v4(TCP, &[], &tcp(20, b"")));
    frame.resize(60, 0xff);
    assert_eq!(lengths(&check(LinkType::ETHERNET, &frame)), (40, 40, 0));
}

#[test]
fn options_and_extension_headers_count_as_header() {
    let v4_with_options = v4(UDP, &[1; 12], &udp(b"abc"));
    let extensions = [
        &[60, 0, 1, 4, 0, 0, 0, 0][..],                      // hop-by-hop
        &[43, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], // destination options
        &[51, 0, 0, 0, 0, 0, 0, 0],                          // routing
        &[44, 1, 0, 0, 0, 0, 0, 9, 0, 0, 0, 9],              // authentication
        &[135, 0, 0, 1, 0, 0, 0, 7],                         // fragment, first of several
        &[UDP, 0, 1, 0, 0, 0, 0, 0],                         // mobility
        &udp(b"abc"),
    ]
    .concat();
    for (packet, lengths_expected) in [
        (v4_with_options, (43, 40, 3)),
        (v6(0, &extensions), (111, 108, 3)),
    ] {
        let meta = check(LinkType::RAW, &packet);
        assert_eq!(meta.protocol, IpProtocol::UDP);
        assert_eq!(meta.ports(), Some((5_353, 53)));
        assert_eq!(lengths(&meta), lengths_expected);
    }
}

#[test]
fn later_fragments_have_no_transport_header() {
    let mut packet = v4(UDP, &[], b"not a header");
    packet[7] = 1;
    let fragment6 = [&[UDP, 0, 0, 8, 0, 0, 0, 1][..], &[0; 9]].concat();
    for (packet, lengths_expected) in [(packet, (32, 20, 12)), (v6(44, &fragment6), (57, 48, 9))] {
        let meta = check(LinkType::RAW, &packet);
        assert_eq!(meta.transport, Transport::LaterFragment(None));
        assert_eq!(meta.protocol, IpProtocol::UDP);
        assert_eq!(lengths(&meta), lengths_expected);
    }
}

#[test]
fn a_length_of_zero_means_the_rest_of_the_wire() {
    let mut offloaded = v4(TCP, &[], &tcp(20, &[7; 100]));
    offloaded[2..4].fill(0);
    let mut jumbo = v6(TCP, &tcp(20, &[7; 100]));
    jumbo[4..6].fill(0);
    for (frame, header_len) in [
        (ethernet(&[], IPV4, &offloaded), 40),
        (ethernet(&[], IPV6, &jumbo), 60),
    ] {
        let mut packet = Packet::new(Timestamp::default(), LinkType::ETHERNET, &frame[..100]);
        packet.wire_len = 90_014;
        let meta = decode(&packet).expect("decodes");
        assert_eq!(lengths(&meta), (90_000, header_len, 90_000 - header_len));
    }
    // IPv6 may also really be empty.
    let meta = check(LinkType::IPV6, &v6(59, b""));
    assert_eq!(lengths(&meta), (40, 40, 0));
}

#[test]
fn snapped_packets_are_decoded_to_the_last_whole_layer() {
    let tcp_frame = ethernet(&[(0x8100, 3)], IPV4, &v4(TCP, &[], &tcp(32, &[0; 100])));
    let udp_frame = ethernet(&[(0x8100, 3)], IPV6, &v6(UDP, &udp(&[0; 100])));
    let whole_tcp = check(LinkType::ETHERNET, &tcp_frame);
    let whole_udp = check(LinkType::ETHERNET, &udp_frame);
    for (frame, whole, captured, expected) in [
        (
            &tcp_frame,
            whole_tcp,
            80,
            Ok((whole_tcp.transport, false, whole_tcp.header_len)),
        ),
        (
            &tcp_frame,
            whole_tcp,
            69,
            Ok((whole_tcp.transport, true, whole_tcp.header_len)),
        ),
        (
            &tcp_frame,
            whole_tcp,
            58,
            Ok((whole_tcp.transport, true, whole_tcp.header_len)),
        ),
        (
            &tcp_frame,
            whole_tcp,
            57,
            Ok((Transport::Cut, true, whole_tcp.header_len)),
        ),
        (&tcp_frame, whole_tcp, 40, Ok((Transport::Cut, true, 40))),
        (&tcp_frame, whole_tcp, 38, Ok((Transport::Cut, true, 40))),
        (&tcp_frame, whole_tcp, 37, Err(Skip::IpHeaderCut)),
        (&tcp_frame, whole_tcp, 17, Err(Skip::LinkHeaderCut)),
        (&tcp_frame, whole_tcp, 13, Err(Skip::LinkHeaderCut)),
        (
            &udp_frame,
            whole_udp,
            66,
            Ok((whole_udp.transport, false, whole_udp.header_len)),
        ),
        (
            &udp_frame,
            whole_udp,
            65,
            Ok((Transport::Cut, true, whole_udp.header_len)),
        ),
        (&udp_frame, whole_udp, 57, Err(Skip::IpHeaderCut)),
    ] {
        let mut packet = Packet::new(Timestamp::default(), LinkType::ETHERNET, &frame[..captured]);
        packet.wire_len = frame.len() as u32;
        let found = decode(&packet).map(|meta| {
            assert_eq!(meta.ip_len(), whole.ip_len(), "{captured} bytes captured");
            (meta.transport, meta.cut, meta.header_len)
        });
        assert_eq!(found, expected, "{captured} bytes captured");
    }
}

#[test]
fn what_is_not_decoded_has_a_reason() {
    let version = |nibble: u8| {
        let mut packet = v4(UDP, &[], &udp(b""));
        packet[0] = nibble << 4 | 5;
        packet
    };
    let mut short_total = v4(UDP, &[], &udp(b""));
    short_total[3] = 19;
    let mut short_header = v4(UDP, &[], &udp(b""));
    short_header[0] = 0x44;
    let mut long_offset = tcp(20, b"");
    long_offset[12] = 0xf0;
    let mut small_offset = tcp(20, b"");
    small_offset[12] = 0x40;
    // An extension header that goes on into what follows the packet.
    let mut padded = v6(0, &[UDP, 9, 0, 0, 0, 0, 0, 0]);
    padded.extend([0; 200]);
    let netlink_sll = [
        &[0, 4, 3, 56][..],
        &[0; 10],
        &[8, 0],
        &v4(UDP, &[], &udp(b"")),
    ]
    .concat();
    for (link_type, data, expected) in [
        (LinkType(147), b"private".to_vec(), Skip::LinkType),
        (
            LinkType::ETHERNET,
            ethernet(&[], ARP, &[0, 1, 0x86, 0xdd, 6, 16, 0, 1]),
            Skip::NotIp,
        ),
        (
            LinkType::ETHERNET,
            ethernet(&[(0x8100, 1)], ARP, &[0, 1, 8, 0, 6, 4, 0, 1, 9]),
            Skip::IpHeaderCut,
        ),
        (
            LinkType::ETHERNET,
            ethernet(&[], 0x88e5, &[0; 40]),
            Skip::Encrypted,
        ),
        (LinkType::IEEE_802_15_4, vec![0x61, 0x88], Skip::NotIp),
        (
            LinkType::ETHERNET,
            ethernet(&[], 0x88cc, b"lldp"),
            Skip::NotIp,
        ),
        (
            LinkType::ETHERNET,
            ethernet(&[], 38, &[0x42; 38]),
            Skip::NotIp,
        ),
        (LinkType::LINUX_SLL, netlink_sll, Skip::NotIp),
        (LinkType::NULL, vec![7, 0, 0, 0, 0x45], Skip::NotIp),
        (LinkType::NULL, vec![2, 0], Skip::LinkHeaderCut),
        (LinkType::RAW, vec![], Skip::IpHeaderCut),
        (LinkType::RAW, version(5), Skip::BadIpHeader),
        (LinkType::IPV4, version(6), Skip::BadIpHeader),
        (
            LinkType::ETHERNET,
            ethernet(&[], IPV6, &version(4)),
            Skip::IpHeaderCut,
        ),
        (LinkType::IPV4, short_total, Skip::BadIpHeader),
        (LinkType::IPV4, short_header, Skip::BadIpHeader),
        (LinkType::IPV6, padded, Skip::BadIpHeader),
        (
            LinkType::IPV6,
            v6(0, &[UDP, 9, 0, 0, 0, 0, 0, 0]),
            Skip::BadIpHeader,
        ),
        (
            LinkType::IPV4,
            v4(UDP, &[], b"abc"),
            Skip::BadTransportHeader,
        ),
        (
            LinkType::IPV4,
            v4(TCP, &[], &long_offset),
            Skip::BadTransportHeader,
        ),
        (
            LinkType::IPV4,
            v4(TCP, &[], &small_offset),
            Skip::BadTransportHeader,
        ),
    ] {
        let packet = Packet::new(Timestamp::default(), link_type, &data);
        assert_eq!(decode(&packet), Err(expected), "{link_type:?} {data:02x?}");
    }
}

#[test]
fn no_more_than_sixteen_headers_are_passed() {
    let packet = v4(UDP, &[], &udp(b""));
    // The Ethernet header and that of IP count too, the transport header last.
    for (tags, expected) in [(13, Ok(())), (14, Err(Skip::TooManyLayers))] {
        let frame = ethernet(&[(0x8100, 1)].repeat(tags), IPV4, &packet);
        let packet = Packet::new(Timestamp::default(), LinkType::ETHERNET, &frame);
        assert_eq!(decode(&packet).map(|_| ()), expected, "{tags} tags");
    }
    let mut chain = [60, 0, 0, 0, 0, 0, 0, 0].repeat(8_000);
    let last = chain.len() - 8;
    chain[last] = UDP;
    chain.extend(udp(b""));
    let chain = v6(60, &chain);
    let packet = Packet::new(Timestamp::default(), LinkType::IPV6, &chain);
    assert_eq!(decode(&packet), Err(Skip::TooManyLayers));
}

#[test]
fn arp_is_a_kind_of_its_own() {
    let message = [
        &[0, 1, 8, 0, 6, 4, 0, 2][..],
        &[1, 2, 3, 4, 5, 6, 10, 0, 0, 1],
        &[7, 8, 9, 10, 11, 12, 10, 0, 0, 2],
    ]
    .concat();
    let mut frame = ethernet(&[(0x8100, 5)], ARP, &message);
    frame.resize(64, 0);
    let meta = check(LinkType::ETHERNET, &frame);
    assert_eq!(
        (meta.source, meta.destination),
        (ip("10.0.0.1"), ip("10.0.0.2"))
    );
    let expected = ArpHeader {
        operation: 2,
        sender: Some(MacAddress([1, 2, 3, 4, 5, 6])),
        target: Some(MacAddress([7, 8, 9, 10, 11, 12])),
    };
    assert_eq!(meta.transport, Transport::Arp(expected));
    assert_eq!((meta.protocol, meta.vlan), (IpProtocol::NONE, Some(5)));
    assert_eq!((meta.wire_len, lengths(&meta)), (64, (0, 0, 0)));
    assert_eq!(
        expected.sender.map(|mac| mac.to_string()).as_deref(),
        Some("01:02:03:04:05:06")
    );
}
