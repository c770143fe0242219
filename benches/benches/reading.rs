//! How fast are packets read, format by format? Packets per second, from memory.

use std::hint::black_box;

use criterion::{BatchSize, Throughput};
use nettraffic_benches::{Traffic, criterion, gzip, pcapng};
use nettraffic_capture::{PacketSource as _, from_reader};

const PACKETS: u64 = 100_000;

fn main() {
    let pcap = Traffic::of("load", PACKETS).pcap;
    let files = [
        ("pcap_gz", gzip(&pcap)),
        ("pcapng", pcapng(&pcap)),
        ("pcap", pcap),
    ];
    let mut criterion = criterion();
    let mut group = criterion.benchmark_group("reading");
    group.throughput(Throughput::Elements(PACKETS));
    for (name, file) in &files {
        let open = || from_reader("memory", file.as_slice()).expect("it is a capture");
        group.bench_function(*name, |bencher| {
            bencher.iter_batched(
                open,
                |mut source| {
                    while let Some(packet) = source.next_packet().expect("it is sound") {
                        black_box(packet);
                    }
                    assert_eq!(source.counters().packets, PACKETS);
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
    criterion.final_summary();
}
