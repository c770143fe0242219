//! What does it cost to turn a packet into a row of damped statistics? Packets per second: in a mix
//! of real life, with streams that wait in memory, and when streams are opened all the time.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Throughput};
use nettraffic_benches::{Traffic, busy_packets, criterion};
use nettraffic_capture::{PacketMeta, Timestamp};
use nettraffic_features::{PacketFeatureConfig, PacketFeatures};

/// Connections, each with a socket of its own.
const SOCKETS: [(&str, u32); 2] = [("1000_sockets", 1_000), ("50000_sockets", 50_000)];

fn main() {
    let mut criterion = criterion();
    let mut group = criterion.benchmark_group("packet_features");
    let load = Traffic::of("load", 100_000).packets();
    from_the_start(&mut group, "load", &load, &PacketFeatureConfig::default());
    for (name, sockets) in SOCKETS {
        known_sockets(&mut group, name, sockets);
    }
    let crowded = PacketFeatureConfig::default().with_max_streams(1_000);
    from_the_start(&mut group, "evicting", &busy_packets(50_000), &crowded);
    group.finish();
    criterion.final_summary();
}

/// Traffic from its first packet on.
fn from_the_start(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    packets: &[PacketMeta],
    config: &PacketFeatureConfig,
) {
    group.throughput(Throughput::Elements(packets.len() as u64));
    group.bench_function(name, |bencher| {
        bencher.iter_batched(
            || PacketFeatures::new(config.clone()),
            |mut features| {
                let mut row = Vec::new();
                for packet in packets {
                    row.clear();
                    features.push(packet, &mut row);
                    black_box(&row);
                }
                features
            },
            BatchSize::PerIteration,
        );
    });
}

/// Packets of sockets that are all known, each time of another one.
fn known_sockets(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, sockets: u32) {
    const GAP: Duration = Duration::from_nanos(100);
    let mut packets = busy_packets(sockets);
    let mut clock = Timestamp::default();
    let mut features = PacketFeatures::new(PacketFeatureConfig::default());
    let mut row = Vec::new();
    let mut push_all = |packets: &mut [PacketMeta]| {
        for packet in packets {
            clock = clock.saturating_add(GAP);
            packet.timestamp = clock;
            row.clear();
            features.push(packet, &mut row);
            black_box(&row);
        }
        let counters = features.counters().sockets;
        assert_eq!((counters.open, counters.evicted), (sockets.into(), 0));
    };
    push_all(&mut packets);
    group.throughput(Throughput::Elements(sockets.into()));
    group.bench_function(name, |bencher| bencher.iter(|| push_all(&mut packets)));
}
