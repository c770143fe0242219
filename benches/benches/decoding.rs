//! How fast are the headers of packets decoded? Packets per second, with the packets in the cache
//! and, as in reading a capture, not in it.

use std::hint::black_box;

use criterion::Throughput;
use nettraffic_benches::{Traffic, criterion};
use nettraffic_capture::{LinkType, Packet, PacketSource as _, Timestamp, decode};

fn main() {
    let mut criterion = criterion();
    let mut group = criterion.benchmark_group("decoding");
    for (name, count) in [("cached", 500), ("uncached", 100_000)] {
        let traffic = Traffic::of("load", count);
        let mut source = traffic.source();
        let mut packets: Vec<(Timestamp, Vec<u8>)> = Vec::new();
        while let Some(packet) = source.next_packet().expect("it is sound") {
            packets.push((packet.timestamp, packet.data.to_vec()));
        }
        group.throughput(Throughput::Elements(count));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for (time, data) in &packets {
                    let _ = black_box(decode(&Packet::new(*time, LinkType::ETHERNET, data)));
                }
            });
        });
    }
    group.finish();
    criterion.final_summary();
}
