//! What a packet costs when somebody wants it to cost much: a few times an ordinary one, and
//! however many there are. Run with `--release -- --nocapture costs` for the figures.

use std::net::Ipv6Addr;
use std::time::{Duration, Instant};

use nettraffic_capture::{IpProtocol, PacketMeta, Timestamp, Transport, UdpHeader};

use super::packets::{RST, SYN, tcp};
use crate::conversation::{Identity, Sighting};
use crate::table::shards::shard;
use crate::{FlowConfig, FlowTable};

const MANY: u64 = 40_000;

/// A number that looks random.
fn mixed(number: u64) -> u64 {
    let mixed = (number ^ number >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

fn datagram(source: u128, destination: u128, ports: u64, nanos: i64) -> PacketMeta {
    let time = Timestamp::from_nanos(1_700_000_000_000_000_000 + nanos);
    let [source, destination] = [source, destination].map(|bits| Ipv6Addr::from_bits(bits).into());
    let mut packet = PacketMeta::new(time, source, destination, IpProtocol::UDP);
    packet.transport = Transport::Udp(UdpHeader {
        source_port: ports as u16,
        destination_port: (ports >> 16) as u16,
    });
    packet
}

/// From anywhere to anywhere, ten microseconds apart.
fn random(number: u64) -> PacketMeta {
    let source = u128::from(mixed(number)) << 64 | u128::from(mixed(!number));
    let nanos = 10_000 * number as i64;
    datagram(source, u128::MAX, mixed(number + MANY), nanos)
}

/// The least time for a packet of several runs: what others do on the machine meanwhile adds to it.
fn nanos_each(config: &FlowConfig, packets: &[PacketMeta]) -> f64 {
    let run = |_| {
        let mut table = FlowTable::<()>::new(config.clone());
        let start = Instant::now();
        for packet in packets {
            table.push(packet);
            while table.pop().is_some() {}
        }
        table.finish();
        while table.pop().is_some() {}
        start.elapsed()
    };
    let least = (0..5).map(run).min().unwrap_or_default();
    least.as_nanos() as f64 / packets.len() as f64
}

/// At most this many times what packets of random flows cost.
#[track_caller]
fn check(what: &str, config: &FlowConfig, packets: &[PacketMeta], times: f64) {
    let ordinary: Vec<_> = (0..packets.len() as u64).map(random).collect();
    let ordinary = nanos_each(config, &ordinary);
    let found = nanos_each(config, packets);
    println!("{what}: {found:.0} ns a packet, random flows {ordinary:.0} ns");
    assert!(
        found < times * ordinary,
        "{what}: {found:.0} ns a packet, random flows {ordinary:.0} ns"
    );
}

#[test]
fn chosen_addresses_cost_what_random_ones_do() {
    let config = FlowConfig::default();
    for factor in [0, 1, 0x8000_0000_8000_0001_u128] {
        let packets: Vec<_> = (0..MANY)
            .map(|n| {
                datagram(
                    factor << 64 | u128::from(n),
                    u128::MAX,
                    1,
                    10_000 * n as i64,
                )
            })
            .collect();
        check("chosen addresses", &config, &packets, 3.0);
    }
}

/// Which part of the table a flow is in is no secret; full, that part alone gives up flows.
#[test]
fn flows_that_all_crowd_into_one_part_cost_what_others_do() {
    let config = FlowConfig::default().with_max_flows(16_384);
    let part = |packet: &PacketMeta| {
        let sighting = Sighting::of(packet, Identity::of(&config));
        sighting.map_or(0, |sighting| shard(&sighting.conversation, 64))
    };
    let packets: Vec<_> = (0..64 * MANY)
        .map(random)
        .filter(|packet| part(packet) == 7)
        .collect();
    check("one part", &config, &packets, 3.0);

    let mut table = FlowTable::<()>::new(config.clone());
    table.push_all(&packets);
    assert_eq!(table.open(), 256);
    assert_eq!(table.counters().evicted, packets.len() as u64 - 256);
}

#[test]
fn a_clock_that_leaps_with_every_packet_costs_little() {
    let leap = 23 * 3600 * 1_000_000_000;
    for (what, nanos) in [("23 hours on", leap), ("a second on", 1_000_000_000)] {
        let packets: Vec<_> = (0..MANY as i64)
            .map(|n| datagram(mixed(n as u64).into(), u128::MAX, 1, nanos * n))
            .collect();
        for timeout in [Duration::ZERO, Duration::from_secs(120), Duration::MAX] {
            let config = FlowConfig::default().with_idle_timeout(timeout);
            check(&format!("{what}, {timeout:?}"), &config, &packets, 8.0);
        }
    }
    // Back and forth by days: the clock is set anew every other packet, and all flows end.
    let packets: Vec<_> = (0..MANY as i64)
        .map(|n| datagram(mixed(n as u64).into(), u128::MAX, 1, (n / 2 % 2) * 3 * leap))
        .collect();
    check("back and forth", &FlowConfig::default(), &packets, 20.0);
}

#[test]
fn flows_that_expire_together_cost_what_others_do() {
    for count in [MANY, 10 * MANY] {
        let mut packets: Vec<_> = (0..count)
            .map(|n| datagram(mixed(n).into(), u128::MAX, 1, 0))
            .collect();
        packets.push(datagram(0, 1, 2, 300_000_000_000));
        check("one moment", &FlowConfig::default(), &packets, 4.0);
    }
}

#[test]
fn a_full_table_costs_what_another_does() {
    let config = FlowConfig::default().with_max_flows(10_000);
    let round_robin = |flows: u64| -> Vec<_> {
        let nanos = |n: u64| 10_000 * n as i64;
        let packet = |n| datagram(mixed(n % flows).into(), u128::MAX, 1, nanos(n));
        (0..10 * flows).map(packet).collect()
    };
    // Just as many as fit in each part, or nearly; and more, so that each packet opens a flow.
    check("round robin, full", &config, &round_robin(9_000), 4.0);
    check("round robin, over-full", &config, &round_robin(20_000), 4.0);
    // Everything is touched, then one more flow comes, and so on.
    let mut packets = Vec::new();
    for round in 0..20 {
        for n in 0..10_000 {
            packets.push(datagram(mixed(n).into(), u128::MAX, 1, round * 1_000_000));
        }
        packets.push(datagram(round as u128, 1, 2, round * 1_000_000));
    }
    check("touched in rounds", &config, &packets, 4.0);
}

#[test]
fn a_clock_that_stands_costs_nothing_more() {
    let mut config = FlowConfig::default().with_tcp_linger(Duration::ZERO);
    let reconnect = |n: u32| match n % 2 {
        0 => tcp(1.0, (1, 40_000), (2, 80), SYN, n),
        _ => tcp(1.0, (2, 80), (1, 40_000), RST, 0),
    };
    let packets: Vec<_> = (0..MANY as u32).map(reconnect).collect();
    check("opened and closed", &config, &packets, 4.0);
    config.max_flows = 5_000;
    let packets: Vec<_> = (0..10 * MANY)
        .map(|n| datagram(mixed(n).into(), u128::MAX, 1, 0))
        .collect();
    check("evicted", &config, &packets, 4.0);
}
