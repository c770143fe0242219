//! What holds for any packets whatever.

use std::collections::BTreeMap;
use std::time::Duration;

use nettraffic_capture::{IcmpAbout, IpProtocol, PacketMeta, QuotedPacket, Timestamp, Transport};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::packets::{icmp, packet, tcp, udp};
use crate::{Dealer, EarlyReports, Flow, FlowConfig, FlowEnd, FlowTable, NotAFlow, TablePart};

/// Timeouts of the tests, in milliseconds: short ones, so that short sequences meet them all.
const IDLE: u64 = 100;
const ACTIVE: u64 = 150;
const LINGER: u64 = 10;

fn config(max_flows: usize) -> FlowConfig {
    FlowConfig::default()
        .with_idle_timeout(Duration::from_millis(IDLE))
        .with_active_timeout(Duration::from_millis(ACTIVE))
        .with_tcp_linger(Duration::from_millis(LINGER))
        .with_max_flows(max_flows)
}

/// A packet of any kind, either way between few ends, so that they meet again.
fn any_packet() -> impl Strategy<Value = PacketMeta> {
    let ends = (select(vec![40_000u16, 80]), any::<bool>());
    let flags = select(vec![0x02u8, 0x12, 0x10, 0x18, 0x11, 0x04, 0x14, 0x03, 0x00]);
    (ends, flags, 0u32..4, 0u8..12).prop_map(|((port, back), flags, number, kind)| {
        let (from, to) = match back {
            false => ((1, port), (2, 80)),
            true => ((2, 80), (1, port)),
        };
        let (source, destination) = (from.0, to.0);
        match kind {
            0..5 => tcp(0.0, from, to, flags, number * 1000),
            5..8 => udp(0.0, from, to),
            8 => icmp(0.0, source, destination, flags & 8, Some(3)),
            9 => quoting(icmp(0.0, source, destination, 3, None), to, from),
            10 => packet(0.0, source, destination, IpProtocol(47)),
            _ => {
                let mut packet = packet(0.0, source, destination, IpProtocol::UDP);
                packet.transport = match number % 2 {
                    0 => Transport::LaterFragment(None),
                    _ => Transport::Cut,
                };
                packet
            }
        }
    })
}

/// An ICMP error about a UDP packet.
fn quoting(mut error: PacketMeta, from: (u8, u16), to: (u8, u16)) -> PacketMeta {
    let about = udp(0.0, from, to);
    if let Transport::Icmp(icmp) = &mut error.transport {
        icmp.about = IcmpAbout::Quoted(QuotedPacket {
            source: about.source,
            destination: about.destination,
            protocol: about.protocol,
            source_port: from.1,
            destination_port: to.1,
        });
    }
    error
}

/// Milliseconds from one packet to the next: at, just before and just after the timeouts.
fn step() -> impl Strategy<Value = i64> {
    let steps = vec![
        0, 0, 0, 1, 1, 1, 5, 5, 9, 10, 11, 20, 20, 49, 50, 51, 99, 100, 101, 151, 900,
    ];
    select(steps)
}

/// Packets with their reading order; in the order of time too when `late` is 0, else some are
/// up to `late` milliseconds behind.
fn packets(late: i64) -> impl Strategy<Value = Vec<PacketMeta>> {
    vec((any_packet(), step(), 0..=late), 1..60).prop_map(|drawn| {
        let mut clock = 1_000_000;
        let mut packets = Vec::new();
        for (sequence, (mut packet, step, behind)) in (0..).zip(drawn) {
            clock += step;
            packet.timestamp = Timestamp::from_nanos((clock - behind) * 1_000_000);
            packet.sequence = sequence;
            packets.push(packet);
        }
        packets
    })
}

/// Packets of which some come from two, four or six days before or after.
fn far_packets() -> impl Strategy<Value = Vec<PacketMeta>> {
    let days = vec![0i64, 0, 0, 0, 0, -6, -4, -2, 2, 4, 6];
    (packets(60), vec((select(days), 1usize..4), 60)).prop_map(|(mut packets, far)| {
        let days = far.iter().flat_map(|(days, times)| vec![*days; *times]);
        for (packet, days) in packets.iter_mut().zip(days) {
            let nanos = packet.timestamp.as_nanos() + days * 86_400_000_000_000;
            packet.timestamp = Timestamp::from_nanos(nanos);
        }
        packets
    })
}

/// For each packet the earliest time of it and all that follow: the latest honest tick.
fn promises(packets: &[PacketMeta]) -> Vec<Timestamp> {
    let mut promises = Vec::new();
    let mut earliest = Timestamp::MAX;
    for packet in packets.iter().rev() {
        earliest = earliest.min(packet.timestamp);
        promises.push(earliest);
    }
    promises.reverse();
    promises
}

fn drain(table: &mut FlowTable, records: &mut Vec<Flow>) {
    while let Some(flow) = table.pop() {
        records.push(flow);
    }
}

