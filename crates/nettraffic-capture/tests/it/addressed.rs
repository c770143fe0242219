//! Packets that hold addresses wherever one can stand.

use nettraffic_capture::LinkType;

/// Addresses whose bytes stand nowhere in a packet by chance.
pub(crate) const HOST: [u8; 4] = [93, 184, 216, 34];
pub(crate) const PEER: [u8; 4] = [151, 101, 65, 67];
pub(crate) const HOST6: [u8; 16] =
    *b"\x2a\x03\x28\x80\xf1\x2f\x83\xa1\xfa\xce\xb0\x0c\x5e\x5d\x25\xde";
pub(crate) const PEER6: [u8; 16] =
    *b"\x26\x06\x28\x35\x73\xb9\xc1\xd2\xe3\xf4\x95\xa6\xb7\xc8\xd9\xea";
pub(crate) const MAC: [u8; 6] = [0x00, 0x1b, 0x21, 0xab, 0xcd, 0xef];
pub(crate) const PEER_MAC: [u8; 6] = [0x3c, 0x52, 0x82, 0x98, 0x76, 0x54];

/// A packet of every kind that holds addresses, or that hides what might be one.
pub(crate) fn kinds() -> Vec<(&'static str, LinkType, Vec<u8>)> {
    let raw = |name, bytes| (name, LinkType::RAW, bytes);
    let frame = |name, ether_type, bytes: &[u8]| {
        (
            name,
            LinkType::ETHERNET,
            ethernet(PEER_MAC, ether_type, bytes),
        )
    };
    let everything = [&HOST[..], &PEER, &HOST6, &PEER6, &MAC, &PEER_MAC].concat();
    let inner = ipv4(17, HOST, PEER, &[], &udp(9, 9, &everything));
    let inner_frame = ethernet(PEER_MAC, 0x0800, &inner);
    let nd = |start: [u8; 2], rest: &[&[u8]]| {
        let message = [&start[..], &[0; 6], &rest.concat()].concat();
        ipv6(58, HOST6, PEER6, &message)
    };
    let solicited = [
        &[0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff][..],
        &HOST6[13..],
    ]
    .concat();
    let link_option = [&[1, 1][..], &MAC].concat();
    vec![
        frame(
            "tcp",
            0x0800,
            &ipv4(6, HOST, PEER, &[], &tcp(&[], &everything)),
        ),
        frame(
            "udp6",
            0x86dd,
            &ipv6(17, HOST6, PEER6, &udp(9, 9, &everything)),
        ),
        frame(
            "arp",
            0x0806,
            &[&[0, 1, 8, 0, 6, 4, 0, 1][..], &MAC, &HOST, &PEER_MAC, &PEER].concat(),
        ),
        frame("unknown ether type", 0x88cc, &everything),
        frame("llc", 20, &everything),
        frame(
            "wrong version",
            0x0800,
            &[&[0x65][..], &inner[1..]].concat(),
        ),
        frame(
            "padding",
            0x0800,
            &[
                ipv4(17, HOST, PEER, &[], &udp(9, 9, &[])),
                everything.clone(),
            ]
            .concat(),
        ),
        raw("unknown protocol", ipv4(200, HOST, PEER, &[], &everything)),
        raw(
            "record route",
            ipv4(
                17,
                HOST,
                PEER,
                &[&[1, 7, 11, 8][..], &PEER, &HOST].concat(),
                &udp(9, 9, b"x"),
            ),
        ),
        raw(
            "loose source route",
            ipv4(
                17,
                HOST,
                PEER,
                &[&[131, 11, 4][..], &PEER, &HOST, &[0]].concat(),
                &udp(9, 9, b"x"),
            ),
        ),
        raw(
            "ip timestamps",
            ipv4(
                17,
                HOST,
                PEER,
                &[&[68, 12, 13, 1][..], &PEER, &[0, 0, 1, 2]].concat(),
                &udp(9, 9, b"x"),
            ),
        ),
        raw(
            "unknown ip option",
            ipv4(
                17,
                HOST,
                PEER,
                &[&[99, 10][..], &HOST, &PEER, &[0, 0]].concat(),
                &udp(9, 9, b"x"),
            ),
        ),
        raw(
            "routing header",
            ipv6(
                43,
                HOST6,
                PEER6,
                &[
                    &[17, 4, 0, 2, 0, 0, 0, 0][..],
                    &HOST6,
                    &PEER6,
                    &udp(9, 9, b"x"),
                ]
                .concat(),
            ),
        ),
        raw(
            "segment routing",
            ipv6(
                43,
                HOST6,
                PEER6,
                &[
                    &[17, 5, 4, 1, 1, 0, 0, 0][..],
                    &HOST6,
                    &PEER6,
                    &MAC,
                    &[0, 0],
                    &udp(9, 9, b"x"),
                ]
                .concat(),
            ),
        ),
        raw(
            "home address",
            ipv6(
                60,
                HOST6,
                PEER6,
                &[&[17, 2, 1, 2, 0, 0, 0xc9, 16][..], &HOST6, &udp(9, 9, b"x")].concat(),
            ),
        ),
        raw(
            "broken extension",
            ipv6(60, HOST6, PEER6, &[&[17, 200][..], &everything].concat()),
        ),
        raw(
            "unreachable",
            ipv4(
                1,
                PEER,
                HOST,
                &[],
                &[&[3, 1, 0, 0, 0, 0, 0, 0][..], &inner].concat(),
            ),
        ),
        raw(
            "redirect",
            ipv4(
                1,
                PEER,
                HOST,
                &[],
                &[&[5, 1, 0, 0][..], &PEER, &inner].concat(),
            ),
        ),
        raw(
            "unreachable6",
            ipv6(
                58,
                PEER6,
                HOST6,
                &[
                    &[1, 1, 0, 0, 0, 0, 0, 0][..],
                    &ipv6(17, HOST6, PEER6, &udp(9, 9, &everything)),
                ]
                .concat(),
            ),
        ),
        raw(
            "echo",
            ipv4(
                1,
                PEER,
                HOST,
                &[],
                &[&[8, 0, 0, 0, 0, 1, 0, 1][..], &everything].concat(),
            ),
        ),
        raw(
            "unknown icmp",
            ipv4(
                1,
                PEER,
                HOST,
                &[],
                &[&[99, 0, 0, 0][..], &everything].concat(),
            ),
        ),
        frame(
            "neighbour solicitation",
            0x86dd,
            &nd([135, 0], &[&HOST6, &link_option]),
        ),
        raw(
            "solicited node",
            ipv6(
                58,
                HOST6,
                solicited[..].try_into().unwrap_or(PEER6),
                &[&[135, 0, 0, 0, 0, 0, 0, 0][..], &PEER6].concat(),
            ),
        ),
        raw(
            "router advertisement",
            nd(
                [134, 0],
                &[
                    &[0; 8],
                    &link_option,
                    &[3, 4, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                    &HOST6,
                    &[24, 2, 48, 0, 0, 0, 0, 0],
                    &HOST6[..8],
                    &[25, 3, 0, 0, 0, 0, 0, 0],
                    &PEER6,
                    &[31, 2, 0, 0],
                    &PEER6[..12],
                ],
            ),
        ),
        raw("redirect6", nd([137, 0], &[&HOST6, &PEER6, &link_option])),
        raw("listener report", nd([131, 0], &[&HOST6])),
        raw(
            "listener reports",
            [&ipv6(
                58,
                HOST6,
                PEER6,
                &[&[143, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 1][..], &HOST6, &PEER6].concat(),
            )[..]]
            .concat(),
        ),
        raw(
            "igmp report",
            ipv4(
                2,
                HOST,
                PEER,
                &[],
                &[&[0x22, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 1][..], &HOST, &[9; 4]].concat(),
            ),
        ),
        raw(
            "igmp",
            ipv4(2, HOST, PEER, &[], &[&[0x16, 0, 0, 0][..], &HOST].concat()),
        ),
        raw(
            "multipath tcp",
            ipv4(
                6,
                HOST,
                PEER,
                &[],
                &tcp(&[&[30, 8, 0x30, 1][..], &HOST].concat(), &[]),
            ),
        ),
        raw(
            "multipath tcp6",
            ipv4(
                6,
                HOST,
                PEER,
                &[],
                &tcp(&[&[30, 20, 0x30, 1][..], &HOST6].concat(), &[]),
            ),
        ),
        raw(
            "unknown tcp option",
            ipv4(
                6,
                HOST,
                PEER,
                &[],
                &tcp(&[&[77, 8][..], &MAC].concat(), &[]),
            ),
        ),
        raw(
            "ip in gre in ip",
            ipv4(
                47,
                HOST,
                PEER,
                &[],
                &[&[0; 2][..], &[8, 0], &inner].concat(),
            ),
        ),
        raw(
            "vxlan",
            ipv4(
                17,
                HOST,
                PEER,
                &[],
                &udp(
                    9,
                    4789,
                    &[&[8, 0, 0, 0, 0, 0, 5, 0][..], &inner_frame].concat(),
                ),
            ),
        ),
        raw(
            "no vxlan",
            ipv4(17, HOST, PEER, &[], &udp(9, 4789, &everything)),
        ),
        raw(
            "payload on a port of vxlan",
            ipv4(
                17,
                HOST,
                PEER,
                &[],
                &udp(9, 4789, &[&[8, 0, 0, 0][..], &HOST, &everything].concat()),
            ),
        ),
        raw(
            "vxlan of something else",
            ipv4(
                17,
                HOST,
                PEER,
                &[],
                &udp(
                    9,
                    4789,
                    &[
                        &[8, 0, 0, 0, 0, 0, 5, 0][..],
                        &ethernet(PEER_MAC, 0x88cc, &everything),
                    ]
                    .concat(),
                ),
            ),
        ),
        raw(
            "geneve",
            ipv4(
                17,
                HOST,
                PEER,
                &[],
                &udp(
                    9,
                    6081,
                    &[
                        &[2, 0, 0x65, 0x58, 0, 0, 5, 0, 1, 1, 1, 1][..],
                        &HOST,
                        &inner_frame,
                    ]
                    .concat(),
                ),
            ),
        ),
        raw(
            "gtp",
            ipv4(
                17,
                HOST,
                PEER,
                &[],
                &udp(
                    2152,
                    2152,
                    &[
                        &[0x34, 255, 0, 9, 0, 0, 0, 1, 0, 0, 0, 0x85, 2][..],
                        &MAC,
                        &[0],
                        &inner,
                    ]
                    .concat(),
                ),
            ),
        ),
        raw(
            "no gtp",
            ipv4(17, HOST, PEER, &[], &udp(2152, 2152, &everything)),
        ),
        raw(
            "6to4",
            ipv4(
                41,
                HOST,
                PEER,
                &[],
                &ipv6(17, to_6to4(HOST), to_6to4(PEER), &udp(9, 9, &everything)),
            ),
        ),
        raw(
            "teredo authentication",
            ipv4(
                17,
                HOST,
                PEER,
                &[],
                &udp(
                    3544,
                    9,
                    &[
                        &[0, 1, 6, 6][..],
                        &MAC,
                        &PEER_MAC,
                        &[9; 9],
                        &ipv6(17, teredo(HOST), PEER6, &udp(9, 9, b"x")),
                    ]
                    .concat(),
                ),
            ),
        ),
        raw(
            "teredo",
            ipv4(
                17,
                HOST,
                PEER,
                &[],
                &udp(
                    3544,
                    9,
                    &[
                        &[0, 0, 1, 2][..],
                        &HOST.map(|byte| !byte),
                        &ipv6(17, teredo(HOST), PEER6, &udp(9, 9, b"x")),
                    ]
                    .concat(),
                ),
            ),
        ),
        (
            "cooked",
            LinkType::LINUX_SLL,
            [&[0, 0, 0, 1, 0, 6][..], &MAC, &[0, 0, 8, 0], &inner].concat(),
        ),
        (
            "cooked tunnel",
            LinkType::LINUX_SLL,
            [&[0, 0, 3, 0, 0, 4][..], &HOST, &PEER, &[8, 0], &inner].concat(),
        ),
        (
            "cooked 2",
            LinkType::LINUX_SLL2,
            [
                &[8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6][..],
                &MAC,
                &[0, 0],
                &inner,
            ]
            .concat(),
        ),
        (
            "wifi",
            LinkType::IEEE_802_11,
            [
                &[8, 3, 0, 0][..],
                &MAC,
                &PEER_MAC,
                &MAC,
                &[0, 0],
                &PEER_MAC,
                &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0],
                &inner,
            ]
            .concat(),
        ),
        (
            "beacon",
            LinkType::IEEE_802_11,
            [
                &[0x80, 0, 0, 0][..],
                &[0xff; 6],
                &MAC,
                &MAC,
                &[0; 2],
                &everything,
            ]
            .concat(),
        ),
        (
            "radiotap",
            LinkType::IEEE_802_11_RADIOTAP,
            [
                &[0, 0, 24, 0, 3, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0][..],
                &MAC,
                &[8, 0, 0, 0],
                &MAC,
                &PEER_MAC,
                &MAC,
                &[0, 0, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0],
                &inner,
            ]
            .concat(),
        ),
        (
            "fddi",
            LinkType::FDDI,
            [
                &[0x50][..],
                &PEER_MAC,
                &MAC,
                &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0],
                &inner,
            ]
            .concat(),
        ),
        (
            "token ring",
            LinkType::TOKEN_RING,
            [
                &[0x10, 0x40][..],
                &PEER_MAC,
                &MAC,
                &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0],
                &inner,
            ]
            .concat(),
        ),
        (
            "firewall log",
            LinkType::NFLOG,
            [
                &[2, 0, 0, 0, 12, 0, 8, 0][..],
                &MAC,
                &[0, 0],
                &[(inner.len() + 4) as u8, 0, 9, 0],
                &inner,
            ]
            .concat(),
        ),
        ("unknown link type", LinkType(999), everything.clone()),
    ]
}

