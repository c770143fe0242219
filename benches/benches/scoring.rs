//! How fast do models score, row by row and in batches? Rows per second.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Throughput};
use ndarray::{ArrayView2, Axis};
use nettraffic_benches::{Traffic, criterion};
use nettraffic_features::{FeatureSet, PreparedMatrix, Preprocessor};
use nettraffic_models::{AnomalyModel, KMeans, RandomForest};

const BATCH: usize = 1024;

fn main() {
    let (rows, classes) = rows_and_classes();
    let names = ["benign", "attack"].map(str::to_owned);
    let kmeans = KMeans::params(8).fit(&rows).expect("there are rows enough");
    let forest = RandomForest::params()
        .fit(&rows, &classes, &names)
        .and_then(|forest| forest.into_anomaly_model("benign"))
        .expect("both classes are there");

    let mut criterion = criterion();
    let mut group = criterion.benchmark_group("scoring");
    score(&mut group, "kmeans", &kmeans, rows.view());
    score(&mut group, "forest", &forest, rows.view());
    group.finish();
    criterion.final_summary();
}

/// Flows of an office under attack, prepared for models, and whether each is an attack.
fn rows_and_classes() -> (PreparedMatrix, Vec<usize>) {
    let traffic = Traffic::of("mixed", 100_000);
    let flows = traffic.flows();
    let matrix = traffic.matrix(&FeatureSet::default());
    let rows = Preprocessor::params()
        .fit(&matrix)
        .and_then(|preprocessor| preprocessor.apply(&matrix))
        .expect("there are rows enough");
    let is_attack = |first_packet: u64| {
        let label = traffic.truth.packet_label(first_packet as usize);
        label.is_some_and(|label| label != nettraffic_synth::BENIGN)
    };
    let classes = flows.iter().map(|flow| is_attack(flow.0.sequence).into());
    (rows, classes.collect())
}

fn score(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    model: &dyn AnomalyModel,
    rows: ArrayView2<'_, f32>,
) {
    assert!(rows.nrows() >= BATCH);
    for size in [1, BATCH] {
        group.throughput(Throughput::Elements(BATCH as u64));
        group.bench_function(BenchmarkId::new(name, size), |bencher| {
            bencher.iter(|| {
                for batch in rows.axis_chunks_iter(Axis(0), size).take(BATCH / size) {
                    black_box(model.score(batch).expect("the rows are those of training"));
                }
            });
        });
    }
}
