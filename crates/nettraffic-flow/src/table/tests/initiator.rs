//! Which packets belong together, and who began.

use nettraffic_capture::{IpProtocol, PacketMeta};

use super::packets::{ACK, SYN, answer, ask, icmp, packet, tcp, udp};
use super::{check, line, records};
use crate::FlowConfig;

#[test]
fn the_initiator_is_found_by_evidence() {
    let cases: [(&str, PacketMeta, &str); 12] = [
        ("syn", ask(0.0, SYN, 1), "1:40000 > 2:80 1/0 Syn"),
        (
            "syn from a service port",
            tcp(0.0, (1, 80), (2, 4444), SYN, 1),
            "1:80 > 2:4444 1/0 Syn",
        ),
        (
            "syn-ack",
            answer(0.0, SYN | ACK, 1),
            "1:40000 > 2:80 0/1 SynAck",
        ),
        (
            "syn-ack of an odd port",
            tcp(0.0, (1, 4444), (2, 80), SYN | ACK, 1),
            "2:80 > 1:4444 0/1 SynAck",
        ),
        (
            "midstream from the server",
            answer(0.0, ACK, 1),
            "1:40000 > 2:80 0/1 ServicePort",
        ),
        (
            "midstream from the client",
            ask(0.0, ACK, 1),
            "1:40000 > 2:80 1/0 ServicePort",
        ),
        (
            "two services",
            udp(0.0, (1, 53), (2, 123)),
            "1:53 > 2:123 1/0 FirstPacket",
        ),
        (
            "no service",
            udp(0.0, (1, 40000), (2, 50000)),
            "1:40000 > 2:50000 1/0 FirstPacket",
        ),
        (
            "registered service",
            udp(0.0, (2, 27017), (1, 50000)),
            "1:50000 > 2:27017 0/1 ServicePort",
        ),
        (
            "echo request",
            icmp(0.0, 1, 2, 8, Some(7)),
            "1:7 > 2:7 1/0 Query",
        ),
        (
            "echo reply",
            icmp(0.0, 2, 1, 0, Some(7)),
            "1:7 > 2:7 0/1 Query",
        ),
        (
            "no ports",
            packet(0.0, 1, 2, IpProtocol(47)),
            "1:0 > 2:0 1/0 FirstPacket",
        ),
    ];
    for (name, packet, expected) in cases {
        let flow = records(&FlowConfig::default(), &[packet]).remove(0);
        let ends = line(&flow);
        let ends = ends.split(" end_of_input").next().unwrap_or_default();
        assert_eq!(format!("{ends} {:?}", flow.evidence), expected, "{name}");
    }
}

#[test]
fn icmp_queries_join_their_replies_and_errors_stand_alone() {
    check(
        &[
            icmp(0.0, 1, 2, 8, Some(3)),
            icmp(0.1, 2, 1, 0, Some(3)),
            icmp(0.2, 1, 2, 8, Some(4)),
            // Type 3, code 0, both ways; then a query whose identifier looks like that.
            icmp(0.3, 1, 2, 3, None),
            icmp(0.4, 1, 2, 3, None),
            icmp(0.5, 2, 1, 3, None),
            icmp(0.6, 1, 2, 0, None),
            icmp(0.7, 1, 2, 8, Some(0)),
            icmp(0.8, 2, 1, 0, None),
        ],
        &[
            "1:3 > 2:3 1/1 end_of_input OTH",
            "1:4 > 2:4 1/0 end_of_input OTH",
            "1:3 > 2:0 2/0 end_of_input OTH",
            "2:3 > 1:0 1/0 end_of_input OTH",
            "1:0 > 2:0 1/0 end_of_input OTH",
            "1:0 > 2:0 1/0 end_of_input OTH",
            "2:0 > 1:0 1/0 end_of_input OTH",
        ],
    );
}

#[test]
fn versions_and_protocols_do_not_mix() {
    let mut six = udp(0.0, (1, 40000), (2, 53));
    six.source = "::ffff:10.0.0.1".parse().expect("an address");
    six.destination = "::ffff:10.0.0.2".parse().expect("an address");
    let mut tcp_twin = ask(0.0, ACK, 1);
    tcp_twin.transport = tcp(0.0, (1, 40000), (2, 53), ACK, 1).transport;
    let packets = [udp(0.0, (1, 40000), (2, 53)), six, tcp_twin];
    assert_eq!(records(&FlowConfig::default(), &packets).len(), 3);
}
