//! One table per behaviour: packets in one line each, records in one line each.

use std::net::IpAddr;
use std::time::Duration;

use nettraffic_capture::{
    IcmpHeader, IpProtocol, PacketMeta, TcpFlags, TcpHeader, Timestamp, Transport, UdpHeader,
};

use crate::{Accumulate, Direction, Flow, FlowConfig, FlowEnd, FlowTable, NotAFlow};

const SYN: u8 = TcpFlags::SYN.0;
const ACK: u8 = TcpFlags::ACK.0;
const FIN: u8 = TcpFlags::FIN.0;
const RST: u8 = TcpFlags::RST.0;

const CLIENT: u8 = 1;
const SERVER: u8 = 2;

fn host(number: u8) -> IpAddr {
    [10, 0, 0, number].into()
}

/// Seconds with decimals, as exact nanoseconds.
fn at(seconds: f64) -> Timestamp {
    Timestamp::from_nanos((seconds * 1e9).round() as i64)
}

fn packet(seconds: f64, source: u8, destination: u8, protocol: IpProtocol) -> PacketMeta {
    PacketMeta::new(at(seconds), host(source), host(destination), protocol)
}

fn udp(seconds: f64, from: (u8, u16), to: (u8, u16)) -> PacketMeta {
    let mut packet = packet(seconds, from.0, to.0, IpProtocol::UDP);
    packet.transport = Transport::Udp(UdpHeader {
        source_port: from.1,
        destination_port: to.1,
    });
    packet.payload_len = 10;
    packet.ip_len = 38;
    packet
}

fn tcp(seconds: f64, from: (u8, u16), to: (u8, u16), flags: u8, sequence: u32) -> PacketMeta {
    let mut packet = packet(seconds, from.0, to.0, IpProtocol::TCP);
    packet.transport = Transport::Tcp(TcpHeader {
        source_port: from.1,
        destination_port: to.1,
        sequence,
        flags: TcpFlags(flags),
        ..TcpHeader::default()
    });
    packet
}

/// From the client's port 40000 to the server's port 80.
fn ask(seconds: f64, flags: u8, sequence: u32) -> PacketMeta {
    tcp(seconds, (CLIENT, 40000), (SERVER, 80), flags, sequence)
}

/// From the server's port 80 to the client's port 40000.
fn answer(seconds: f64, flags: u8, sequence: u32) -> PacketMeta {
    tcp(seconds, (SERVER, 80), (CLIENT, 40000), flags, sequence)
}

fn icmp(seconds: f64, from: u8, to: u8, kind: u8, identifier: Option<u16>) -> PacketMeta {
    let mut packet = packet(seconds, from, to, IpProtocol::ICMP);
    packet.transport = Transport::Icmp(IcmpHeader {
        kind,
        code: 0,
        identifier,
    });
    packet
}

fn handshake(seconds: f64) -> Vec<PacketMeta> {
    vec![
        ask(seconds, SYN, 100),
        acknowledging(answer(seconds, SYN | ACK, 500), 101),
        ask(seconds, ACK, 101),
    ]
}

/// A handshake and a close by both sides, all at one moment.
fn connection(seconds: f64) -> Vec<PacketMeta> {
    let mut packets = handshake(seconds);
    packets.extend([
        ask(seconds, FIN | ACK, 101),
        answer(seconds, FIN | ACK, 501),
        ask(seconds, ACK, 102),
    ]);
    packets
}

fn acknowledging(mut packet: PacketMeta, number: u32) -> PacketMeta {
    if let Transport::Tcp(tcp) = &mut packet.transport {
        tcp.acknowledgement = number;
    }
    packet
}

/// All records, the packets numbered in their order.
fn records(config: &FlowConfig, packets: &[PacketMeta]) -> Vec<Flow> {
    let mut table = FlowTable::<()>::new(config.clone());
    push_all(&mut table, packets);
    table.finish();
    std::iter::from_fn(|| table.pop()).collect()
}

fn push_all<A: Accumulate>(table: &mut FlowTable<A>, packets: &[PacketMeta]) {
    for (sequence, packet) in (0..).zip(packets) {
        let mut packet = *packet;
        packet.sequence = sequence;
        table.push(&packet);
    }
}

