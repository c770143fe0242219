//! What does a flow cost the default detector? A row by itself, and in the slices that a sensor judges. Rows per second.

use std::hint::black_box;

use criterion::{BenchmarkId, Throughput};
use nettraffic_benches::{Traffic, criterion};
use nettraffic_detect::{Detector, FalseAlarmGoal, FlowRows, ModelKind, Training};
use nettraffic_features::{Extractor, FeatureSet};
use nettraffic_flow::FlowConfig;

/// Rows that are judged in all.
const ROWS: usize = 1024;
/// Rows at a time: as an embedder may ask, and as a sensor does.
const SLICES: [usize; 2] = [1, 256];

fn main() {
    let detector = detector();
    let traffic = rows("mixed", 100_000);
    let mut criterion = criterion();
    let mut group = criterion.benchmark_group("detector");
    group.throughput(Throughput::Elements(ROWS as u64));
    for slice in SLICES {
        let slices: Vec<Vec<usize>> = (0..ROWS / slice)
            .map(|at| (at * slice..(at + 1) * slice).collect())
            .collect();
        let matrices: Vec<_> = slices
            .iter()
            .map(|rows| traffic.matrix(rows).expect("features are finite"))
            .collect();
        group.bench_function(BenchmarkId::new("score", slice), |bencher| {
            bencher.iter(|| {
                for matrix in &matrices {
                    black_box(detector.score(matrix).expect("the features are its own"));
                }
            });
        });
        let flows: Vec<_> = slices.iter().map(|rows| traffic.select(rows)).collect();
        group.bench_function(BenchmarkId::new("judge", slice), |bencher| {
            bencher.iter(|| {
                for flows in &flows {
                    black_box(detector.judge(flows).expect("the features are its own"));
                }
            });
        });
    }
    group.finish();
    criterion.final_summary();
}

/// A detector that learned usual traffic, at one false alarm in a hundred.
fn detector() -> Detector {
    Training::new(ModelKind::Fusion)
        .goal(FalseAlarmGoal::Rate(0.01))
        .fit(&rows("benign", 100_000), None)
        .expect("there is enough to learn from")
}

fn rows(scenario: &str, packets: u64) -> FlowRows {
    let features = FeatureSet::default();
    let mut extractor = Extractor::new(features.clone(), FlowConfig::default());
    extractor.push_all(&Traffic::of(scenario, packets).packets());
    extractor.finish();
    let mut rows = FlowRows::new(features);
    while rows.take_from(&mut extractor) {}
    rows
}
