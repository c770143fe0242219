//! What other flow meters get wrong, each in a capture of its own.
//!
//! Beside the tiny captures of `conformance`, which hold some of these too.

use nettraffic_flow::{InitiatorEvidence, NotAFlow};

use crate::frames::{
    ACK, FIN, GRE, ICMP, IPV4, IPV6, RST, SYN, TCP, UDP, ethernet, gre, icmp_error, padded, tagged,
    tcp, udp, v4, v4_fragment, v6, v6_fragment, v6_options, vxlan,
};
use crate::trace::{Outcome, Trace};

#[test]
fn who_is_sent_the_syn_ack_is_the_initiator() -> Outcome {
    let trace = Trace::new()
        .answer(0.0, (SYN | ACK, 500, 101), 0)
        // Overtaken by its answer.
        .ask(0.1, (SYN, 100, 0), 0)
        .ask(0.2, (ACK, 101, 501), 30)
        .answer(0.3, (ACK, 501, 131), 700);
    trace.check(&["tcp 1:40000 > 2:80 2+2 packets 30+700 bytes end_of_input"])?;
    let (flows, _) = trace.meter()?;
    assert_eq!(flows[0].evidence, InitiatorEvidence::SynAck);
    Ok(())
}

#[test]
fn the_service_port_is_the_responder_where_the_beginning_was_missed() -> Outcome {
    let from_server =
        |protocol, segment: Vec<u8>| Trace::new().packet(0.0, protocol, 2, 1, &segment);
    for (what, trace, expected) in [
        (
            "a registered TCP port",
            from_server(TCP, tcp(3306, 40_000, (ACK, 7, 9), b"row")),
            "tcp 1:40000 > 2:3306 0+1 packets 0+3 bytes end_of_input",
        ),
        (
            "a registered UDP port",
            from_server(UDP, udp(3478, 40_000, b"bind")),
            "udp 1:40000 > 2:3478 0+1 packets 0+4 bytes end_of_input",
        ),
        (
            "a system port of UDP",
            from_server(UDP, udp(53, 40_000, b"name")),
            "udp 1:40000 > 2:53 0+1 packets 0+4 bytes end_of_input",
        ),
        (
            "no known port: who spoke first",
            from_server(UDP, udp(40_001, 40_000, b"talk")),
            "udp 2:40001 > 1:40000 1+0 packets 4+0 bytes end_of_input",
        ),
    ] {
        assert_eq!(trace.lines()?, [expected], "{what}");
    }
    Ok(())
}

#[test]
fn a_new_syn_on_the_ports_of_a_closed_connection_is_another_flow() -> Outcome {
    let connection = |trace: Trace, at: f64, from: u32| {
        trace
            .ask(at, (SYN, from, 0), 0)
            .answer(at, (SYN | ACK, 500, from + 1), 0)
            .ask(at, (FIN | ACK, from + 1, 501), 10)
            .answer(at, (FIN | ACK, 501, from + 12), 20)
            .ask(at, (ACK, from + 12, 502), 0)
    };
    // Once with a number of its own, and once with the old one.
    let trace = [(0.0, 100), (0.5, 9_000), (0.7, 9_000)]
        .into_iter()
        .fold(Trace::new(), |trace, (at, from)| {
            connection(trace, at, from)
        });
    trace.check(&["tcp 1:40000 > 2:80 3+2 packets 10+20 bytes fin"; 3])
}

/// A datagram of 2,000 bytes in three fragments.
fn fragments() -> [Vec<u8>; 3] {
    let datagram = udp(40_000, 9_000, &[b'd'; 2_000]);
    let part = |begins: usize, end: usize| {
        let more = end < datagram.len();
        let packet = v4_fragment(UDP, 1, 2, (begins as u16, more), &datagram[begins..end]);
        ethernet(IPV4, &packet)
    };
    [part(0, 800), part(800, 1_600), part(1_600, 2_008)]
}

