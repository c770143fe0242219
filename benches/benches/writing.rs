//! What does it cost to write a flow record with all its features as text? Records per second.

use std::hint::black_box;

use criterion::Throughput;
use nettraffic_benches::{Traffic, criterion};
use nettraffic_features::{FeatureSet, FlowFormat, FlowWriter};

fn main() {
    let traffic = Traffic::of("load", 20_000);
    let flows = traffic.flows();
    let schema = FeatureSet::all().schema();
    let matrix = traffic.matrix(&FeatureSet::all());
    let width = schema.len();
    let rows: Vec<f64> = matrix.view().iter().copied().collect();
    let mut criterion = criterion();
    let mut group = criterion.benchmark_group("writing");
    group.throughput(Throughput::Elements(flows.len() as u64));
    for (name, format) in [
        ("csv", FlowFormat::Csv),
        ("ndjson", FlowFormat::Ndjson),
        ("zeek", FlowFormat::ZeekTsv),
    ] {
        let mut writer = FlowWriter::new(schema.clone(), format);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for ((flow, _), row) in flows.iter().zip(rows.chunks(width)) {
                    black_box(writer.record(flow, row));
                }
            });
        });
    }
    group.finish();
    criterion.final_summary();
}