/// `initiator host:port > responder host:port`, continuation (if any), packets each way,
/// reason `@` the second it was due, state.
fn line(flow: &Flow) -> String {
    let last_byte = |address: IpAddr| match address {
        IpAddr::V4(address) => address.octets()[3],
        IpAddr::V6(address) => address.octets()[15],
    };
    let continuation = match flow.continuation {
        0 => String::new(),
        number => format!(" #{number}"),
    };
    format!(
        "{}:{} > {}:{}{continuation} {}/{} {}@{} {}",
        last_byte(flow.key.initiator),
        flow.key.initiator_port,
        last_byte(flow.key.responder),
        flow.key.responder_port,
        flow.forward.packets,
        flow.backward.packets,
        flow.end,
        flow.ended.as_seconds_f64(),
        flow.conn_state(),
    )
}

#[track_caller]
fn check(packets: &[PacketMeta], expected: &[&str]) {
    check_with(&FlowConfig::default(), packets, expected);
}

#[track_caller]
fn check_with(config: &FlowConfig, packets: &[PacketMeta], expected: &[&str]) {
    let lines: Vec<_> = records(config, packets).iter().map(line).collect();
    assert_eq!(lines, expected);
}

#[test]
fn reply_joins_the_request() {
    check(
        &[
            udp(1.0, (1, 40000), (2, 53)),
            udp(1.5, (2, 53), (1, 40000)),
            udp(2.0, (1, 40001), (2, 53)),
        ],
        &[
            "1:40000 > 2:53 1/1 end_of_input@2 SF",
            "1:40001 > 2:53 1/0 end_of_input@2 S0",
        ],
    );
}

#[test]
fn lengths_are_counted_per_side() {
    let flow = records(
        &FlowConfig::default(),
        &[
            udp(1.0, (1, 40000), (2, 53)),
            udp(1.5, (2, 53), (1, 40000)),
            udp(1.75, (2, 53), (1, 40000)),
        ],
    )
    .remove(0);
    assert_eq!(
        (flow.payload_bytes(), flow.ip_bytes(), flow.packets()),
        (30, 114, 3)
    );
    assert_eq!(
        (flow.forward.payload_bytes, flow.backward.ip_bytes),
        (10, 76)
    );
    assert_eq!(flow.duration(), Duration::from_millis(750));
}

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
            "1:3 > 2:3 1/1 end_of_input@0.8 OTH",
            "1:4 > 2:4 1/0 end_of_input@0.8 OTH",
            "1:3 > 2:0 2/0 end_of_input@0.8 OTH",
            "2:3 > 1:0 1/0 end_of_input@0.8 OTH",
            "1:0 > 2:0 1/0 end_of_input@0.8 OTH",
            "1:0 > 2:0 1/0 end_of_input@0.8 OTH",
            "2:0 > 1:0 1/0 end_of_input@0.8 OTH",
        ],
    );
}

#[test]
fn a_flow_ends_by_silence_longer_than_the_idle_timeout() {
    let packet = |seconds| udp(seconds, (1, 40000), (2, 53));
    check(
        &[packet(0.0), packet(120.0)],
        &["1:40000 > 2:53 2/0 end_of_input@120 S0"],
    );
    check(
        &[packet(0.0), packet(120.000_000_001)],
        &[
            "1:40000 > 2:53 1/0 idle@120 S0",
            "1:40000 > 2:53 1/0 end_of_input@120.000000001 S0",
        ],
    );
}

#[test]
fn steady_traffic_is_one_flow() {
    let packets: Vec<_> = (0..=60)
        .map(|step| udp(f64::from(step) * 10.0, (1, 40000), (2, 53)))
        .collect();
    check(&packets, &["1:40000 > 2:53 61/0 end_of_input@600 S0"]);
}

#[test]
fn records_come_in_the_order_of_deadlines_then_of_first_packets() {
    let seldom = |seconds, port| udp(seconds, (1, port), (2, 53));
    check(
        &[
            seldom(0.0, 1111),
            seldom(0.0, 2222),
            seldom(1.0, 3333),
            seldom(2.0, 2222),
            seldom(2.0, 1111),
            udp(500.0, (3, 9999), (2, 53)),
        ],
        &[
            "1:3333 > 2:53 1/0 idle@121 S0",
            "1:1111 > 2:53 2/0 idle@122 S0",
            "1:2222 > 2:53 2/0 idle@122 S0",
            "3:9999 > 2:53 1/0 end_of_input@500 S0",
        ],
    );
}

