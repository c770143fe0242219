//! Features of flows that went through a flow table.
#![cfg(feature = "flow")]

use std::net::{IpAddr, Ipv4Addr};

use nettraffic_capture::{
    IcmpAbout, IcmpHeader, IpProtocol, PacketMeta, TcpFlags, TcpHeader, Timestamp, Transport,
    UdpHeader,
};
use nettraffic_features::{
    ColumnKind, FeatureSet, FlowFormat, FlowWriter, FullStatistics, Missing, Statistics, Unit,
};
use nettraffic_flow::{Flow, FlowConfig, FlowTable};
use proptest::prelude::*;

const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

const FIN: u8 = TcpFlags::FIN.0;
const SYN: u8 = TcpFlags::SYN.0;
const RST: u8 = TcpFlags::RST.0;
const PSH: u8 = TcpFlags::PSH.0;
const ACK: u8 = TcpFlags::ACK.0;

#[derive(Clone, Copy, PartialEq)]
enum Sender {
    Client,
    Server,
}
use Sender::{Client, Server};

/// A packet between port 40000 of the client and `port` of the server.
fn packet(
    from: Sender,
    millis: i64,
    protocol: IpProtocol,
    payload: u32,
    header: u32,
) -> PacketMeta {
    let (source, destination) = match from {
        Client => (CLIENT, SERVER),
        Server => (SERVER, CLIENT),
    };
    let time = Timestamp::from_nanos(1_700_000_000_000_000_000 + millis * 1_000_000);
    let mut packet = PacketMeta::new(time, source, destination, protocol);
    packet.payload_len = payload;
    packet.header_len = header;
    packet
}

fn segment(from: Sender, millis: i64, flags: u8, sequence: u32, payload: u32) -> PacketMeta {
    let (source_port, destination_port) = match from {
        Client => (40_000, 443),
        Server => (443, 40_000),
    };
    let mut packet = packet(from, millis, IpProtocol::TCP, payload, 40);
    packet.ttl = if from == Client { 60 } else { 120 };
    packet.transport = Transport::Tcp(TcpHeader {
        source_port,
        destination_port,
        sequence,
        acknowledgement: 0,
        window: if from == Client { 64_240 } else { 65_535 },
        flags: TcpFlags(flags),
        ..TcpHeader::default()
    });
    packet
}

fn acknowledging(mut segment: PacketMeta, number: u32) -> PacketMeta {
    if let Transport::Tcp(tcp) = &mut segment.transport {
        tcp.acknowledgement = number;
    }
    segment
}

fn datagram(from: Sender, millis: i64, port: u16, payload: u32) -> PacketMeta {
    let (source_port, destination_port) = match from {
        Client => (50_000, port),
        Server => (port, 50_000),
    };
    let mut packet = packet(from, millis, IpProtocol::UDP, payload, 28);
    packet.ttl = 255;
    packet.transport = Transport::Udp(UdpHeader {
        source_port,
        destination_port,
    });
    packet
}

fn flows(packets: &[PacketMeta]) -> Vec<Flow<FullStatistics>> {
    let mut table = FlowTable::new(FlowConfig::default());
    let mut flows = Vec::new();
    for (sequence, packet) in packets.iter().enumerate() {
        let mut packet = *packet;
        packet.sequence = sequence as u64;
        table.push(&packet);
        flows.extend(std::iter::from_fn(|| table.pop()));
    }
    table.finish();
    flows.extend(std::iter::from_fn(|| table.pop()));
    flows
}

fn one_flow(packets: &[PacketMeta]) -> Flow<FullStatistics> {
    let mut flows = flows(packets);
    assert_eq!(flows.len(), 1, "{flows:?}");
    flows.remove(0)
}

fn extract(set: &FeatureSet, flow: &Flow<FullStatistics>, row: &mut Vec<f64>) {
    let (flow, state) = flow.clone().into_parts();
    set.extract(&state.record(&flow), row);
}

