//! Every link layer leads to the same packet, or says why not.

use nettraffic_capture::{LinkType, Packet, Skip, Timestamp, decode};

use crate::frames::{ARP, IPV4, IPV6, UDP, check, ethernet, udp, v4, v6};

#[test]
fn layers_between_ethernet_and_ip_are_passed() {
    let packet = v4(UDP, &[], &udp(b"hello"));
    let packet6 = v6(UDP, &udp(b"hello"));
    let inner = ethernet(&[], IPV6, &packet6);
    for (what, ether_type, headers, packet) in [
        ("MPLS", 0x8847, &[0, 1, 1, 64][..], &packet),
        (
            "MPLS, two labels",
            0x8847,
            &[0, 1, 0, 64, 0, 2, 1, 64],
            &packet6,
        ),
        ("MPLS, multicast", 0x8848, &[0, 1, 1, 64], &packet6),
        ("a pseudowire", 0x8847, &[0, 1, 1, 64, 0, 0, 0, 9], &inner),
        ("PPPoE", 0x8864, &[0x11, 0, 0, 9, 0, 0, 0, 0x21], &packet),
        (
            "PPPoE, IPv6",
            0x8864,
            &[0x11, 0, 0, 9, 0, 0, 0, 0x57],
            &packet6,
        ),
        (
            "PPP, short protocol",
            0x8864,
            &[0x11, 0, 0, 9, 0, 0, 0x21],
            &packet,
        ),
        ("802.1ah", 0x88e7, &[0, 0, 0, 7], &inner),
        (
            "bridged SNAP",
            40,
            &[0xaa, 0xaa, 3, 0, 0, 0xf8, 8, 0],
            &packet,
        ),
    ] {
        let frame = ethernet(&[], ether_type, &[headers, packet].concat());
        let meta = check(LinkType::ETHERNET, &frame);
        assert_eq!(
            (meta.ports(), meta.payload_len),
            (Some((5_353, 53)), 5),
            "{what}"
        );
    }
}

#[test]
fn serial_lines_are_passed() {
    let packet = v4(UDP, &[], &udp(b"hello"));
    let packet6 = v6(UDP, &udp(b"hello"));
    let nflog = [
        &[2, 0, 0, 0][..],
        &[8, 0, 1, 0, 8, 0, 0, 1],
        &[5, 0, 10, 0, b'x', 0, 0, 0],
        &[0x25, 0, 9, 0],
    ]
    .concat();
    let frame_relay_snap = [0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 0x86, 0xdd];
    let token_ring = [
        &[0x10, 0x40][..],
        &[2; 6],
        &[0x82, 2, 2, 2, 2, 2],
        &[0x06, 0, 1, 2, 3, 4],
        &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0],
    ]
    .concat();
    let fddi = [&[0x50][..], &[2; 12], &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0]].concat();
    for (link_type, header, packet) in [
        (LinkType::PPP, &[0xff, 3, 0, 0x21][..], &packet),
        (LinkType::PPP, &[0, 0x57], &packet6),
        (LinkType::PPP, &[0x21], &packet),
        (LinkType::PPP_HDLC, &[0xff, 3, 0, 0x21], &packet),
        (LinkType::PPP_HDLC, &[0x0f, 0, 8, 0], &packet),
        (LinkType::PPP_PPPD, &[1, 3, 0, 0x21], &packet),
        (
            LinkType::PPP_ETHER,
            &[0x11, 0, 0, 9, 0, 0, 0, 0x57],
            &packet6,
        ),
        (LinkType::CISCO_HDLC, &[0x8f, 0, 0x86, 0xdd], &packet6),
        (LinkType::FRAME_RELAY, &[0x18, 0x41, 3, 0xcc], &packet),
        (LinkType::FRAME_RELAY, &[0x18, 0x41, 3, 0x8e], &packet6),
        (LinkType::FRAME_RELAY, &[0x18, 0x41, 8, 0], &packet),
        (LinkType::FRAME_RELAY, &frame_relay_snap, &packet6),
        (
            LinkType::ATM_RFC1483,
            &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0],
            &packet,
        ),
        (LinkType::TOKEN_RING, &token_ring, &packet),
        (LinkType::FDDI, &fddi, &packet),
        (LinkType::NFLOG, &nflog, &packet),
    ] {
        let meta = check(link_type, &[header, packet].concat());
        assert_eq!(
            meta.ports(),
            Some((5_353, 53)),
            "{link_type:?} {header:02x?}"
        );
    }
}

/// An 802.11 header of `len` bytes, LLC and an IPv4 packet.
fn wifi(control: u8, flags: u8, len: usize) -> Vec<u8> {
    let mut frame = vec![control, flags];
    frame.resize(len, 0);
    frame.extend([0xaa, 0xaa, 3, 0, 0, 0, 8, 0]);
    frame.extend(v4(UDP, &[], &udp(b"hello")));
    frame
}

