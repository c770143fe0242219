//! What does k-means cost? Fitting, learning on, and scoring in batches: rows per second; scoring
//! row by row, as a live detector does: time per row.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Throughput};
use ndarray::Array2;
use nettraffic_benches::criterion;
use nettraffic_features::PreparedMatrix;
use nettraffic_models::{AnomalyModel, Incremental, KMeans, Metric};

const METRICS: [(&str, Metric); 3] = [
    ("euclidean", Metric::Euclidean),
    ("diagonal", Metric::Diagonal),
    ("covariance", Metric::Covariance),
];
const ROWS: usize = 10_000;

fn main() {
    let mut criterion = criterion();

    let mut group = criterion.benchmark_group("kmeans/single_row");
    for columns in [40, 80] {
        let rows = rows(ROWS, columns);
        for (name, metric) in METRICS {
            let model = KMeans::params(8).metric(metric).fit(&rows);
            let model = model.expect("there are rows enough");
            let mut next = (0..ROWS).cycle();
            group.bench_function(BenchmarkId::new(name, columns), |bencher| {
                bencher.iter(|| {
                    let row = rows.row(next.next().unwrap_or(0));
                    black_box(model.score_row(row).expect("a row of training"))
                });
            });
        }
    }
    group.finish();

    let rows = rows(ROWS, 40);
    let mut group = criterion.benchmark_group("kmeans/batch_8x40");
    group.throughput(Throughput::Elements(ROWS as u64));
    for (name, metric) in METRICS {
        let params = KMeans::params(8).metric(metric);
        group.bench_function(BenchmarkId::new("fit", name), |bencher| {
            bencher.iter(|| black_box(params.fit(&rows).expect("there are rows enough")));
        });
        let model = params.fit(&rows).expect("there are rows enough");
        group.bench_function(BenchmarkId::new("score", name), |bencher| {
            bencher.iter(|| black_box(model.score(rows.view()).expect("rows of training")));
        });
        group.bench_function(BenchmarkId::new("update", name), |bencher| {
            bencher.iter_batched(
                || model.clone(),
                |mut model| model.update(&rows).expect("rows of that width"),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
    criterion.final_summary();
}

/// Rows around sixteen places, always the same.
fn rows(rows: usize, columns: usize) -> PreparedMatrix {
    let mut state = 7_u64;
    let mut random = || {
        // Knuth's MMIX constants: evenly spread enough for what is only timed.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 24) as f32
    };
    let centres: Vec<f32> = (0..16 * columns).map(|_| random()).collect();
    let values = Array2::from_shape_fn((rows, columns), |(row, column)| {
        centres[row % 16 * columns + column] + 0.4 * (random() + random() - 1.0)
    });
    PreparedMatrix::new(values).expect("finite numbers")
}