/// Name and value of every column of these sets; categories by name.
fn row(flow: &Flow<FullStatistics>) -> Vec<(String, f64, String)> {
    let set = FeatureSet::named("basic,length,timing,tcp,path").unwrap();
    let mut row = Vec::new();
    extract(&set, flow, &mut row);
    let schema = set.schema();
    let columns = schema.columns().iter().zip(row);
    columns
        .map(|(column, value)| {
            let category = column.category_name(value).unwrap_or_default().to_owned();
            (column.name.to_string(), value, category)
        })
        .collect()
}

/// Every column of the row, in order: numbers within rounding, categories by name.
fn check_row(flow: &Flow<FullStatistics>, expected: &[(&str, Expected)]) {
    let row = row(flow);
    let names: Vec<&str> = row.iter().map(|(name, ..)| name.as_str()).collect();
    let expected_names: Vec<&str> = expected.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, expected_names);
    for ((name, value, category), (_, expected)) in row.iter().zip(expected) {
        match expected {
            Expected::Name(expected) => assert_eq!(category, expected, "{name}"),
            Expected::Number(expected) => {
                let error = (value - expected).abs();
                assert!(
                    error <= 1e-12 * (1.0 + expected.abs()),
                    "{name}: {value}, not {expected}"
                );
            }
        }
    }
}

