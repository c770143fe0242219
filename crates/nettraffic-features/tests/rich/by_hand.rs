//! Flows made by hand, every value worked out.

use std::error::Error;

use nettraffic_capture::{Entropy, PacketMeta, TcpFlags, TcpOptions, Transport};
use nettraffic_features::FeatureSet;

use crate::Sender::{Client, Server};
use crate::{datagram, rows, segment};

const FIN: u8 = TcpFlags::FIN.0;
const SYN: u8 = TcpFlags::SYN.0;
const PSH: u8 = TcpFlags::PSH.0;
const ACK: u8 = TcpFlags::ACK.0;

/// The sets that `rich` brings along.
const SHARED: &str = "basic,length,timing,tcp";

/// The columns that `rich` has of its own: these and no others are not 0.
fn check(packets: &[PacketMeta], expected: &[(&str, f64)]) -> Result<(), Box<dyn Error>> {
    let rows = rows(packets)?;
    let [row] = rows.as_slice() else {
        return Err(format!("{} flows", rows.len()).into());
    };
    let shared = FeatureSet::named(SHARED)?.schema();
    let schema = FeatureSet::named("rich")?.schema();
    for (name, _) in expected {
        assert!(schema.position(name).is_some(), "{name}");
    }
    let own = schema.columns().iter().map(|column| &*column.name);
    for name in own.filter(|name| shared.position(name).is_none()) {
        let value = row.get(name).copied().ok_or(name)?;
        let expected = expected.iter().find(|(known, _)| *known == name);
        let expected = expected.map_or(0.0, |(_, value)| *value);
        let error = (value - expected).abs();
        assert!(
            error <= 1e-12 * (1.0 + expected.abs()),
            "{name}: {value}, not {expected}"
        );
    }
    Ok(())
}

/// What a percentile is for a value in a bucket with these ends.
fn between(low: f64, high: f64) -> f64 {
    2.0 * low * high / (low + high)
}

/// Gaps are in buckets of 2¹⁶ nanoseconds and more.
fn gap_between(low: f64, high: f64) -> f64 {
    between(low, high) / 1e9
}

fn skewness(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let moment = |power| values.iter().map(|v| (v - mean).powi(power)).sum::<f64>() / n;
    moment(3) / moment(2).powf(1.5)
}

fn with_options(mut packet: PacketMeta, set: impl Fn(&mut TcpOptions)) -> PacketMeta {
    if let Transport::Tcp(tcp) = &mut packet.transport {
        set(&mut tcp.options);
    }
    packet
}

fn with_payload(mut packet: PacketMeta, bytes: &[u8]) -> PacketMeta {
    packet.payload_entropy = Entropy::of(bytes);
    packet
}