#[test]
fn later_fragments_join_the_flow_of_the_first() -> Outcome {
    let [first, second, third] = fragments();
    let in_order = Trace::new()
        .frame(0.0, first.clone())
        .frame(0.1, second.clone())
        .frame(0.2, third.clone());
    let expected = ["udp 1:40000 > 2:9000 3+0 packets 2000+0 bytes end_of_input"];
    in_order.check(&expected)?;
    let last_before_second = Trace::new()
        .frame(0.0, first)
        .frame(0.1, third)
        .frame(0.2, second);
    last_before_second.check(&expected)
}

#[test]
fn a_fragment_before_the_first_makes_no_flow_with_port_0_and_is_counted() -> Outcome {
    let [first, second, third] = fragments();
    let trace = Trace::new()
        .frame(0.0, third)
        .frame(0.1, first)
        .frame(0.2, second);
    trace.check(&["udp 1:40000 > 2:9000 2+0 packets 1592+0 bytes end_of_input"])?;
    let (_, counters) = trace.meter()?;
    assert_eq!(counters.not_a_flow(NotAFlow::LaterFragment), 1);
    assert_eq!(counters.packets(), 3);
    Ok(())
}

#[test]
fn two_tags_are_passed_and_padding_is_no_payload() -> Outcome {
    let ack = v4(TCP, 1, 2, &tcp(40_000, 80, (ACK, 101, 501), b""));
    let data = v4(TCP, 1, 2, &tcp(40_000, 80, (ACK, 101, 501), b"get"));
    for (what, tags) in [
        ("no tag", &[][..]),
        ("802.1Q", &[(0x8100, 5)]),
        ("802.1ad, then 802.1Q", &[(0x88a8, 100), (0x8100, 5)]),
        ("802.1Q twice", &[(0x8100, 100), (0x8100, 5)]),
        ("the old 0x9100", &[(0x9100, 100), (0x8100, 5)]),
    ] {
        let trace = Trace::new()
            .frame(0.0, padded(tagged(tags, IPV4, &ack), 68))
            .frame(0.1, padded(tagged(tags, IPV4, &data), 68));
        let expected = ["tcp 1:40000 > 2:80 2+0 packets 3+0 bytes end_of_input"];
        assert_eq!(trace.lines()?, expected, "{what}");
    }
    Ok(())
}

#[test]
fn inner_flows_are_found_unless_tunnels_stay_closed() -> Outcome {
    let ask = v4(TCP, 1, 2, &tcp(40_000, 80, (SYN, 100, 0), b""));
    let answer = v4(TCP, 2, 1, &tcp(80, 40_000, (SYN | ACK, 500, 101), b""));
    let over_gre = |trace: Trace| {
        trace
            .packet(0.0, GRE, 8, 9, &gre(&ask))
            .packet(0.1, GRE, 9, 8, &gre(&answer))
    };
    over_gre(Trace::new())
        .check(&["tcp 1:40000 > 2:80 in gre 1+1 packets 0+0 bytes end_of_input"])?;
    over_gre(Trace::new().closed())
        .check(&["ip-47 8:0 > 9:0 1+1 packets 44+44 bytes end_of_input"])?;

    let over_vxlan = |trace: Trace| {
        trace
            .packet(0.0, UDP, 8, 9, &vxlan(&ethernet(IPV4, &ask)))
            .packet(0.1, UDP, 9, 8, &vxlan(&ethernet(IPV4, &answer)))
    };
    over_vxlan(Trace::new())
        .check(&["tcp 1:40000 > 2:80 in vxlan:42 1+1 packets 0+0 bytes end_of_input"])?;
    // Each end sends to port 4789 from a port of its choice.
    over_vxlan(Trace::new().closed()).check(&[
        "udp 8:50000 > 9:4789 1+0 packets 62+0 bytes end_of_input",
        "udp 9:50000 > 8:4789 1+0 packets 62+0 bytes end_of_input",
    ])
}