#[test]
fn wireless_data_frames_are_passed() {
    let with = |header: &[u8], frame: &[u8]| [header, frame].concat();
    let plain = wifi(0x08, 0x01, 24);
    let mut padded = wifi(0x88, 0x01, 26);
    padded.splice(26..26, [0, 0]);
    let mut prism = vec![0, 0, 0, 0x44, 144, 0, 0, 0];
    prism.resize(144, 0);
    for (what, link_type, frame) in [
        ("bare", LinkType::IEEE_802_11, plain.clone()),
        ("QoS", LinkType::IEEE_802_11, wifi(0x88, 0x02, 26)),
        (
            "four addresses",
            LinkType::IEEE_802_11,
            wifi(0x08, 0x03, 30),
        ),
        (
            "QoS with HT control",
            LinkType::IEEE_802_11,
            wifi(0x88, 0x81, 30),
        ),
        (
            "radiotap",
            LinkType::IEEE_802_11_RADIOTAP,
            with(&[0, 0, 8, 0, 0, 0, 0, 0], &plain),
        ),
        (
            "radiotap, padded frame",
            LinkType::IEEE_802_11_RADIOTAP,
            with(
                &[0, 0, 17, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20],
                &padded,
            ),
        ),
        (
            "radiotap, more bits",
            LinkType::IEEE_802_11_RADIOTAP,
            with(&[0, 0, 13, 0, 2, 0, 0, 0x80, 0, 0, 0, 0, 0x20], &padded),
        ),
        ("Prism", LinkType::IEEE_802_11_PRISM, with(&prism, &plain)),
        (
            "AVS",
            LinkType::IEEE_802_11_AVS,
            with(&[0x80, 0x21, 0x10, 1, 0, 0, 0, 12, 0, 0, 0, 0], &plain),
        ),
        (
            "PPI",
            LinkType::PPI,
            with(&[0, 0, 12, 0, 105, 0, 0, 0, 9, 9, 9, 9], &plain),
        ),
    ] {
        assert_eq!(
            check(link_type, &frame).ports(),
            Some((5_353, 53)),
            "{what}"
        );
    }
}

#[test]
fn what_leads_to_no_packet_has_a_reason() {
    let aggregate = {
        let mut frame = wifi(0x88, 0x01, 26);
        frame[24] = 0x80;
        frame
    };
    for (what, link_type, data, expected) in [
        (
            "a beacon",
            LinkType::IEEE_802_11,
            wifi(0x80, 0, 24),
            Skip::NotIp,
        ),
        (
            "no data",
            LinkType::IEEE_802_11,
            wifi(0x48, 0, 24),
            Skip::NotIp,
        ),
        (
            "protected",
            LinkType::IEEE_802_11,
            wifi(0x08, 0x41, 24),
            Skip::Encrypted,
        ),
        ("A-MSDU", LinkType::IEEE_802_11, aggregate, Skip::Aggregate),
        (
            "cut",
            LinkType::IEEE_802_11,
            vec![0x88, 1, 0, 0],
            Skip::LinkHeaderCut,
        ),
        (
            "a long radiotap header",
            LinkType::IEEE_802_11_RADIOTAP,
            vec![0, 0, 200, 0, 0, 0, 0, 0],
            Skip::LinkHeaderCut,
        ),
        (
            "a radiotap header without end",
            LinkType::IEEE_802_11_RADIOTAP,
            [&[0, 0, 16, 0][..], &[0xff; 12], &wifi(0x80, 0, 24)].concat(),
            Skip::NotIp,
        ),
        (
            "PPI in PPI",
            LinkType::PPI,
            [0, 0, 8, 0, 192, 0, 0, 0].repeat(40),
            Skip::TooManyLayers,
        ),
        (
            "PPI that ends before it begins",
            LinkType::PPI,
            vec![0, 0, 0, 0, 192, 0, 0, 0],
            Skip::NotIp,
        ),
        (
            "PPPoE discovery",
            LinkType::ETHERNET,
            ethernet(&[], 0x8863, &[0x11, 9]),
            Skip::NotIp,
        ),
        (
            "LCP",
            LinkType::PPP,
            vec![0xff, 3, 0xc0, 0x21, 1, 1, 0, 4],
            Skip::NotIp,
        ),
        (
            "labels without end",
            LinkType::ETHERNET,
            ethernet(&[], 0x8847, &[0, 1, 0, 64].repeat(100)),
            Skip::TooManyLayers,
        ),
        (
            "a label over nothing",
            LinkType::ETHERNET,
            ethernet(&[], 0x8847, &[0, 1, 1, 64]),
            Skip::LinkHeaderCut,
        ),
        (
            "backbones without end",
            LinkType::ETHERNET,
            ethernet(
                &[],
                0x88e7,
                &[&[0; 16][..], &[0x88, 0xe7]].concat().repeat(30),
            ),
            Skip::TooManyLayers,
        ),
        (
            "NFLOG without a packet",
            LinkType::NFLOG,
            [&[2, 0, 0, 0][..], &[0; 60]].concat(),
            Skip::LinkHeaderCut,
        ),
        (
            "a cut ARP message",
            LinkType::ETHERNET,
            ethernet(&[], ARP, &[0, 1]),
            Skip::IpHeaderCut,
        ),
        (
            "IPv6 that is IPv4",
            LinkType::ETHERNET,
            ethernet(&[], IPV6, &[0x45; 60]),
            Skip::BadIpHeader,
        ),
        (
            "IPv4 that is IPv6",
            LinkType::ETHERNET,
            ethernet(&[], IPV4, &[0x60; 60]),
            Skip::BadIpHeader,
        ),
    ] {
        let packet = Packet::new(Timestamp::default(), link_type, &data);
        assert_eq!(decode(&packet), Err(expected), "{what}");
    }
}