enum Expected {
    Number(f64),
    Name(&'static str),
}

#[test]
fn every_feature_of_a_connection_made_by_hand() {
    let mut other_path = segment(Client, 40, PSH | ACK, 101, 100);
    other_path.ttl = 58;
    let flow = one_flow(&[
        segment(Client, 0, SYN, 100, 0),
        segment(Server, 20, SYN | ACK, 500, 0),
        segment(Client, 30, ACK, 101, 0),
        other_path,
        // Sent again.
        segment(Client, 50, PSH | ACK, 101, 100),
        segment(Server, 100, PSH | ACK, 501, 1000),
        // 1000 bytes before it were not captured.
        segment(Server, 110, ACK, 2501, 500),
        // After seven seconds of silence.
        segment(Client, 7110, FIN | ACK, 201, 0),
        segment(Server, 7130, FIN | ACK, 3001, 0),
        segment(Client, 7140, ACK, 202, 0),
    ]);
    // Seconds from squares of milliseconds.
    let std = |squares: f64, sum: f64, n: f64| (squares / n - (sum / n).powi(2)).sqrt() / 1000.0;
    let variation =
        |squares: f64, sum: f64, n: f64| ((squares - sum * sum / n) / (n - 1.0)).sqrt() / (sum / n);
    use Expected::{Name, Number as N};
    check_row(
        &flow,
        &[
            ("protocol", Name("tcp")),
            ("service", Name("https")),
            ("answered", N(1.0)),
            ("flow_duration", N(7.14)),
            ("forward_packets", N(6.0)),
            ("backward_packets", N(4.0)),
            ("forward_payload_bytes", N(200.0)),
            ("backward_payload_bytes", N(1500.0)),
            ("packets_per_second", N(10.0 / 7.14)),
            ("bytes_per_second", N(2100.0 / 7.14)),
            ("forward_payload_per_second", N(200.0 / 7.14)),
            ("backward_payload_per_second", N(1500.0 / 7.14)),
            ("forward_packet_share", N(0.6)),
            ("forward_payload_share", N(200.0 / 1700.0)),
            ("forward_payload_share_missing", N(0.0)),
            ("header_share", N(400.0 / 2100.0)),
            ("payload_mean", N(170.0)),
            ("payload_std", N(98_100_f64.sqrt())),
            ("forward_payload_min", N(0.0)),
            ("forward_payload_mean", N(200.0 / 6.0)),
            ("forward_payload_max", N(100.0)),
            ("forward_payload_std", N((20_000.0_f64 / 9.0).sqrt())),
            ("backward_payload_min", N(0.0)),
            ("backward_payload_mean", N(375.0)),
            ("backward_payload_max", N(1000.0)),
            ("backward_payload_std", N(171_875_f64.sqrt())),
            ("forward_data_share", N(2.0 / 6.0)),
            ("backward_data_share", N(0.5)),
            ("gap_mean", N(7.14 / 9.0)),
            ("gap_mean_missing", N(0.0)),
            ("gap_std", N(std(49_003_800.0, 7140.0, 9.0))),
            ("gap_min", N(0.01)),
            ("gap_max", N(7.0)),
            ("forward_gap_mean", N(7.14 / 5.0)),
            ("forward_gap_mean_missing", N(0.0)),
            ("forward_gap_std", N(std(49_845_600.0, 7140.0, 5.0))),
            ("forward_gap_min", N(0.01)),
            ("forward_gap_max", N(7.06)),
            ("backward_gap_mean", N(2.37)),
            ("backward_gap_mean_missing", N(0.0)),
            ("backward_gap_std", N(std(49_286_900.0, 7110.0, 3.0))),
            ("backward_gap_min", N(0.01)),
            ("backward_gap_max", N(7.02)),
            ("gap_variation", N(variation(49_003_800.0, 7140.0, 9.0))),
            ("gap_variation_missing", N(0.0)),
            (
                "forward_gap_variation",
                N(variation(49_845_600.0, 7140.0, 5.0)),
            ),
            ("forward_gap_variation_missing", N(0.0)),
            ("response_delay", N(0.02)),
            ("response_delay_missing", N(0.0)),
            ("active_mean", N(0.07)),
            ("active_max", N(0.11)),
            ("idle_periods", N(1.0)),
            ("idle_mean", N(7.0)),
            ("idle_max", N(7.0)),
            ("connection_state", Name("SF")),
            ("half_open", N(0.0)),
            ("forward_syn", N(1.0)),
            ("backward_syn", N(1.0)),
            ("forward_fin", N(1.0)),
            ("backward_fin", N(1.0)),
            ("forward_rst", N(0.0)),
            ("backward_rst", N(0.0)),
            ("forward_psh", N(2.0)),
            ("backward_psh", N(1.0)),
            ("ack", N(9.0)),
            ("urg", N(0.0)),
            ("ecn", N(0.0)),
            ("forward_window", N(64_240.0)),
            ("forward_window_missing", N(0.0)),
            ("backward_window", N(65_535.0)),
            ("backward_window_missing", N(0.0)),
            ("forward_repeated", N(1.0)),
            ("backward_repeated", N(0.0)),
            ("forward_skipped", N(0.0)),
            ("backward_skipped", N(1.0)),
            ("forward_initial_ttl", N(64.0)),
            ("forward_hops", N(4.0)),
            ("forward_ttl_spread", N(2.0)),
            ("backward_initial_ttl", N(128.0)),
            ("backward_hops", N(8.0)),
            ("backward_ttl_spread", N(0.0)),
        ],
    );
}

#[test]
fn a_single_packet_has_no_rate_no_gap_and_no_other_side() {
    let flow = one_flow(&[datagram(Client, 0, 53, 30)]);
    let set = FeatureSet::all();
    let not_zero = [
        ("protocol", 1.0),
        ("service", 2.0),
        ("forward_packets", 1.0),
        ("forward_payload_bytes", 30.0),
        ("forward_packet_share", 1.0),
        ("forward_payload_share", 1.0),
        ("header_share", 28.0 / 58.0),
        ("forward_data_share", 1.0),
        ("payload_mean", 30.0),
        ("forward_payload_min", 30.0),
        ("forward_payload_mean", 30.0),
        ("forward_payload_max", 30.0),
        ("gap_mean_missing", 1.0),
        ("forward_gap_mean_missing", 1.0),
        ("backward_gap_mean_missing", 1.0),
        ("gap_variation", 1.0),
        ("gap_variation_missing", 1.0),
        ("forward_gap_variation", 1.0),
        ("forward_gap_variation_missing", 1.0),
        ("response_delay_missing", 1.0),
        ("forward_window_missing", 1.0),
        ("backward_window_missing", 1.0),
        ("forward_initial_ttl", 255.0),
    ];
    for (name, value, _) in row(&flow) {
        let expected = not_zero.iter().find(|(known, _)| *known == name);
        assert_eq!(value, expected.map_or(0.0, |(_, value)| *value), "{name}");
    }
    let schema = set.schema();
    assert!(
        not_zero
            .iter()
            .all(|(name, _)| schema.position(name).is_some())
    );
}

/// One column of a flow: a number as text, or a category's name.
fn check(packets: &[PacketMeta], name: &str, expected: &str) {
    let row = row(&one_flow(packets));
    let (_, value, category) = row.iter().find(|(known, ..)| known == name).unwrap();
    let found = if category.is_empty() {
        value.to_string()
    } else {
        category.clone()
    };
    assert_eq!(found, expected, "{name}");
}

#[test]
fn attacks_show_in_the_features_meant_for_them() {
    let syn = segment(Client, 0, SYN, 7, 0);
    let accepted = segment(Server, 1, SYN | ACK, 9, 0);
    let reset = segment(Client, 2, RST, 8, 0);
    check(&[syn], "connection_state", "S0");
    check(&[syn], "half_open", "0");
    check(
        &[syn, acknowledging(segment(Server, 1, RST | ACK, 0, 0), 8)],
        "connection_state",
        "REJ",
    );
    check(&[syn, accepted, reset], "half_open", "1");
    check(
        &[syn, accepted, segment(Client, 2, ACK, 8, 0)],
        "half_open",
        "0",
    );
    check(&[syn, syn, syn], "forward_repeated", "2");

    let beacon: Vec<_> = (0..5)
        .map(|i| datagram(Client, i * 10_000, 9999, 8))
        .collect();
    check(&beacon, "gap_variation", "0");
    check(&beacon, "gap_variation_missing", "0");
    check(&beacon, "idle_periods", "4");
    check(&beacon, "service", "registered");
    check(&beacon, "answered", "0");

    let answered_late = [datagram(Client, 0, 53, 30), datagram(Server, 1500, 53, 90)];
    check(&answered_late, "response_delay", "1.5");
    check(&answered_late, "forward_payload_share", "0.25");

    let mut echo = packet(Client, 0, IpProtocol::ICMP, 56, 28);
    echo.transport = Transport::Icmp(IcmpHeader {
        kind: 8,
        code: 0,
        about: IcmpAbout::Query(80),
    });
    check(&[echo], "protocol", "icmp");
    check(&[echo], "service", "other");
    let tunnel = packet(Client, 0, IpProtocol(47), 100, 20);
    check(&[tunnel], "protocol", "other");
}

#[test]
fn sets_are_chosen_by_name_in_any_order() {
    let all: Vec<&str> = FeatureSet::names().collect();
    assert!(all.starts_with(&["basic", "length", "timing", "tcp", "path", "cic"]));
    assert_eq!(FeatureSet::all().name(), all.join(","));
    assert!(FeatureSet::all().features().count() >= 40);

    let both = FeatureSet::named("timing, basic,timing").unwrap();
    assert_eq!(both.name(), "basic,timing");
    let fingerprint = |names| FeatureSet::named(names).unwrap().schema().fingerprint();
    assert_eq!(both.schema().fingerprint(), fingerprint("basic,timing"));
    assert_ne!(both.schema().fingerprint(), fingerprint("basic"));

    for (names, unknown) in [("", ""), ("basic,cic2", "cic2"), ("basic,", "")] {
        assert_eq!(FeatureSet::named(names).unwrap_err().name, unknown);
    }
    assert_eq!(
        FeatureSet::named("Basic").unwrap_err().to_string(),
        format!(
            "there is no feature set \"Basic\"; there are {}",
            all.join(", ")
        )
    );
}

#[test]
fn the_schema_follows_the_features_with_indicators_right_after_theirs() {
    for names in FeatureSet::names() {
        let set = FeatureSet::named(names).unwrap();
        let schema = set.schema();
        let mut columns = schema.columns().iter();
        for feature in set.features() {
            assert_eq!(columns.next(), Some(&feature.column()));
            if matches!(feature.missing, Missing::Indicated(_)) {
                let indicator = columns.next().unwrap();
                assert_eq!(indicator.name, format!("{}_missing", feature.name));
                assert_eq!(indicator.kind, ColumnKind::Indicator);
            }
        }
        assert_eq!(columns.next(), None);
    }
}

#[test]
fn no_column_of_a_written_record_stands_there_twice() {
    let writer = FlowWriter::new(FeatureSet::all().schema(), FlowFormat::Csv);
    let header = std::str::from_utf8(writer.header()).unwrap().trim_end();
    let mut names: Vec<&str> = header.split(',').collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "{header}");
}