#[test]
fn a_long_flow_is_split_at_the_active_timeout() {
    let config = FlowConfig::default().with_active_timeout(Duration::from_secs(100));
    let answer = |seconds| udp(seconds, (2, 53), (1, 40000));
    check_with(
        &config,
        &[
            answer(0.0),
            answer(60.0),
            // At exactly the timeout a packet still belongs to the old record.
            answer(100.0),
            answer(150.0),
            answer(250.5),
        ],
        &[
            "1:40000 > 2:53 0/3 active@100 SHR",
            "1:40000 > 2:53 #1 0/1 active@250 SHR",
            "1:40000 > 2:53 #2 0/1 end_of_input@250.5 SHR",
        ],
    );
}

#[test]
fn an_empty_continuation_is_silent() {
    let config = FlowConfig::default().with_active_timeout(Duration::from_secs(100));
    let mut table = FlowTable::<()>::new(config);
    push_all(
        &mut table,
        &[
            udp(0.0, (1, 40000), (2, 53)),
            udp(60.0, (1, 40000), (2, 53)),
        ],
    );
    table.tick(at(101.0));
    assert_eq!(table.pop().map(|flow| flow.end), Some(FlowEnd::Active));
    assert_eq!(table.open(), 1);
    table.tick(at(180.5));
    table.finish();
    assert_eq!(table.pop(), None);
    assert_eq!(table.open(), 0);
    let counters = table.counters();
    assert_eq!(
        (counters.opened, counters.continuations, counters.records()),
        (1, 0, 1)
    );
}

#[test]
fn a_flow_that_is_over_at_its_active_timeout_is_idle() {
    let config = FlowConfig::default().with_active_timeout(Duration::from_secs(120));
    check_with(
        &config,
        &[udp(0.0, (1, 40000), (2, 53)), udp(500.0, (3, 1), (2, 2))],
        &[
            "1:40000 > 2:53 1/0 idle@120 S0",
            "3:1 > 2:2 1/0 end_of_input@500 S0",
        ],
    );
}

#[test]
fn a_connection_closed_by_both_lingers_and_ends_by_fin() {
    let mut packets = connection(0.0);
    packets.push(udp(5.5, (3, 1), (4, 2)));
    check(
        &packets,
        &[
            "1:40000 > 2:80 4/2 fin@5 SF",
            "3:1 > 4:2 1/0 end_of_input@5.5 S0",
        ],
    );
}

#[test]
fn straggler_joins_the_closed_flow() {
    let mut packets = connection(0.0);
    packets.extend([
        answer(4.0, FIN | ACK, 501),
        ask(9.0, ACK, 102),
        // More than the linger time later nothing is left to join.
        ask(14.5, ACK, 102),
    ]);
    check(
        &packets,
        &[
            "1:40000 > 2:80 5/3 fin@14 SF",
            "1:40000 > 2:80 1/0 end_of_input@14.5 OTH",
        ],
    );
}

#[test]
fn a_rst_after_the_close_leaves_it_a_normal_one() {
    let mut packets = connection(0.0);
    packets.push(ask(0.5, RST, 102));
    check(&packets, &["1:40000 > 2:80 5/2 fin@0.5 SF"]);
}

#[test]
fn half_closed_is_not_closed() {
    let mut packets = handshake(0.0);
    packets.push(ask(0.0, FIN | ACK, 101));
    packets.push(answer(60.0, ACK, 501));
    check(&packets, &["1:40000 > 2:80 3/2 end_of_input@60 S2"]);
}

#[test]
fn syn_after_close_opens_a_new_flow() {
    let mut packets = connection(0.0);
    packets.extend(connection(1.0));
    check(
        &packets,
        &["1:40000 > 2:80 4/2 fin@1 SF", "1:40000 > 2:80 4/2 fin@1 SF"],
    );
}

#[test]
fn each_refused_attempt_is_a_flow() {
    check(
        &[
            ask(0.0, SYN, 100),
            answer(0.0, RST | ACK, 0),
            ask(0.5, SYN, 100),
            answer(0.5, RST | ACK, 0),
        ],
        &[
            "1:40000 > 2:80 1/1 rst@0.5 REJ",
            "1:40000 > 2:80 1/1 rst@0.5 REJ",
        ],
    );
}