#[test]
fn every_feature_of_a_connection() -> Result<(), Box<dyn Error>> {
    let syn = with_options(segment(Client, 0, SYN, (100, 0), 0, 64_240), |options| {
        options.maximum_segment_size = Some(1460);
        options.window_scale = Some(7);
        options.sack_permitted = true;
        options.timestamps = Some((1, 0));
    });
    let accepted = with_options(
        segment(Server, 20, SYN | ACK, (500, 101), 0, 65_535),
        |options| {
            options.maximum_segment_size = Some(1400);
            options.sack_permitted = true;
        },
    );
    let packets = [
        syn,
        accepted,
        segment(Client, 30, ACK, (101, 501), 0, 500),
        with_payload(
            segment(Client, 40, PSH | ACK, (101, 501), 100, 500),
            b"abab",
        ),
        // Sent again.
        with_payload(
            segment(Client, 50, PSH | ACK, (101, 501), 100, 500),
            b"aaaa",
        ),
        segment(Server, 100, PSH | ACK, (501, 201), 1000, 1000),
        segment(Server, 110, ACK, (1501, 201), 500, 900),
        segment(Client, 1500, FIN | ACK, (201, 2001), 0, 400),
        segment(Server, 1520, FIN | ACK, (2001, 202), 0, 900),
        segment(Client, 1530, ACK, (202, 2002), 0, 400),
    ];
    // Buckets of gaps: 10 ms, 30 ms, 80 ms, and over a second.
    let ten = gap_between(1e7, ((192_u64 << 16) - 1) as f64);
    let thirty = gap_between((384_u64 << 16) as f64, ((512_u64 << 16) - 1) as f64);
    let eighty = gap_between((1024_u64 << 16) as f64, ((1536_u64 << 16) - 1) as f64);
    let long = |largest| gap_between((16_384_u64 << 16) as f64, largest);
    check(
        &packets,
        &[
            ("forward_payload_skewness", 0.5_f64.sqrt()),
            ("forward_payload_p75", between(96.0, 100.0)),
            ("forward_payload_p90", between(96.0, 100.0)),
            (
                "backward_payload_skewness",
                skewness(&[0.0, 0.0, 500.0, 1000.0]),
            ),
            ("backward_payload_p75", between(384.0, 511.0)),
            ("backward_payload_p90", between(768.0, 1000.0)),
            ("forward_ip_bytes", 440.0),
            ("backward_ip_bytes", 1660.0),
            ("forward_ip_length_mean", 440.0 / 6.0),
            ("backward_ip_length_mean", 415.0),
            ("forward_header_share", 240.0 / 440.0),
            ("backward_header_share", 160.0 / 1660.0),
            (
                "forward_gap_skewness",
                skewness(&[30.0, 10.0, 10.0, 1450.0, 30.0]),
            ),
            ("forward_gap_p10", ten),
            ("forward_gap_p25", ten),
            ("forward_gap_p50", thirty),
            ("forward_gap_p75", thirty),
            ("forward_gap_p90", long(1.45e9)),
            ("backward_gap_skewness", skewness(&[80.0, 10.0, 1410.0])),
            ("backward_gap_p10", ten),
            ("backward_gap_p25", ten),
            ("backward_gap_p50", eighty),
            ("backward_gap_p75", long(1.41e9)),
            ("backward_gap_p90", long(1.41e9)),
            ("forward_bursts", 4.0),
            ("forward_burst_packets_mean", 1.5),
            ("forward_burst_packets_max", 3.0),
            ("forward_burst_payload_mean", 50.0),
            ("forward_burst_payload_max", 200.0),
            ("forward_burst_duration_mean", 0.005),
            ("forward_burst_duration_max", 0.02),
            ("backward_bursts", 3.0),
            ("backward_burst_packets_mean", 4.0 / 3.0),
            ("backward_burst_packets_max", 2.0),
            ("backward_burst_payload_mean", 500.0),
            ("backward_burst_payload_max", 1500.0),
            ("backward_burst_duration_mean", 0.01 / 3.0),
            ("backward_burst_duration_max", 0.01),
            ("packets_seen", 10.0),
            ("packet_02_gap", 0.02),
            ("packet_03_gap", 0.01),
            ("packet_04_length", 100.0),
            ("packet_04_gap", 0.01),
            ("packet_05_length", 100.0),
            ("packet_05_gap", 0.01),
            ("packet_06_length", -1000.0),
            ("packet_06_gap", 0.05),
            ("packet_07_length", -500.0),
            ("packet_07_gap", 0.01),
            ("packet_08_gap", 1.39),
            ("packet_09_gap", 0.02),
            ("packet_10_gap", 0.01),
            ("forward_fin_share", 1.0 / 6.0),
            ("forward_syn_share", 1.0 / 6.0),
            ("forward_psh_share", 2.0 / 6.0),
            ("forward_ack_share", 5.0 / 6.0),
            ("forward_pure_ack_share", 2.0 / 6.0),
            ("backward_fin_share", 0.25),
            ("backward_syn_share", 0.25),
            ("backward_psh_share", 0.25),
            ("backward_ack_share", 1.0),
            ("flag_combinations", 5.0),
            ("forward_syn_segment_size", 1460.0),
            ("backward_syn_segment_size", 1400.0),
            ("forward_syn_window_scale", 7.0),
            ("backward_syn_window_scale_missing", 1.0),
            ("forward_syn_sack_permitted", 1.0),
            ("backward_syn_sack_permitted", 1.0),
            ("forward_syn_timestamps", 1.0),
            ("forward_retransmitted", 1.0),
            ("forward_retransmitted_share", 0.5),
            ("forward_acknowledged_bytes", 100.0),
            ("backward_acknowledged_bytes", 1500.0),
            // The server offers no scale, so nobody scales.
            ("forward_window_min", 400.0),
            ("forward_window_max", 500.0),
            ("backward_window_min", 900.0),
            ("backward_window_max", 1000.0),
            ("syn_to_syn_ack", 0.02),
            ("syn_ack_to_ack", 0.01),
            ("handshake_round_trip", 0.03),
            // Nobody knows which of the two like segments the server answers.
            ("initiator_round_trips", 1.0),
            ("initiator_round_trip_min", 1.4),
            ("initiator_round_trip_mean", 1.4),
            ("initiator_round_trip_max", 1.4),
            ("forward_entropy_mean", 0.5),
            ("forward_entropy_first", 1.0),
            ("forward_entropy_max", 1.0),
            ("backward_entropy_mean_missing", 1.0),
        ],
    )
}

