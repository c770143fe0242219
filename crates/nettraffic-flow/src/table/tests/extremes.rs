//! Times, timeouts and crowds at their limits.

use std::time::Duration;

use nettraffic_capture::{PacketMeta, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::packets::{RST, SYN, tcp, udp};
use crate::{Dealer, EarlyReports, Flow, FlowConfig, FlowTable, TablePart};

/// Few conversations, TCP and UDP.
fn any_packet() -> impl Strategy<Value = PacketMeta> {
    (0u8..8, any::<bool>()).prop_map(|(kind, back)| {
        let ends = [(1, 40_000 + u16::from(kind % 4)), (2, 80)];
        let [from, to] = if back { [ends[1], ends[0]] } else { ends };
        match kind {
            0..4 => udp(0.0, from, to),
            4 => tcp(0.0, from, to, RST, 1),
            _ => tcp(0.0, from, to, SYN, u32::from(kind) * 1000),
        }
    })
}

fn any_time() -> impl Strategy<Value = i64> {
    let far = vec![i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX];
    prop_oneof![
        2 => select(far),
        1 => any::<i64>(),
        4 => 0..500i64,
        1 => i64::MAX - 500..=i64::MAX,
    ]
}

fn any_duration() -> impl Strategy<Value = Duration> {
    let nanos = Duration::from_nanos;
    prop_oneof![
        select(vec![
            Duration::ZERO,
            nanos(1),
            nanos(127),
            nanos(128),
            Duration::from_secs(120),
            nanos(i64::MAX as u64),
            Duration::MAX,
        ]),
        (0..300u64).prop_map(nanos),
    ]
}

fn any_config() -> impl Strategy<Value = FlowConfig> {
    let early = (prop::option::of(0..4u64), prop::option::of(any_duration()));
    let timeouts = (
        any_duration(),
        any_duration(),
        any_duration(),
        any_duration(),
    );
    (timeouts, early, 0..6usize).prop_map(|((tcp, udp, active, linger), early, max_flows)| {
        let mut config = FlowConfig::default()
            .with_active_timeout(active)
            .with_tcp_linger(linger)
            .with_max_flows(max_flows);
        config.idle_timeouts.tcp = tcp;
        config.idle_timeouts.udp = udp;
        config.early = EarlyReports {
            packets: early.0,
            after: early.1,
        };
        config
    })
}

/// All records and what is counted, by one packet at a time.
fn one_by_one(config: &FlowConfig, packets: &[PacketMeta]) -> (Vec<Flow>, FlowTable) {
    let mut table = FlowTable::<()>::new(config.clone());
    let mut records = Vec::new();
    for packet in packets {
        table.push(packet);
        records.extend(std::iter::from_fn(|| table.pop()));
    }
    table.finish();
    records.extend(std::iter::from_fn(|| table.pop()));
    (records, table)
}

fn in_parts(config: &FlowConfig, packets: &[PacketMeta], parts: usize, batch: usize) -> Vec<Flow> {
    let mut dealer = Dealer::new(config, parts);
    let mut tables = vec![TablePart::<()>::new(config, 3); parts];
    let mut records = Vec::new();
    let mut merge = |dealer: &mut Dealer| {
        while let Some(batches) = dealer.pop() {
            let before = records.len();
            for (table, batch) in tables.iter_mut().zip(&batches) {
                table.take(batch);
                records.extend(std::iter::from_fn(|| table.pop()));
            }
            records[before..].sort_by_key(Flow::order);
        }
    };
    for packets in packets.chunks(batch) {
        dealer.push_all(packets);
        merge(&mut dealer);
    }
    dealer.finish();
    merge(&mut dealer);
    records
}

fn numbered(packets: impl IntoIterator<Item = (PacketMeta, i64)>) -> Vec<PacketMeta> {
    (0..)
        .zip(packets)
        .map(|(sequence, (mut packet, nanos))| {
            packet.timestamp = Timestamp::from_nanos(nanos);
            packet.sequence = sequence;
            packet
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_time_and_no_timeout_loses_a_packet(
        drawn in vec((any_packet(), any_time()), 1..60),
        config in any_config(),
        batch in 1usize..40,
        parts in 1usize..4,
    ) {
        let packets = numbered(drawn);
        let (records, table) = one_by_one(&config, &packets);
        let last_words = records.iter().filter(|flow| flow.end.is_final());
        let counted: u64 = last_words.map(Flow::packets).sum();
        prop_assert_eq!(counted, packets.len() as u64);
        prop_assert_eq!(table.open(), 0);
        let resets = table.counters().clock_resets as usize;
        let steps_back = records.windows(2).filter(|pair| pair[1].order() <= pair[0].order());
        prop_assert!(steps_back.count() <= resets);
        for flow in &records {
            prop_assert!(flow.first <= flow.last && flow.last <= flow.ended);
        }

        let mut batched = FlowTable::<()>::with_hash_key(config.clone(), 9);
        for packets in packets.chunks(batch) {
            batched.push_all(packets);
        }
        batched.finish();
        let at_once: Vec<_> = std::iter::from_fn(|| batched.pop()).collect();
        prop_assert_eq!(batched.counters(), table.counters());
        prop_assert_eq!(&at_once, &records);
        prop_assert_eq!(&in_parts(&config, &packets, parts, batch), &records);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A file without times, or with such of whole seconds.
    #[test]
    fn crowds_of_one_moment_come_out_in_pieces(
        kinds in vec(any_packet(), 1..60),
        crowds in vec(1usize..10_000, 1..4),
        ticks in any::<bool>(),
        parts in 2usize..4,
        batch in 1usize..3_000,
    ) {
        let times = (0..).zip(&crowds).flat_map(|(time, packets)| vec![time; *packets]);
        let packets = numbered(kinds.into_iter().cycle().zip(times));
        // Many small shards in the first, one in the second.
        for max_flows in [4096, 3] {
            let mut config = FlowConfig::default().with_max_flows(max_flows);
            if max_flows > 3 {
                config.max_bytes = Some(0);
            }
            let mut table = FlowTable::<()>::new(config.clone());
            let mut records = Vec::new();
            let mut most = 0;
            for packet in &packets {
                if ticks {
                    table.tick(packet.timestamp);
                }
                table.push(packet);
                let before = records.len();
                records.extend(std::iter::from_fn(|| table.pop()));
                most = most.max(records.len() - before);
            }
            prop_assert!(most <= 4096 + 64, "{} records wait", most);
            table.finish();
            records.extend(std::iter::from_fn(|| table.pop()));
            prop_assert_eq!(&in_parts(&config, &packets, parts, batch), &records);
            prop_assert_eq!(&one_by_one(&config, &packets).0, &records);
        }
    }
}