#[test]
fn another_initial_sequence_number_replaces_an_established_connection() {
    let mut packets = handshake(0.0);
    packets.push(ask(10.0, SYN, 9000));
    check(
        &packets,
        &[
            "1:40000 > 2:80 2/1 replaced@10 S1",
            "1:40000 > 2:80 1/0 end_of_input@10 S0",
        ],
    );
}

#[test]
fn the_client_of_a_midstream_flow_may_connect_anew() {
    check(
        &[
            answer(0.0, ACK, 700),
            ask(1.0, ACK, 300),
            ask(2.0, SYN, 9000),
        ],
        &[
            "1:40000 > 2:80 1/1 replaced@2 OTH",
            "1:40000 > 2:80 1/0 end_of_input@2 S0",
        ],
    );
}

#[test]
fn a_repeated_or_overtaken_syn_stays_in_its_flow() {
    let mut repeated = handshake(0.0);
    repeated.push(ask(1.0, SYN, 100));
    check(&repeated, &["1:40000 > 2:80 3/1 end_of_input@1 S1"]);
    check(
        &[
            acknowledging(answer(0.0, SYN | ACK, 500), 101),
            ask(0.0, SYN, 100),
            ask(0.0, ACK, 101),
        ],
        &["1:40000 > 2:80 2/1 end_of_input@0 S1"],
    );
    check(
        &[ask(0.0, ACK, 101), ask(0.0, SYN, 100)],
        &["1:40000 > 2:80 2/0 end_of_input@0 S0"],
    );
}

#[test]
fn attempts_that_nobody_answers_are_one_flow() {
    check(
        &[ask(0.0, SYN, 100), ask(1.0, SYN, 100), ask(3.0, SYN, 777)],
        &["1:40000 > 2:80 3/0 end_of_input@3 S0"],
    );
}

#[test]
fn states_are_those_of_zeek() {
    let established = [
        ask(0.0, SYN, 100),
        acknowledging(answer(0.0, SYN | ACK, 500), 101),
    ];
    let after = |rest: &[PacketMeta]| [&established[..], rest].concat();
    let cases: [(Vec<PacketMeta>, &str); 14] = [
        (vec![ask(0.0, SYN, 1)], "S0"),
        (after(&[]), "S1"),
        (connection(0.0), "SF"),
        (vec![ask(0.0, SYN, 1), answer(0.0, RST | ACK, 0)], "REJ"),
        (after(&[ask(0.0, FIN, 101)]), "S2"),
        (after(&[answer(0.0, FIN, 501)]), "S3"),
        (after(&[ask(0.0, RST, 101)]), "RSTO"),
        (after(&[answer(0.0, RST, 501)]), "RSTR"),
        (vec![ask(0.0, SYN, 1), ask(0.0, RST, 2)], "RSTOS0"),
        (
            vec![answer(0.0, SYN | ACK, 1), answer(0.0, RST, 2)],
            "RSTRH",
        ),
        (vec![ask(0.0, SYN, 1), ask(0.0, FIN, 2)], "SH"),
        (vec![answer(0.0, SYN | ACK, 1), answer(0.0, FIN, 2)], "SHR"),
        (vec![ask(0.0, ACK, 1), answer(0.0, ACK, 2)], "OTH"),
        (vec![ask(0.0, RST, 1)], "OTH"),
    ];
    for (packets, expected) in cases {
        let flow = records(&FlowConfig::default(), &packets).remove(0);
        assert_eq!(flow.conn_state().name(), expected);
    }
}

#[test]
fn a_closed_connection_does_not_go_on_after_the_active_timeout() {
    let config = FlowConfig::default().with_active_timeout(Duration::from_secs(7));
    let mut packets = connection(0.0);
    packets.extend([ask(4.0, ACK, 102), ask(8.0, ACK, 102)]);
    check_with(
        &config,
        &packets,
        &[
            "1:40000 > 2:80 5/2 fin@7 SF",
            "1:40000 > 2:80 1/0 end_of_input@8 OTH",
        ],
    );
}