#[test]
fn ipv6_is_followed_through_extension_headers_and_fragments() -> Outcome {
    const HOP_BY_HOP: u8 = 0;
    const FRAGMENT: u8 = 44;
    const DESTINATION: u8 = 60;
    let datagram = udp(40_000, 53, &[b'q'; 1_000]);
    let part = |fragment: (u16, bool), bytes: &[u8]| {
        let fragment = v6_fragment(UDP, fragment, bytes);
        ethernet(
            IPV6,
            &v6(HOP_BY_HOP, 1, 2, &v6_options(FRAGMENT, &fragment)),
        )
    };
    let answer = v6_options(DESTINATION, &v6_options(UDP, &udp(53, 40_000, b"a")));
    Trace::new()
        .frame(0.0, part((0, true), &datagram[..800]))
        .frame(0.1, part((800, false), &datagram[800..]))
        .frame(0.2, ethernet(IPV6, &v6(HOP_BY_HOP, 2, 1, &answer)))
        .check(&["udp 1:40000 > 2:53 2+1 packets 1000+1 bytes end_of_input"])
}

#[test]
fn a_steady_flow_of_300_seconds_is_one_record() -> Outcome {
    let trace = (0..=300).fold(Trace::new(), |trace, second| {
        trace.packet(f64::from(second), UDP, 1, 2, &udp(40_000, 9_000, b"tick"))
    });
    trace.check(&["udp 1:40000 > 2:9000 301+0 packets 1204+0 bytes end_of_input"])?;
    let (flows, _) = trace.meter()?;
    assert_eq!(flows[0].duration().as_secs(), 300);
    Ok(())
}

#[test]
fn an_icmp_error_is_linked_to_the_flow_that_it_quotes() -> Outcome {
    let question = v4(UDP, 1, 2, &udp(40_000, 53, b"who is there?"));
    let trace = Trace::new()
        .frame(0.0, ethernet(IPV4, &question))
        // By the host itself, and by a router on the way.
        .packet(0.1, ICMP, 2, 1, &icmp_error(3, 3, &question))
        .packet(0.2, ICMP, 9, 1, &icmp_error(11, 0, &question));
    trace.check(&["udp 1:40000 > 2:53 1+0 packets 13+0 bytes end_of_input"])?;
    let (flows, counters) = trace.meter()?;
    let errors = flows[0].icmp_errors;
    assert_eq!((errors.packets, errors.kind, errors.code), (2, 11, 0));
    assert_eq!(errors.ip_bytes, 2 * (20 + 8 + 28));
    assert_eq!(counters.packets_in_flows, 3);
    Ok(())
}

#[test]
fn a_rst_with_a_number_out_of_the_window_closes_nothing() -> Outcome {
    Trace::new()
        .ask(0.0, (SYN, 100, 0), 0)
        .answer(0.1, (SYN | ACK, 500, 101), 0)
        .ask(0.2, (ACK, 101, 501), 10)
        // Blindly, in the name of the server.
        .answer(0.3, (RST, 3_000_000_000, 0), 0)
        .answer(0.4, (ACK, 501, 111), 20)
        .answer(20.0, (ACK, 521, 111), 20)
        .check(&["tcp 1:40000 > 2:80 2+4 packets 10+40 bytes end_of_input"])
}

#[test]
fn a_connection_whose_packets_all_come_twice_is_one_flow() -> Outcome {
    Trace::new()
        .ask(0.0, (SYN, 100, 0), 0)
        .answer(0.1, (SYN | ACK, 500, 101), 0)
        .ask(0.2, (ACK, 101, 501), 10)
        .answer(0.3, (FIN | ACK, 501, 111), 20)
        .ask(0.4, (FIN | ACK, 111, 522), 0)
        .answer(0.5, (ACK, 522, 112), 0)
        .doubled()
        .check(&["tcp 1:40000 > 2:80 6+6 packets 20+40 bytes fin"])
}
