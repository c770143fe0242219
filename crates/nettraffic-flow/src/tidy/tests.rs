//! What holds of any packets.

use std::time::Duration;

use nettraffic_capture::{Fingerprint, IpProtocol, PacketMeta, Timestamp};
use proptest::prelude::*;

use super::{Tidy, TidyConfig, TidyCounters};

/// Feeds packets, popping and ticking after every `chunk` of them, where ticks promise the truth.
fn tidied(
    packets: &[PacketMeta],
    config: TidyConfig,
    chunk: usize,
    key: u64,
) -> (Vec<PacketMeta>, TidyCounters) {
    let mut tidy = Tidy::with_hash_key(config, key);
    let mut out = Vec::new();
    for (at, packet) in packets.iter().enumerate() {
        tidy.push(packet);
        if (at + 1) % chunk == 0 {
            let rest = packets.get(at + 1..).unwrap_or_default();
            if let Some(next) = rest.iter().map(|packet| packet.timestamp).min() {
                tidy.tick(next);
            }
            out.extend(std::iter::from_fn(|| tidy.pop()));
        }
    }
    tidy.finish();
    out.extend(std::iter::from_fn(|| tidy.pop()));
    (out, tidy.counters())
}

fn order(packets: &[PacketMeta]) -> Vec<u64> {
    packets.iter().map(|packet| packet.sequence).collect()
}

/// One of 40 packets of one conversation, every other one numbered.
fn packet(nanos: i64, sequence: u64, which: u8, ttl: u8) -> PacketMeta {
    let (source, destination) = ([192, 0, 2, 1], [192, 0, 2, 2]);
    let time = Timestamp::from_nanos(nanos);
    let mut packet = PacketMeta::new(time, source.into(), destination.into(), IpProtocol::UDP);
    let id = if which.is_multiple_of(2) {
        which / 2 + 1
    } else {
        0
    };
    let header = [
        [0x45, 0, 0, 20],
        [0, id, 0, 0],
        [ttl, 17, 0, 0],
        source,
        destination,
    ];
    packet.fingerprint = Fingerprint::of(&[&header.concat()[..], &[which]].concat());
    packet.sequence = sequence;
    packet.ttl = ttl;
    packet
}

/// Packets in some disorder, some of them a few days off.
fn packets() -> impl Strategy<Value = Vec<PacketMeta>> {
    const DAY: i64 = 86_400_000_000_000;
    let days = prop_oneof![20 => Just(0_i64), 1 => -3..4_i64];
    let one = (0..40_u8, 62..65_u8, 0..2_000_000_i64, days);
    prop::collection::vec(one, 0..200).prop_map(|all| {
        let mut time = 0;
        (0..)
            .zip(all)
            .map(|(sequence, (which, ttl, step, days))| {
                time += step - 500_000;
                packet(time + days * DAY, sequence, which, ttl)
            })
            .collect()
    })
}

const WINDOW: Duration = Duration::from_millis(10);

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_bounded_shuffle_is_sorted(
        steps in prop::collection::vec((prop_oneof![Just(0), 0..3_000_000_i64], 0..=10_000_000_i64), 0..300),
        chunk in 1..40_usize,
    ) {
        let mut time = 0;
        let mut shuffled = Vec::new();
        for (sequence, (step, delay)) in (0..).zip(steps) {
            time += step;
            shuffled.push((time + delay, packet(time, sequence, 0, 64)));
        }
        // Each comes at most the window after its time, so after no later one than that.
        shuffled.sort_by_key(|(arrival, _)| *arrival);
        let shuffled: Vec<_> = shuffled.into_iter().map(|(_, packet)| packet).collect();
        let mut sorted = shuffled.clone();
        sorted.sort_by_key(|packet| (packet.timestamp, packet.sequence));
        let config = TidyConfig::default().with_sorting_window(WINDOW);
        let (out, counters) = tidied(&shuffled, config, chunk, 0);
        prop_assert_eq!(counters.late, 0);
        prop_assert!(out == sorted, "another order");
    }

    #[test]
    fn nothing_is_lost_and_chunks_ticks_and_keys_change_nothing(
        packets in packets(),
        chunk in 1..40_usize,
        key in any::<u64>(),
        sorts in any::<bool>(),
        drops in any::<bool>(),
    ) {
        let mut config = TidyConfig::default();
        if sorts {
            config = config.with_sorting_window(WINDOW);
        }
        if drops {
            config = config.without_copies();
        }
        let (expected, counters) = tidied(&packets, config, usize::MAX, 0);
        let (out, others) = tidied(&packets, config, chunk, key);
        prop_assert_eq!(order(&out), order(&expected));
        prop_assert_eq!(others, counters);
        prop_assert_eq!(counters.packets, packets.len() as u64);
        prop_assert_eq!(counters.given_out, out.len() as u64);
        prop_assert_eq!(counters.given_out + counters.copies, counters.packets);
        prop_assert_eq!(counters.held, 0);
        if !sorts && !drops {
            prop_assert_eq!(order(&out), order(&packets));
        }
    }

    #[test]
    fn memory_is_bounded_and_nothing_is_lost_by_it(packets in packets(), limit in 0..20_usize) {
        let config = TidyConfig::default()
            .without_copies()
            .with_sorting_window(WINDOW)
            .with_max_packets(limit);
        let mut tidy = Tidy::new(config);
        let mut out = 0;
        for packet in &packets {
            tidy.push(packet);
            out += std::iter::from_fn(|| tidy.pop()).count() as u64;
            let counters = tidy.counters();
            prop_assert!(counters.held <= limit.max(1) as u64);
            prop_assert_eq!(counters.packets, out + counters.copies + counters.held);
        }
    }
}