#[test]
fn a_full_table_puts_out_closed_flows_then_the_stalest() {
    let config = FlowConfig::default().with_max_flows(3);
    let mut packets = vec![udp(0.0, (3, 1111), (4, 53)), udp(1.0, (3, 2222), (4, 53))];
    packets.extend(connection(2.0));
    packets.extend([
        udp(3.0, (3, 1111), (4, 53)),
        udp(4.0, (3, 3333), (4, 53)),
        udp(5.0, (3, 4444), (4, 53)),
    ]);
    check_with(
        &config,
        &packets,
        &[
            "1:40000 > 2:80 4/2 fin@4 SF",
            "3:2222 > 4:53 1/0 evicted@5 S0",
            "3:1111 > 4:53 2/0 end_of_input@5 S0",
            "3:3333 > 4:53 1/0 end_of_input@5 S0",
            "3:4444 > 4:53 1/0 end_of_input@5 S0",
        ],
    );
    let mut table = FlowTable::<()>::new(config);
    push_all(&mut table, &packets);
    assert_eq!(table.open(), 3);
    assert_eq!(table.counters().evicted, 2);
    assert_eq!(table.counters().records_by(FlowEnd::Evicted), 1);
}

#[test]
fn late_packets_join_without_moving_the_clock_back() {
    let mut table = FlowTable::<()>::new(FlowConfig::default());
    push_all(
        &mut table,
        &[
            udp(10.0, (1, 40000), (2, 53)),
            udp(11.0, (1, 40000), (2, 53)),
            udp(5.0, (1, 40000), (2, 53)),
            udp(6.0, (3, 40000), (2, 53)),
        ],
    );
    assert_eq!(table.counters().late_packets, 2);
    table.finish();
    let first = table.pop().expect("a record");
    assert_eq!((first.first, first.last), (at(10.0), at(11.0)));
    assert_eq!(first.forward.packets, 3);
    let second = table.pop().expect("a record");
    assert_eq!((second.first, second.ended), (at(6.0), at(11.0)));
}

#[test]
fn what_is_no_flow_is_counted() {
    let mut table = FlowTable::<()>::new(FlowConfig::default());
    let with = |transport| {
        let mut packet = udp(0.0, (1, 1), (2, 2));
        packet.transport = transport;
        packet
    };
    push_all(
        &mut table,
        &[
            with(Transport::LaterFragment),
            with(Transport::Cut),
            with(Transport::Cut),
            with(Transport::Other),
        ],
    );
    let counters = table.counters();
    assert_eq!(counters.not_a_flow(NotAFlow::LaterFragment), 1);
    assert_eq!(counters.not_a_flow(NotAFlow::TransportCut), 2);
    assert_eq!((counters.packets_in_flows, counters.packets()), (1, 4));
}

#[test]
fn a_finished_table_takes_another_capture() {
    let mut table = FlowTable::<()>::new(FlowConfig::default());
    for start in [1000.0, 0.0] {
        push_all(&mut table, &[udp(start, (1, 40000), (2, 53))]);
        table.finish();
        let flow = table.pop().expect("a record");
        assert_eq!((flow.first, flow.ended), (at(start), at(start)));
    }
    assert_eq!(table.counters().late_packets, 0);
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

/// Remembers the base counters that it was shown.
#[derive(Clone, Debug, Default, PartialEq)]
struct Shown(Vec<(u64, i64, i64)>);

impl Accumulate for Shown {
    fn update(&mut self, _: &PacketMeta, _: Direction, flow: &Flow<()>) {
        let seconds = |time: Timestamp| time.as_nanos() / 1_000_000_000;
        self.0
            .push((flow.packets(), seconds(flow.first), seconds(flow.last)));
    }
}

#[test]
fn accumulators_see_the_flow_as_it_was_before_the_packet() {
    let config = FlowConfig::default().with_active_timeout(Duration::from_secs(50));
    let mut table = FlowTable::<(Shown, Shown)>::new(config);
    let packet = |seconds| udp(seconds, (1, 40000), (2, 53));
    push_all(
        &mut table,
        &[packet(1.0), packet(2.0), packet(60.0), packet(61.0)],
    );
    table.finish();
    for expected in [vec![(0, 1, 1), (1, 1, 1)], vec![(0, 60, 60), (1, 60, 60)]] {
        let flow = table.pop().expect("a record");
        assert_eq!(flow.state, (Shown(expected.clone()), Shown(expected)));
    }
}
