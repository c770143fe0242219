//! One conversation, computed by hand.

use nettraffic_capture::{IpProtocol, PacketMeta, Timestamp, Transport, UdpHeader};
use nettraffic_features::{DecayRatesError, PacketFeatureConfig, PacketFeatures};

use crate::rows;

const CLIENT: [u8; 4] = [192, 0, 2, 1];
const SERVER: [u8; 4] = [192, 0, 2, 2];

fn datagram(
    seconds: i64,
    source: ([u8; 4], u16),
    destination: ([u8; 4], u16),
    wire_len: u32,
) -> PacketMeta {
    let time = Timestamp::from_seconds(seconds, 0);
    let mut packet = PacketMeta::new(time, source.0.into(), destination.0.into(), IpProtocol::UDP);
    packet.transport = Transport::Udp(UdpHeader {
        source_port: source.1,
        destination_port: destination.1,
    });
    packet.wire_len = wire_len;
    packet
}

/// The last packet's row at λ = 1, against all columns in order.
fn check(packets: &[PacketMeta], expected: &[(&str, f64)]) -> Result<(), DecayRatesError> {
    let config = PacketFeatureConfig::default().with_decay_rates(&[1.0])?;
    let schema = PacketFeatures::new(config.clone()).schema();
    let names: Vec<_> = schema.columns().iter().map(|c| &*c.name).collect();
    let expected_names: Vec<_> = expected.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, expected_names);
    let rows = rows(&config, packets);
    let last = rows.chunks(schema.len()).next_back().unwrap_or_default();
    for (found, (name, expected)) in last.iter().zip(expected) {
        let error = (found - expected).abs();
        assert!(
            error <= 1e-12 * expected.abs(),
            "{name}: {found}, not {expected}"
        );
    }
    Ok(())
}

#[test]
fn a_conversation_of_two_sockets() -> Result<(), DecayRatesError> {
    let [first, second, server] = [(CLIENT, 1000), (CLIENT, 1001), (SERVER, 53)];
    check(
        &[
            datagram(0, first, server, 100),
            datagram(0, server, first, 300),
            datagram(1, first, server, 400),
            // Half a weight of all that was, a residual of 0 for the first of each way.
            datagram(1, server, first, 600),
            datagram(3, second, server, 200),
        ],
        &[
            // Weights of the client's packets: 1/8, 1/4 and 1, sizes 100, 400 and 200.
            ("source_weight_1", 11.0 / 8.0),
            ("source_size_mean_1", 2500.0 / 11.0),
            ("source_size_std_1", 300.0 * 10_f64.sqrt() / 11.0),
            ("channel_weight_1", 11.0 / 8.0),
            ("channel_size_mean_1", 2500.0 / 11.0),
            ("channel_size_std_1", 300.0 * 10_f64.sqrt() / 11.0),
            ("channel_magnitude_1", 36_500_000_f64.sqrt() / 11.0),
            ("channel_radius_1", 6_666_400_000_000_f64.sqrt() / 121.0),
            // Products: 0, 0, 0, 100 · 100 and -300/11 · 100/4.
            ("channel_covariance_1", 80_000.0 / 77.0),
            (
                "channel_correlation_1",
                80_000.0 / 77.0 * 11.0 / (30_000.0 * 20_f64.sqrt()),
            ),
            ("channel_gap_weight_1", 1.25),
            ("channel_gap_mean_1", 1.8),
            ("channel_gap_std_1", 0.4),
            ("socket_weight_1", 1.0),
            ("socket_size_mean_1", 200.0),
            ("socket_size_std_1", 0.0),
            ("socket_magnitude_1", 200.0),
            ("socket_radius_1", 0.0),
            ("socket_covariance_1", 0.0),
            ("socket_correlation_1", 0.0),
        ],
    )
}

