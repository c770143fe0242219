//! How fast do packets join their flows? Packets per second, by the number of open flows and by
//! what is remembered of each; and for traffic in which flows begin and end.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, BenchmarkId, Throughput};
use nettraffic_benches::{Traffic, busy_packets, criterion};
use nettraffic_capture::{PacketMeta, Timestamp};
use nettraffic_features::FullStatistics;
use nettraffic_flow::{Accumulate, FlowConfig, FlowTable};

const OPEN_FLOWS: [u32; 2] = [1_000, 100_000];

fn main() {
    let mut criterion = criterion();
    let mut group = criterion.benchmark_group("flow_table");
    for flows in OPEN_FLOWS {
        push::<()>(&mut group, "push_counters", flows);
        push::<FullStatistics>(&mut group, "push", flows);
    }
    whole_flows(&mut group);
    group.finish();
    criterion.final_summary();
}

/// Packets to flows that are all open and stay so, each time to another flow.
fn push<A: Accumulate>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, flows: u32) {
    const GAP: Duration = Duration::from_nanos(100);
    let mut packets = busy_packets(flows);
    // Time goes on, but never so far that a flow ends.
    let mut clock = Timestamp::default();
    let mut table = FlowTable::<A>::new(FlowConfig::default());
    let mut push_all = |packets: &mut [PacketMeta]| {
        for packet in packets {
            clock = clock.saturating_add(GAP);
            packet.timestamp = clock;
            table.push(packet);
        }
        assert_eq!(table.open(), flows as usize);
    };
    push_all(&mut packets);
    group.throughput(Throughput::Elements(flows.into()));
    group.bench_function(BenchmarkId::new(name, flows), |bencher| {
        bencher.iter(|| push_all(&mut packets));
    });
}

/// A busy network from its first packet to its last record.
fn whole_flows(group: &mut BenchmarkGroup<'_, WallTime>) {
    let packets = Traffic::of("load", 100_000).packets();
    group.throughput(Throughput::Elements(packets.len() as u64));
    group.bench_function("whole_flows", |bencher| {
        bencher.iter_batched(
            || FlowTable::<FullStatistics>::new(FlowConfig::default()),
            |mut table| {
                for packet in &packets {
                    table.push(packet);
                    while let Some(flow) = table.pop() {
                        black_box(flow);
                    }
                }
                table.finish();
                while let Some(flow) = table.pop() {
                    black_box(flow);
                }
                table
            },
            BatchSize::PerIteration,
        );
    });
}
