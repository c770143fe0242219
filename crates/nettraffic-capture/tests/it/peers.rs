//! Decoding beside etherparse's own slices, on sound and on damaged packets.

use std::net::IpAddr;

use etherparse::{
    NetSlice, PacketBuilder, SlicedPacket, TcpOptionElement, TcpSlice, TransportSlice, VlanId,
    ether_type,
};
use nettraffic_capture::{
    LinkType, Packet, Skip, TcpFlags, TcpHeader, TcpOptions, Timestamp, Transport, UdpHeader,
    decode,
};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// etherparse's strict slices accept sound packets only; whatever they accept is
    /// decoded, to the same facts.
    #[test]
    fn agrees_with_etherparse(
        kind in 0_u8..12,
        payload in prop::collection::vec(any::<u8>(), 0..64),
        damage in prop::collection::vec((0_usize..80, any::<u8>()), 0..4),
        padding in 0_usize..20,
    ) {
        let mut frame = built(kind, &payload);
        for (at, value) in damage {
            if let Some(byte) = frame.get_mut(at) {
                *byte = value;
            }
        }
        frame.extend(vec![0; padding]);
        let packet = Packet::new(Timestamp::default(), LinkType::ETHERNET, &frame);
        let decoded = decode(&packet);
        let Ok(sliced) = SlicedPacket::from_ethernet(&frame) else {
            return Ok(());
        };
        // It does not look at SCTP, nor at the transport header of a first fragment.
        if sliced.transport.is_none() && decoded == Err(Skip::BadTransportHeader) {
            return Ok(());
        }
        match sliced.net {
            Some(NetSlice::Ipv4(ref slice)) => {
                let header = slice.header();
                let meta = decoded.expect("etherparse decodes it");
                prop_assert_eq!(meta.source, IpAddr::from(header.source_addr()));
                prop_assert_eq!(meta.destination, IpAddr::from(header.destination_addr()));
                prop_assert_eq!(meta.ip_len(), u32::from(header.total_len()));
                prop_assert_eq!(meta.ttl, header.ttl());
                prop_assert_eq!(meta.protocol.0, slice.payload_ip_number().0);
            }
            // An IPv6 length of 0 is read otherwise on purpose, and so are the extension headers
            // of mobility, HIP and Shim6, which etherparse takes for transports.
            Some(NetSlice::Ipv6(ref slice))
                if slice.header().payload_length() > 0
                    && !matches!(slice.payload().ip_number.0, 135 | 139 | 140) =>
            {
                let header = slice.header();
                let fragmented = slice.is_payload_fragmented();
                let meta = decoded.expect("etherparse decodes it");
                prop_assert_eq!(meta.source, IpAddr::from(header.source_addr()));
                prop_assert_eq!(meta.destination, IpAddr::from(header.destination_addr()));
                prop_assert_eq!(meta.ip_len(), u32::from(header.payload_length()) + 40);
                prop_assert_eq!(meta.ttl, header.hop_limit());
                if !fragmented {
                    prop_assert_eq!(meta.protocol.0, slice.payload().ip_number.0);
                }
            }
            Some(NetSlice::Arp(ref slice))
                if slice.proto_addr_type() == ether_type::IPV4 && slice.proto_addr_size() == 4 =>
            {
                let meta = decoded.expect("etherparse decodes it");
                prop_assert!(matches!(meta.transport, Transport::Arp(arp) if arp.operation == slice.operation().0));
            }
            _ => {}
        }
        if let (Ok(meta), Some(transport)) = (decoded, &sliced.transport) {
            match transport {
                TransportSlice::Tcp(slice) => {
                    let expected = TcpHeader {
                        source_port: slice.source_port(),
                        destination_port: slice.destination_port(),
                        sequence: slice.sequence_number(),
                        acknowledgement: slice.acknowledgment_number(),
                        window: slice.window_size(),
                        flags: TcpFlags(slice.slice()[13]),
                        header_len: slice.data_offset() * 4,
                        options: tcp_options(slice),
                    };
                    prop_assert_eq!(meta.transport, Transport::Tcp(expected));
                    prop_assert_eq!(meta.payload_len as usize, slice.payload().len());
                }
                TransportSlice::Udp(slice) => {
                    let expected = UdpHeader {
                        source_port: slice.source_port(),
                        destination_port: slice.destination_port(),
                    };
                    prop_assert_eq!(meta.transport, Transport::Udp(expected));
                }
                TransportSlice::Icmpv4(slice) => {
                    prop_assert!(matches!(meta.transport, Transport::Icmp(icmp) if icmp.kind == slice.type_u8() && icmp.code == slice.code_u8()));
                }
                TransportSlice::Icmpv6(slice) => {
                    prop_assert!(matches!(meta.transport, Transport::Icmp(icmp) if icmp.kind == slice.type_u8() && icmp.code == slice.code_u8()));
                }
                _ => prop_assert_eq!(meta.transport, Transport::Other),
            }
        }
    }

    #[test]
    fn never_panics_and_its_lengths_add_up(
        link_type in prop::sample::select(vec![0_u16, 1, 12, 14, 101, 108, 113, 228, 229, 276, 9]),
        start in prop::sample::select(vec![&b""[..], b"\x45\0", b"\x60\0", b"\x02\0\0\0E\0"]),
        bytes in prop::collection::vec(any::<u8>(), 0..120),
        wire_len in any::<u32>(),
    ) {
        let data = [start, &bytes].concat();
        let mut packet = Packet::new(Timestamp::default(), LinkType(link_type), &data);
        packet.wire_len = wire_len;
        if let Ok(meta) = decode(&packet) {
            prop_assert_eq!(meta.header_len + meta.payload_len, meta.ip_len());
            prop_assert!(meta.header_len >= 20);
            prop_assert!(meta.ip_len() <= wire_len.max(data.len() as u32).max(65_575));
        }
    }
}

