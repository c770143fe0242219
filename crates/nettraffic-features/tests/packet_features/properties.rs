//! What holds for any packets.

use nettraffic_capture::{
    IpProtocol, PacketMeta, Timestamp, Transport, Tunnel, TunnelKind, UdpHeader,
};
use nettraffic_features::{PacketFeatureConfig, PacketFeatures};
use proptest::prelude::*;

use crate::{naive, rows};

/// Packets of few hosts, so that they have streams in common; `steps` moves time in nanoseconds.
fn packets(
    count: usize,
    steps: impl Strategy<Value = i64> + Clone,
    sizes: impl Strategy<Value = u32> + Clone,
) -> impl Strategy<Value = Vec<PacketMeta>> {
    let packet = (steps, sizes, 0_u8..3, 0_u8..3, 0_u16..2, 0_u16..2, 0_u32..8);
    prop::collection::vec(packet, 1..count).prop_map(|packets| {
        let mut time = 1_700_000_000_000_000_000_i64;
        let packets = packets.into_iter().map(
            |(step, size, source, destination, source_port, destination_port, kind)| {
                time = time.saturating_add(step);
                let mut packet = PacketMeta::new(
                    Timestamp::from_nanos(time),
                    [192, 0, 2, source].into(),
                    [192, 0, 2, destination].into(),
                    if kind < 6 {
                        IpProtocol::UDP
                    } else {
                        IpProtocol::GRE
                    },
                );
                if kind < 6 {
                    packet.transport = Transport::Udp(UdpHeader {
                        source_port,
                        destination_port,
                    });
                }
                packet.tunnel = (kind == 0).then(|| Tunnel::new(TunnelKind::Vxlan, 7));
                packet.wire_len = size;
                packet
            },
        );
        packets.collect()
    })
}

/// Up to some seconds, now and then backwards, equal, or far away.
fn usual_steps() -> impl Strategy<Value = i64> + Clone {
    prop_oneof![
        8 => 0_i64..2_000_000_000,
        4 => 0_i64..1_000_000,
        2 => Just(0_i64),
        2 => -1_000_000_000_i64..0,
        1 => 0_i64..1_000_000_000_000_000_000,
        1 => -1_000_000_000_000_000_000_i64..0,
    ]
}

fn any_steps() -> impl Strategy<Value = i64> + Clone {
    prop_oneof![
        any::<i64>(),
        -1_000_i64..1_000,
        Just(0_i64),
        Just(i64::MAX),
        Just(i64::MIN)
    ]
}

fn usual_sizes() -> impl Strategy<Value = u32> + Clone {
    prop_oneof![Just(60_u32), 40_u32..1515, 0_u32..70_000]
}

fn any_sizes() -> impl Strategy<Value = u32> + Clone {
    prop_oneof![any::<u32>(), Just(0_u32), Just(u32::MAX), Just(60_u32)]
}

fn any_rates() -> impl Strategy<Value = Vec<f64>> {
    let rate = prop_oneof![1e-3..1e3, 1e-308..1e-300, 1e300..1e308];
    prop::collection::vec(rate, 1..=PacketFeatureConfig::MAX_RATES)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn rows_equal_sums_over_all_packets(packets in packets(150, usual_steps(), usual_sizes())) {
        naive::check(&PacketFeatureConfig::default(), &packets);
    }

    #[test]
    fn every_value_is_finite_and_within_its_range(
        packets in packets(300, any_steps(), any_sizes()),
        rates in any_rates(),
    ) {
        let config = PacketFeatureConfig::default().with_decay_rates(&rates);
        let Ok(config) = config else {
            return Ok(()); // One rate is there twice.
        };
        let schema = PacketFeatures::new(config.clone()).schema();
        for row in rows(&config, &packets).chunks(schema.len()) {
            for (value, column) in row.iter().zip(schema.columns()) {
                prop_assert!(value.is_finite(), "{}: {value}", column.name);
                if column.name.contains("correlation") {
                    prop_assert!(value.abs() <= 1.0, "{}: {value}", column.name);
                } else if !column.name.contains("covariance") {
                    prop_assert!(*value >= 0.0, "{}: {value}", column.name);
                }
            }
        }
    }

    #[test]
    fn the_hash_key_changes_nothing(
        packets in packets(300, usual_steps(), usual_sizes()),
        key: u64,
        max_streams in 1_u32..6,
    ) {
        let config = PacketFeatureConfig::default().with_max_streams(max_streams);
        let [one, other] = [0, key].map(|key| {
            let mut features = PacketFeatures::with_hash_key(config.clone(), key);
            let mut rows = Vec::new();
            for packet in &packets {
                features.push(packet, &mut rows);
            }
            (rows, features.counters())
        });
        prop_assert_eq!(&one, &other);
        let limit = u64::from(max_streams);
        let counters = one.1;
        for streams in [counters.hosts, counters.channels, counters.sockets] {
            prop_assert!(streams.open <= limit);
        }
    }

    /// Each rate by itself gives the values that it gives beside others.
    #[test]
    fn rates_do_not_disturb_each_other(packets in packets(100, usual_steps(), usual_sizes())) {
        let config = PacketFeatureConfig::default();
        let all = rows(&config, &packets);
        let rates = config.decay_rates();
        for (at, rate) in rates.iter().enumerate() {
            let alone = config.clone().with_decay_rates(&[*rate]);
            let alone = rows(&alone.expect("it is one of the usual rates"), &packets);
            let among: Vec<f64> = all.iter().skip(at).step_by(rates.len()).copied().collect();
            prop_assert_eq!(alone, among);
        }
    }
}
