//! How fast does a filter decide? Decoded packets per second, by expression.

use std::hint::black_box;

use criterion::Throughput;
use nettraffic_benches::{Traffic, criterion};
use nettraffic_capture::{Filter, PacketMeta};

const EXPRESSIONS: [(&str, &str); 4] = [
    ("port", "tcp port 443"),
    ("three", "tcp and dst port 443 and not net 10.0.0.0/8"),
    ("flags", "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn"),
    (
        "twelve",
        "not (net 10.1 or 10.2 or 10.3 or 2001:db8::/32 or 2001:db9::/32) \
         and not port (1 or 2 or 3 or 4) and not (icmp or icmp6) and ip",
    ),
];

fn main() {
    let mut criterion = criterion();
    let mut group = criterion.benchmark_group("filtering");
    let packets: Vec<PacketMeta> = Traffic::of("load", 500).packets();
    for (name, expression) in EXPRESSIONS {
        let filter: Filter = expression.parse().expect("it is sound");
        group.throughput(Throughput::Elements(packets.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let wanted = |meta: &&PacketMeta| black_box(&filter).matches(meta);
                packets.iter().filter(wanted).count()
            });
        });
    }
    group.finish();
    criterion.final_summary();
}