#[test]
fn a_single_datagram() -> Result<(), Box<dyn Error>> {
    let mut query = datagram(Client, 0, 30);
    query.payload_entropy = Entropy::of(b"abcd");
    check(
        &[query],
        &[
            ("forward_payload_p10", 30.0),
            ("forward_payload_p25", 30.0),
            ("forward_payload_p50", 30.0),
            ("forward_payload_p75", 30.0),
            ("forward_payload_p90", 30.0),
            ("forward_ip_bytes", 58.0),
            ("forward_ip_length_mean", 58.0),
            ("forward_header_share", 28.0 / 58.0),
            ("forward_bursts", 1.0),
            ("forward_burst_packets_mean", 1.0),
            ("forward_burst_packets_max", 1.0),
            ("forward_burst_payload_mean", 30.0),
            ("forward_burst_payload_max", 30.0),
            ("packets_seen", 1.0),
            ("packet_01_length", 30.0),
            ("forward_syn_window_scale_missing", 1.0),
            ("backward_syn_window_scale_missing", 1.0),
            ("syn_to_syn_ack_missing", 1.0),
            ("syn_ack_to_ack_missing", 1.0),
            ("forward_entropy_mean", 2.0),
            ("forward_entropy_first", 2.0),
            ("forward_entropy_min", 2.0),
            ("forward_entropy_max", 2.0),
            ("backward_entropy_mean_missing", 1.0),
        ],
    )
}

#[test]
fn a_clockwork_has_its_gap_as_every_percentile() -> Result<(), Box<dyn Error>> {
    let beacon: Vec<_> = (0..9).map(|i| datagram(Client, i * 10_000, 8)).collect();
    let rows = rows(&beacon)?;
    let row = rows.first().ok_or("a flow")?;
    for percentile in ["p10", "p25", "p50", "p75", "p90"] {
        assert_eq!(row[&format!("forward_gap_{percentile}")], 10.0);
    }
    assert_eq!(row["forward_gap_skewness"], 0.0);
    assert_eq!(row["forward_bursts"], 9.0);
    Ok(())
}

#[test]
fn the_set_brings_those_of_detection_and_does_not_change_them() -> Result<(), Box<dyn Error>> {
    let rich = FeatureSet::named("rich")?;
    let usual = FeatureSet::named(SHARED)?;
    let columns = rich.schema();
    let shared = usual.schema();
    assert_eq!(usual.name(), SHARED);
    assert_eq!(FeatureSet::default().name(), format!("{SHARED},context"));
    assert_eq!(
        FeatureSet::standard().name(),
        "basic,length,timing,tcp,path"
    );
    assert_eq!(columns.columns()[..shared.len()], *shared.columns());
    assert_eq!(
        FeatureSet::named("basic,tcp,rich,length,timing")?
            .schema()
            .len(),
        columns.len()
    );
    Ok(())
}
