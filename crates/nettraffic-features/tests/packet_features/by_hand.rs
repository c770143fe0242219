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
