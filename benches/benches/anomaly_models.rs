//! How fast do the plainer anomaly models score, row by row and in batches, and how fast does a
//! stream teach half-space trees? Rows per second.

use std::hint::black_box;

use criterion::{BenchmarkId, Throughput};
use ndarray::Axis;
use nettraffic_benches::{Traffic, criterion};
use nettraffic_features::{FeatureSet, PreparedMatrix, Preprocessor};
use nettraffic_models::{
    AnomalyModel, HalfSpaceTrees, Histogram, Incremental, IsolationForest, NearestNeighbours,
};

const BATCH: usize = 1024;

fn main() {
    let rows = rows();
    let isolation = IsolationForest::params().fit(&rows);
    let slanted = IsolationForest::params().columns_per_split(2).fit(&rows);
    let histogram = Histogram::params().fit(&rows);
    let neighbours = NearestNeighbours::params().fit(&rows);
    let trees = HalfSpaceTrees::params().fit(&rows).expect("there are rows");
    let models: [(&str, &dyn AnomalyModel); 5] = [
        ("isolation", &isolation.expect("there are rows")),
        ("isolation_slanted", &slanted.expect("there are rows")),
        ("histogram", &histogram.expect("there are rows")),
        ("neighbours", &neighbours.expect("there are rows")),
        ("half_space", &trees),
    ];

    let mut criterion = criterion();
    let mut group = criterion.benchmark_group("anomaly_models");
    group.throughput(Throughput::Elements(BATCH as u64));
    let view = rows.view();
    assert!(view.nrows() >= BATCH);
    for (name, model) in models {
        group.bench_function(BenchmarkId::new(name, 1), |bencher| {
            bencher.iter(|| {
                for row in view.outer_iter().take(BATCH) {
                    black_box(
                        model
                            .score_row(row)
                            .expect("the rows are those of training"),
                    );
                }
            });
        });
        let batch = view.slice_axis(Axis(0), (..BATCH).into());
        group.bench_function(BenchmarkId::new(name, BATCH), |bencher| {
            bencher.iter(|| black_box(model.score(batch).expect("the rows are those of training")));
        });
    }
    let batch = view.slice_axis(Axis(0), (..BATCH).into()).to_owned();
    let batch = PreparedMatrix::new(batch).expect("prepared rows are finite");
    let mut learner = trees.clone();
    group.bench_function(BenchmarkId::new("half_space_update", BATCH), |bencher| {
        bencher.iter(|| {
            learner
                .update(&batch)
                .expect("the rows are those of training");
        });
    });
    group.finish();
    criterion.final_summary();
}

/// Flows of an office under attack, prepared for models.
fn rows() -> PreparedMatrix {
    let traffic = Traffic::of("mixed", 100_000);
    let matrix = traffic.matrix(&FeatureSet::default());
    Preprocessor::params()
        .fit(&matrix)
        .and_then(|preprocessor| preprocessor.apply(&matrix))
        .expect("there are rows enough")
}
