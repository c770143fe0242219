//! From bytes to the facts of a packet.

use std::net::IpAddr;

use nettraffic_capture::{
    IcmpHeader, IpProtocol, LinkType, Packet, PacketMeta, Skip, TcpFlags, TcpHeader, Timestamp,
    Transport, decode,
};

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
const TCP: u8 = 6;
const UDP: u8 = 17;

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
        })
    );
    assert_eq!(lengths(&meta), (51, 44, 7));
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
        assert_eq!(meta.transport, Transport::LaterFragment);
        assert_eq!(meta.protocol, IpProtocol::UDP);
        assert_eq!(lengths(&meta), lengths_expected);
    }
}

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
            identifier,
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
            assert_eq!(meta.ip_len, whole.ip_len, "{captured} bytes captured");
            assert_eq!(meta.header_len + meta.payload_len, meta.ip_len);
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
            ethernet(&[], 0x0806, &[0; 28]),
            Skip::Arp,
        ),
        (
            LinkType::ETHERNET,
            ethernet(&[(0x8100, 1)], 0x0806, &[0; 28]),
            Skip::Arp,
        ),
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
fn tags_and_extension_headers_without_end_are_walked_once() {
    let tags = [(0x8100, 1); 10_000];
    let meta = check(
        LinkType::ETHERNET,
        &ethernet(&tags, IPV4, &v4(UDP, &[], &udp(b""))),
    );
    assert_eq!(meta.vlan, Some(1));
    let mut chain = [60, 0, 0, 0, 0, 0, 0, 0].repeat(8_000);
    let last = chain.len() - 8;
    chain[last] = UDP;
    chain.extend(udp(b""));
    let meta = check(LinkType::IPV6, &v6(60, &chain));
    assert_eq!(meta.ports(), Some((5_353, 53)));
}

fn check(link_type: LinkType, data: &[u8]) -> PacketMeta {
    let packet = Packet::new(Timestamp::from_nanos(17), link_type, data);
    let meta = decode(&packet).unwrap_or_else(|skip| panic!("{skip}: {data:02x?}"));
    assert_eq!(meta.timestamp, packet.timestamp);
    assert_eq!(meta.header_len + meta.payload_len, meta.ip_len);
    meta
}

fn lengths(meta: &PacketMeta) -> (u32, u32, u32) {
    (meta.ip_len, meta.header_len, meta.payload_len)
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn ethernet(tags: &[(u16, u16)], ether_type: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x02; 12];
    for (protocol, control) in tags {
        frame.extend(protocol.to_be_bytes());
        frame.extend(control.to_be_bytes());
    }
    frame.extend(ether_type.to_be_bytes());
    frame.extend(payload);
    frame
}

fn v4(protocol: u8, options: &[u8], payload: &[u8]) -> Vec<u8> {
    let header_len = 20 + options.len();
    let mut packet = vec![0x40 | (header_len / 4) as u8, 0];
    packet.extend(((header_len + payload.len()) as u16).to_be_bytes());
    packet.extend([0, 0, 0, 0, 61, protocol, 0, 0]);
    packet.extend([10, 1, 2, 3, 192, 168, 4, 5]);
    packet.extend(options);
    packet.extend(payload);
    packet
}

fn v6(next_header: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend((payload.len() as u16).to_be_bytes());
    packet.extend([next_header, 61]);
    packet.extend([0x20; 16]);
    packet.extend([0x30; 16]);
    packet.extend(payload);
    packet
}

fn tcp(header_len: usize, payload: &[u8]) -> Vec<u8> {
    let mut segment = vec![0xc3, 0x50, 0x01, 0xbb, 1, 2, 3, 4, 5, 6, 7, 8];
    segment.extend([((header_len / 4) << 4) as u8, 0x18, 0x20, 0, 0, 0, 0, 0]);
    segment.resize(header_len, 1);
    segment.extend(payload);
    segment
}

fn udp(payload: &[u8]) -> Vec<u8> {
    let mut datagram = vec![0x14, 0xe9, 0, 53];
    datagram.extend((payload.len() as u16 + 8).to_be_bytes());
    datagram.extend([0, 0]);
    datagram.extend(payload);
    datagram
}
