//! What holds of any packets.

use nettraffic_capture::{Entropy, PacketMeta, Transport};
use proptest::prelude::*;

use crate::Sender::{Client, Server};
use crate::{Row, datagram, rows, rows_of, segment};

/// Packets of one conversation, mostly in order.
fn any_packet() -> impl Strategy<Value = PacketMeta> {
    let numbers = (0_u32..4000, 0_u32..4000);
    let options = (any::<Option<u16>>(), any::<Option<u8>>(), any::<bool>());
    let payload = prop_oneof![Just(0_u32), 0_u32..1461, any::<u32>()];
    let time = prop_oneof![0_i64..2000, 0_i64..200_000];
    let bytes = prop::collection::vec(any::<u8>(), 0..20);
    let flags = prop_oneof![
        Just(0x10_u8),
        Just(0x18),
        Just(0x02),
        Just(0x12),
        any::<u8>()
    ];
    (
        any::<bool>(),
        any::<bool>(),
        numbers,
        options,
        payload,
        time,
        bytes,
        flags,
    )
        .prop_map(
            |(client, is_tcp, numbers, (size, scale, flag), payload, time, bytes, flags)| {
                let from = if client { Client } else { Server };
                let mut packet = match is_tcp {
                    true => segment(from, time, flags, numbers, payload, numbers.0 as u16),
                    false => datagram(from, time, payload),
                };
                packet.payload_entropy = Entropy::of(&bytes);
                if let Transport::Tcp(tcp) = &mut packet.transport {
                    tcp.options.maximum_segment_size = size;
                    tcp.options.window_scale = scale;
                    tcp.options.sack_permitted = flag;
                    tcp.options.timestamps = flag.then_some((numbers.0, numbers.1));
                }
                packet
            },
        )
}

/// Columns whose values never fall, from left to right, for each side.
const RISING: [&[&str]; 7] = [
    &[
        "payload_min",
        "payload_p10",
        "payload_p25",
        "payload_p50",
        "payload_p75",
        "payload_p90",
        "payload_max",
    ],
    &[
        "gap_min", "gap_p10", "gap_p25", "gap_p50", "gap_p75", "gap_p90", "gap_max",
    ],
    &["burst_packets_mean", "burst_packets_max"],
    &["burst_payload_mean", "burst_payload_max"],
    &["burst_duration_mean", "burst_duration_max"],
    &["window_min", "window_max"],
    &["entropy_min", "entropy_mean", "entropy_max"],
];

fn check_rising(row: &Row) -> Result<(), TestCaseError> {
    for side in ["forward", "backward"] {
        for columns in RISING {
            let mut before = 0.0;
            for column in columns {
                let value = row[&format!("{side}_{column}")];
                // Means are rounded.
                prop_assert!(
                    value >= before - 1e-9 * before,
                    "{side}_{column}: {value} after {before}"
                );
                before = value;
            }
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn values_do_not_depend_on_what_else_is_chosen(packets in prop::collection::vec(any_packet(), 1..30)) {
        let rows = |sets| rows_of(sets, &packets).map_err(|error| TestCaseError::fail(error.to_string()));
        let all = rows("basic,length,timing,tcp,path,cic,rich")?;
        for sets in ["rich", "cic,tcp", "cic,path", "cic", "tcp", "timing"] {
            let rows = rows(sets)?;
            prop_assert_eq!(rows.len(), all.len());
            for (row, all) in rows.iter().zip(&all) {
                prop_assert!(row.iter().all(|(name, value)| all.get(name) == Some(value)), "{}", sets);
            }
        }
    }

    #[test]
    fn columns_agree_with_each_other(packets in prop::collection::vec(any_packet(), 1..60)) {
        for row in rows(&packets).map_err(|error| TestCaseError::fail(error.to_string()))? {
            check_rising(&row)?;
            let packets = row["forward_packets"] + row["backward_packets"];
            prop_assert_eq!(row["packets_seen"], packets.min(20.0));
            for side in ["forward", "backward"] {
                let column = |name: &str| row[&format!("{side}_{name}")];
                let n = column("packets");
                prop_assert!(column("bursts") <= n);
                prop_assert!((column("burst_packets_mean") * column("bursts") - n).abs() < 1e-9);
                prop_assert!(column("pure_ack_share") <= column("ack_share"));
                // The most that so many values can have.
                let most = |values: f64| (values - 2.0) / (values - 1.0).sqrt() + 1e-9;
                let skewness = column("payload_skewness");
                prop_assert!(skewness == 0.0 || skewness.abs() <= most(n), "{} of {}", skewness, n);
                let skewness = column("gap_skewness");
                prop_assert!(skewness == 0.0 || skewness.abs() <= most(n - 1.0), "{} of {}", skewness, n);
                prop_assert!(column("entropy_max") <= 8.0);
            }
        }
    }
}
