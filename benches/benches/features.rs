//! What does it cost to turn a flow record into a row for a model? Rows per second.

use std::hint::black_box;

use criterion::Throughput;
use nettraffic_benches::{Traffic, criterion};
use nettraffic_features::{FeatureSet, Preprocessor, Statistics as _};

fn main() {
    let traffic = Traffic::of("load", 20_000);
    let flows = traffic.flows();
    let features = FeatureSet::all();
    let matrix = traffic.matrix(&features);
    let preprocessor = Preprocessor::params()
        .fit(&matrix)
        .expect("there are rows enough");
    let rows: Vec<Vec<f64>> = (0..matrix.rows())
        .map(|at| matrix.row(at).to_vec())
        .collect();

    let mut criterion = criterion();
    let mut group = criterion.benchmark_group("features");
    group.throughput(Throughput::Elements(flows.len() as u64));
    let mut row = Vec::new();
    group.bench_function("extract", |bencher| {
        bencher.iter(|| {
            for (flow, state) in &flows {
                row.clear();
                features.extract(&state.record(flow), &mut row);
                black_box(&row);
            }
        });
    });
    let mut prepared = Vec::new();
    group.bench_function("prepare_row", |bencher| {
        bencher.iter(|| {
            for row in &rows {
                prepared.clear();
                let outcome = preprocessor.apply_row(row, &mut prepared);
                outcome.expect("the rows are of its schema");
                black_box(&prepared);
            }
        });
    });
    group.bench_function("prepare_matrix", |bencher| {
        bencher.iter(|| preprocessor.apply(black_box(&matrix)));
    });
    group.finish();
    criterion.final_summary();
}