/// The options as etherparse reads them.
fn tcp_options(slice: &TcpSlice<'_>) -> TcpOptions {
    let mut options = TcpOptions::default();
    for option in slice.options_iterator() {
        match option {
            Ok(TcpOptionElement::MaximumSegmentSize(size)) => {
                options.maximum_segment_size = Some(size);
            }
            Ok(TcpOptionElement::WindowScale(shift)) => options.window_scale = Some(shift),
            Ok(TcpOptionElement::SelectiveAcknowledgementPermitted) => {
                options.sack_permitted = true;
            }
            Ok(TcpOptionElement::SelectiveAcknowledgement(_, more)) => {
                options.sack_blocks = 1 + more.iter().flatten().count() as u8;
            }
            Ok(TcpOptionElement::Timestamp(value, echo)) => {
                options.timestamps = Some((value, echo));
            }
            _ => break,
        }
    }
    options
}

/// A frame of etherparse's own making.
fn built(kind: u8, payload: &[u8]) -> Vec<u8> {
    let id = |id: u16| VlanId::try_new(id).expect("12 bits");
    let link = PacketBuilder::ethernet2([1; 6], [2; 6]);
    let network = match kind % 3 {
        0 => link.ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64),
        1 => link.double_vlan(id(5), id(6)).ipv6([1; 16], [2; 16], 64),
        _ => link
            .single_vlan(id(9))
            .ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64),
    };
    let mut frame = Vec::new();
    let written = match kind / 3 {
        0 => network.tcp(1, 2, 3, 4).ack(5).write(&mut frame, payload),
        1 => network.udp(1, 2).write(&mut frame, payload),
        2 => network.icmpv4_echo_request(7, 8).write(&mut frame, payload),
        _ if kind % 3 == 1 => network.icmpv6_echo_request(7, 8).write(&mut frame, payload),
        // ICMPv6 over IPv4 is nothing that etherparse builds.
        _ => network
            .igmp(etherparse::IgmpType::LeaveGroup(
                etherparse::igmp::LeaveGroupType {
                    group_address: [224, 0, 0, 1].into(),
                },
            ))
            .write(&mut frame, &[]),
    };
    written.expect("memory takes everything");
    frame
}