fn run(mut table: FlowTable, packets: &[PacketMeta]) -> (Vec<Flow>, FlowTable) {
    for packet in packets {
        table.push(packet);
    }
    table.finish();
    let mut records = Vec::new();
    drain(&mut table, &mut records);
    (records, table)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_account_closes(packets in packets(60), max_flows in 0usize..6) {
        let (records, table) = run(FlowTable::new(config(max_flows)), &packets);
        let counters = table.counters();
        let not_a_flow: u64 = NotAFlow::ALL.iter().map(|&reason| counters.not_a_flow(reason)).sum();
        prop_assert_eq!(counters.packets(), packets.len() as u64);
        prop_assert_eq!(counters.packets_in_flows + not_a_flow, packets.len() as u64);
        prop_assert_eq!(packets_in(&records), counters.packets_in_flows);
        prop_assert_eq!(records.len() as u64, counters.opened + counters.continuations);
        prop_assert_eq!(records.len() as u64, counters.records());
        for end in FlowEnd::ALL {
            let found = records.iter().filter(|flow| flow.end == end).count();
            prop_assert_eq!(found as u64, counters.records_by(end), "{}", end);
        }
        let payload: u64 = records.iter().map(Flow::payload_bytes).sum();
        let udp = packets.iter().filter(|packet| matches!(packet.transport, Transport::Udp(_)));
        prop_assert_eq!(payload, udp.map(|packet| u64::from(packet.payload_len)).sum::<u64>());
    }

    #[test]
    fn records_come_out_in_the_order_of_their_end(packets in packets(60), max_flows in 1usize..6) {
        let (records, _) = run(FlowTable::new(config(max_flows)), &packets);
        prop_assert!(records.is_sorted_by_key(|flow| (flow.ended, flow.sequence)));
        for flow in &records {
            prop_assert!(flow.packets() > 0);
            prop_assert!(flow.first <= flow.last && flow.last <= flow.ended);
        }
    }

    #[test]
    fn wrong_clocks_cost_no_packet(packets in far_packets(), max_flows in 1usize..6) {
        let (records, table) = run(FlowTable::new(config(max_flows)), &packets);
        let counters = table.counters();
        prop_assert_eq!(counters.packets(), packets.len() as u64);
        prop_assert_eq!(packets_in(&records), counters.packets_in_flows);
        prop_assert_eq!(records.len() as u64, counters.opened + counters.continuations);
        prop_assert_eq!(records.len() as u64, counters.records());
        prop_assert_eq!(table.open(), 0);

        let day = Duration::from_secs(86_400);
        let steps_back = records.windows(2).filter(|pair| pair[1].ended < pair[0].ended).count();
        prop_assert!(steps_back as u64 <= counters.clock_resets);
        for flow in &records {
            prop_assert!(flow.first <= flow.last && flow.last <= flow.ended);
            // No record reaches over a pause or a step of the clock.
            prop_assert!(flow.ended <= flow.last.saturating_add(day));
        }
    }

    #[test]
    fn ticks_and_chunks_change_nothing(
        packets in packets(60),
        ticks in vec((0usize..60, 0i64..500), 0..20),
        max_flows in 1usize..6,
    ) {
        let (expected, _) = run(FlowTable::new(config(max_flows)), &packets);
        let promises = promises(&packets);
        let mut table = FlowTable::<()>::new(config(max_flows));
        let mut records = Vec::new();
        for (place, packet) in packets.iter().enumerate() {
            for (_, before) in ticks.iter().filter(|tick| tick.0 == place) {
                table.tick(Timestamp::from_nanos(promises[place].as_nanos() - before * 1_000_000));
                drain(&mut table, &mut records);
            }
            table.push(packet);
            if place % 3 == 0 {
                table = table.clone();
                drain(&mut table, &mut records);
            }
        }
        table.finish();
        drain(&mut table, &mut records);
        prop_assert_eq!(records, expected);
    }

    #[test]
    fn packets_in_batches_make_the_same_records(
        packets in far_packets(),
        batch in 1usize..50,
        max_flows in 1usize..6,
    ) {
        let (expected, table) = run(FlowTable::new(config(max_flows)), &packets);
        let mut batched = FlowTable::<()>::new(config(max_flows));
        let mut records = Vec::new();
        for packets in packets.chunks(batch) {
            batched.push_all(packets);
            drain(&mut batched, &mut records);
        }
        batched.finish();
        drain(&mut batched, &mut records);
        prop_assert_eq!(records, expected);
        prop_assert_eq!(batched.counters(), table.counters());
    }

    #[test]
    fn parts_make_the_records_of_the_whole(
        packets in far_packets(),
        batch in 1usize..50,
        parts in 1usize..5,
        spread in any::<bool>(),
        early in any::<bool>(),
    ) {
        // A small table has one shard, and all goes to one part; a large one is full with one flow.
        let mut config = config(if spread { 4096 } else { 4 });
        if early {
            config = config.with_early_reports(EarlyReports::default().at_packet(2));
        }
        if spread {
            config.max_bytes = Some(0);
        }
        let (expected, table) = run(FlowTable::new(config.clone()), &packets);
        let mut dealer = Dealer::new(&config, parts);
        let mut tables = vec![TablePart::<()>::new(&config, 7); parts];
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
        prop_assert_eq!(records, expected);
        let counters = tables.iter().fold(dealer.counters(), |all, part| all.and(part.counters()));
        prop_assert_eq!(counters, table.counters());
    }

    #[test]
    fn early_reports_change_nothing_else(
        packets in packets(60),
        at_packet in 1u64..5,
        after in 0u64..200,
        max_flows in 1usize..6,
    ) {
        let (expected, _) = run(FlowTable::new(config(max_flows)), &packets);
        let after = Duration::from_millis(after);
        let early = EarlyReports::default().at_packet(at_packet).after(after);
        let config = config(max_flows).with_early_reports(early);
        let (records, table) = run(FlowTable::new(config), &packets);
        prop_assert!(records.is_sorted_by_key(|flow| (flow.ended, flow.sequence, flow.end)));
        let (early, rest): (Vec<_>, Vec<_>) =
            records.into_iter().partition(|flow| !flow.end.is_final());
        prop_assert_eq!(early.len() as u64, table.counters().records_by(FlowEnd::Early));
        prop_assert_eq!(&rest, &expected);
        for flow in &early {
            let of_the_same = |other: &&Flow| other.uid() == flow.uid() && other.sequence == flow.sequence;
            prop_assert_eq!(early.iter().filter(of_the_same).count(), 1);
            prop_assert_eq!(rest.iter().filter(of_the_same).count(), 1);
            prop_assert!(flow.packets() <= at_packet);
            prop_assert!(flow.packets() == at_packet || flow.ended >= flow.first.saturating_add(after));
        }
        for flow in rest.iter().filter(|flow| flow.continuation == 0 && flow.packets() >= at_packet) {
            let reports = early.iter().filter(|early| early.sequence == flow.sequence);
            prop_assert_eq!(reports.count(), 1);
        }
    }

    #[test]
    fn the_hash_key_changes_nothing(packets in packets(60), key: u64, max_flows in 1usize..6) {
        let (expected, _) = run(FlowTable::new(config(max_flows)), &packets);
        let (records, _) = run(FlowTable::with_hash_key(config(max_flows), key), &packets);
        prop_assert_eq!(records, expected);
    }

    #[test]
    fn the_limit_is_kept(packets in packets(60), max_flows in 1usize..4) {
        let mut table = FlowTable::<()>::new(config(max_flows));
        for packet in &packets {
            table.push(packet);
            prop_assert!(table.open() <= max_flows);
        }
        table.finish();
        while table.pop().is_some() {}
        prop_assert_eq!(table.open(), 0);
    }

    #[test]
    fn every_end_is_where_its_reason_says(packets in packets(0)) {
        let (records, table) = run(FlowTable::new(config(1000)), &packets);
        prop_assert_eq!(table.counters().late_packets, 0);
        prop_assert_eq!(table.counters().evicted, 0);
        let after = |time: Timestamp, wait| time.saturating_add(Duration::from_millis(wait));
        let input_end = packets.iter().map(|packet| packet.timestamp).max();
        let mut ends = BTreeMap::new();
        for flow in &records {
            let active = after(flow.first, ACTIVE);
            match flow.end {
                FlowEnd::Idle => prop_assert_eq!(flow.ended, after(flow.last, IDLE)),
                FlowEnd::Active => prop_assert_eq!(flow.ended, active),
                FlowEnd::Fin | FlowEnd::Rst => {
                    prop_assert!(flow.ended <= after(flow.last, LINGER));
                }
                FlowEnd::EndOfInput => {
                    prop_assert_eq!(flow.ended, active.min(after(flow.last, IDLE)));
                    prop_assert!(Some(flow.ended) >= input_end);
                }
                FlowEnd::Replaced | FlowEnd::Evicted | FlowEnd::Early => {}
            }
            prop_assert!(flow.ended <= active);
            prop_assert!(flow.ended <= after(flow.last, IDLE) || flow.end == FlowEnd::Active);
            // A conversation never has two records at a time; errors about different ones may.
            if flow.key.protocol == IpProtocol::ICMP && flow.key.initiator_port == 3 {
                continue;
            }
            let ends_before = ends.insert(pair(flow), (flow.ended, flow.end));
            if let Some((ended, end)) = ends_before {
                prop_assert!(flow.first > ended || end == FlowEnd::Replaced || closed(end));
            }
        }
    }
}

fn packets_in(records: &[Flow]) -> u64 {
    let packets = |flow: &Flow| flow.packets() + u64::from(flow.icmp_errors.packets);
    records.iter().map(packets).sum()
}

fn closed(end: FlowEnd) -> bool {
    matches!(end, FlowEnd::Fin | FlowEnd::Rst)
}

/// Names a conversation whoever began it.
fn pair(flow: &Flow) -> impl Ord + use<> {
    let key = flow.key;
    let mut ends = [
        (key.initiator, key.initiator_port),
        (key.responder, key.responder_port),
    ];
    ends.sort_unstable();
    (ends, key.protocol)
}