#[test]
fn extraction_appends_and_needs_no_memory_of_its_own() {
    let set = FeatureSet::all();
    let flow = one_flow(&[datagram(Client, 0, 53, 30), datagram(Server, 1, 53, 99)]);
    let width = set.schema().len();
    let mut rows = Vec::with_capacity(2 * width);
    let place = rows.as_ptr();
    extract(&set, &flow, &mut rows);
    extract(&set, &flow, &mut rows);
    assert_eq!((rows.len(), rows.as_ptr()), (2 * width, place));
    assert_eq!(rows[..width], rows[width..]);
}

fn any_packet() -> impl Strategy<Value = PacketMeta> {
    let lengths = prop_oneof![0_u32..3, 0_u32..1500, any::<u32>()];
    let times = prop_oneof![
        -5_i64..5,
        0_i64..100_000,
        any::<i64>().prop_map(|t| t / 1_000_000_000)
    ];
    let tcp = (any::<u8>(), any::<u32>(), any::<u16>());
    (
        any::<bool>(),
        0_u8..5,
        0_u16..3,
        times,
        lengths.clone(),
        lengths,
        tcp,
        any::<u8>(),
    )
        .prop_map(
            |(client, protocol, port, millis, payload, header, (flags, sequence, window), ttl)| {
                let from = if client { Client } else { Server };
                let number = [6, 17, 1, 58, 47][usize::from(protocol)];
                let mut packet = packet(from, 0, IpProtocol(number), payload, 0);
                packet.timestamp = Timestamp::from_nanos(millis.saturating_mul(1_000_000));
                (packet.header_len, packet.ttl) = (header, ttl);
                let (source_port, destination_port) = if client {
                    (40_000, port)
                } else {
                    (port, 40_000)
                };
                packet.transport = match number {
                    6 => Transport::Tcp(TcpHeader {
                        source_port,
                        destination_port,
                        sequence,
                        acknowledgement: sequence,
                        window,
                        flags: TcpFlags(flags),
                        ..TcpHeader::default()
                    }),
                    17 => Transport::Udp(UdpHeader {
                        source_port,
                        destination_port,
                    }),
                    _ => Transport::Other,
                };
                packet
            },
        )
}

/// Lengths of packets have the sign of their direction.
fn may_be_negative(column: &str) -> bool {
    column.ends_with("_skewness") || column.starts_with("packet_") && column.ends_with("_length")
}

proptest! {
    #[test]
    fn rows_of_any_packets_are_sound(packets in prop::collection::vec(any_packet(), 1..40)) {
        let set = FeatureSet::all();
        let schema = set.schema();
        for flow in flows(&packets) {
            let mut row = Vec::new();
            extract(&set, &flow, &mut row);
            prop_assert_eq!(row.len(), schema.len());
            for (column, value) in schema.columns().iter().zip(row) {
                let sound = match &column.kind {
                    ColumnKind::Category(names) => value.fract() == 0.0 && (0.0..=names.len() as f64).contains(&value),
                    ColumnKind::Indicator => value == 0.0 || value == 1.0,
                    _ if column.unit == Unit::Flag => value == 0.0 || value == 1.0,
                    _ => value.is_finite() && (value >= 0.0 || may_be_negative(&column.name)),
                };
                let share = column.name.ends_with("_share");
                prop_assert!(sound && (!share || value <= 1.0), "{}: {}", column.name, value);
            }
        }
    }
}