/// A packet of a case: second, from, to, bytes.
type Sent = (i64, [u8; 4], [u8; 4], u32);
/// What happens, the packets, and some of the values after the last one.
type Case<'a> = (&'a str, &'a [Sent], &'a [(&'a str, f64)]);

/// The last packet's values at λ = 1, as the definitions of Mirsky et al. 2018, table I, give them.
#[test]
fn small_cases_worked_by_hand() -> Result<(), DecayRatesError> {
    const OTHER: [u8; 4] = [192, 0, 2, 3];
    const UP: ([u8; 4], [u8; 4]) = (CLIENT, SERVER);
    let up = |second, bytes| (second, UP.0, UP.1, bytes);
    let down = |second, bytes| (second, UP.1, UP.0, bytes);
    let cases: [Case<'_>; 8] = [
        (
            "the first packet is all there is",
            &[up(0, 100)],
            &[
                ("source_weight_1", 1.0),
                ("source_size_mean_1", 100.0),
                ("source_size_std_1", 0.0),
                ("channel_magnitude_1", 100.0),
                ("channel_radius_1", 0.0),
                ("channel_covariance_1", 0.0),
                ("channel_correlation_1", 0.0),
                ("channel_gap_weight_1", 0.0),
                ("channel_gap_mean_1", 0.0),
                ("socket_weight_1", 1.0),
            ],
        ),
        (
            // Weights 1/2 and 1: mean 250 / 1.5, mean square 45,000 / 1.5.
            "after a second the first of two counts half",
            &[up(0, 100), up(1, 200)],
            &[
                ("channel_weight_1", 1.5),
                ("channel_size_mean_1", 500.0 / 3.0),
                ("channel_size_std_1", 20_000_f64.sqrt() / 3.0),
                ("channel_magnitude_1", 500.0 / 3.0),
                ("channel_radius_1", 20_000.0 / 9.0),
                ("channel_gap_weight_1", 1.0),
                ("channel_gap_mean_1", 1.0),
                ("channel_gap_std_1", 0.0),
            ],
        ),
        (
            // Weights 1/1024 and 1, 500 bytes apart.
            "after ten seconds little is left",
            &[up(0, 1000), up(10, 500)],
            &[
                ("socket_weight_1", 1025.0 / 1024.0),
                ("socket_size_mean_1", 513_000.0 / 1025.0),
                ("socket_size_std_1", 16_000.0 / 1025.0),
                ("channel_gap_mean_1", 10.0),
            ],
        ),
        (
            "magnitude and radius take both ways in",
            &[up(0, 300), down(0, 100), down(0, 700), up(0, 300)],
            &[
                ("channel_weight_1", 2.0),
                ("channel_magnitude_1", 500.0),
                // Variances 0 and 300².
                ("channel_radius_1", 90_000.0),
                ("socket_magnitude_1", 500.0),
                ("socket_radius_1", 90_000.0),
                // The last packet is where its mean is.
                ("socket_correlation_1", 0.0),
            ],
        ),
        (
            // Products 0, 0, 0 and 50 · 50, over four packets; both deviations are 50.
            "ways that grow together correlate",
            &[up(0, 100), down(0, 100), up(0, 200), down(0, 200)],
            &[
                ("channel_covariance_1", 625.0),
                ("channel_correlation_1", 0.25),
                ("socket_covariance_1", 625.0),
                ("socket_correlation_1", 0.25),
            ],
        ),
        (
            "ways that grow apart do the opposite",
            &[up(0, 100), down(0, 200), up(0, 200), down(0, 100)],
            &[
                ("channel_covariance_1", -625.0),
                ("channel_correlation_1", -0.25),
            ],
        ),
        (
            "a sender is one, whomever it talks to",
            &[(0, CLIENT, SERVER, 100), (0, CLIENT, OTHER, 200)],
            &[
                ("source_weight_1", 2.0),
                ("source_size_mean_1", 150.0),
                ("source_size_std_1", 50.0),
                ("channel_weight_1", 1.0),
                ("channel_size_mean_1", 200.0),
                ("socket_weight_1", 1.0),
            ],
        ),
        (
            "a packet that was overtaken makes nothing fade",
            &[up(1, 100), up(0, 300)],
            &[
                ("source_weight_1", 2.0),
                ("source_size_mean_1", 200.0),
                ("channel_gap_weight_1", 1.0),
                ("channel_gap_mean_1", 0.0),
            ],
        ),
    ];
    let config = PacketFeatureConfig::default().with_decay_rates(&[1.0])?;
    let schema = PacketFeatures::new(config.clone()).schema();
    for (case, sent, expected) in cases {
        let packets: Vec<_> = sent
            .iter()
            .map(|(second, from, to, bytes)| datagram(*second, (*from, 53), (*to, 53), *bytes))
            .collect();
        let rows = rows(&config, &packets);
        let last = &rows[rows.len() - schema.len()..];
        for (name, expected) in expected {
            let found = schema.position(name).map(|column| last[column]);
            let is_right = |found: f64| (found - expected).abs() <= 1e-12 * expected.abs();
            assert!(
                found.is_some_and(is_right),
                "{case}: {name} is {found:?}, not {expected}"
            );
        }
    }
    Ok(())
}
