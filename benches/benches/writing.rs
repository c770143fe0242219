//! What does it cost to write a flow record with all its features as text? Records per second.

use std::hint::black_box;

use criterion::Throughput;
use nettraffic_benches::{Traffic, criterion};
use nettraffic_features::{FeatureSet, FlowFormat, FlowWriter};

fn main() {
    let flows = Traffic::of("load", 20_000).flows();
    let mut criterion = criterion();
    let mut group = criterion.benchmark_group("writing");
    group.throughput(Throughput::Elements(flows.len() as u64));
    for (name, format) in [("csv", FlowFormat::Csv), ("ndjson", FlowFormat::Ndjson)] {
        let mut writer = FlowWriter::new(FeatureSet::all(), format);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for flow in &flows {
                    black_box(writer.record(flow));
                }
            });
        });
    }
    group.finish();
    criterion.final_summary();
}