pub(crate) fn ethernet(destination: [u8; 6], ether_type: u16, payload: &[u8]) -> Vec<u8> {
    [&destination[..], &MAC, &ether_type.to_be_bytes(), payload].concat()
}

pub(crate) fn ipv4(
    protocol: u8,
    source: [u8; 4],
    destination: [u8; 4],
    options: &[u8],
    payload: &[u8],
) -> Vec<u8> {
    let header_len = 20 + options.len().next_multiple_of(4);
    let len = ((header_len + payload.len()) as u16).to_be_bytes();
    let mut packet = vec![
        0x40 | (header_len / 4) as u8,
        0,
        len[0],
        len[1],
        0,
        7,
        0,
        0,
        64,
        protocol,
        0,
        0,
    ];
    packet.extend([source, destination].concat());
    packet.extend(options);
    packet.resize(header_len, 0);
    packet.extend(payload);
    packet
}

pub(crate) fn ipv6(next: u8, source: [u8; 16], destination: [u8; 16], payload: &[u8]) -> Vec<u8> {
    let len = (payload.len() as u16).to_be_bytes();
    [
        &[0x60, 0, 0, 0, len[0], len[1], next, 64][..],
        &source,
        &destination,
        payload,
    ]
    .concat()
}

pub(crate) fn udp(source: u16, destination: u16, payload: &[u8]) -> Vec<u8> {
    let len = 8 + payload.len() as u16;
    [
        &[source, destination, len, 0].map(u16::to_be_bytes).concat()[..],
        payload,
    ]
    .concat()
}

pub(crate) fn tcp(options: &[u8], payload: &[u8]) -> Vec<u8> {
    let words = 5 + options.len().div_ceil(4);
    let mut segment = vec![
        0,
        9,
        0,
        9,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        1,
        (words << 4) as u8,
        16,
        1,
        0,
        0,
        0,
        0,
        0,
    ];
    segment.extend(options);
    segment.resize(4 * words, 0);
    segment.extend(payload);
    segment
}

/// 2002::/16, the IPv4 address, zeros.
fn to_6to4(address: [u8; 4]) -> [u8; 16] {
    let mut bits = [0; 16];
    bits[..2].copy_from_slice(&[0x20, 0x02]);
    bits[2..6].copy_from_slice(&address);
    bits
}

/// A Teredo address: the server, flags, port, the client inverted.
fn teredo(client: [u8; 4]) -> [u8; 16] {
    let mut bits = [0x20, 0x01, 0, 0, 9, 9, 9, 9, 0x80, 0, 1, 2, 0, 0, 0, 0];
    bits[12..].copy_from_slice(&client.map(|byte| !byte));
    bits
}
