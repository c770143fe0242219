//! What does an autoencoder cost that is asked row by row, as a live detector does, or in batches?
//! The networks have the default widths: four fifths of the columns, then a fifth. Training is timed
//! by benches/peers/autoencoder.sh.

use std::hint::black_box;

use criterion::{BenchmarkId, Throughput};
use ndarray::Array2;
use nettraffic_benches::criterion;
use nettraffic_models::{AnomalyModel, Autoencoder};

const ROWS: usize = 10_000;

fn main() {
    let mut criterion = criterion();

    let mut group = criterion.benchmark_group("autoencoder/single_row");
    for columns in [40, 80, 122] {
        let (model, rows) = (model(columns), rows(columns));
        let mut next = (0..ROWS).cycle();
        group.bench_function(BenchmarkId::from_parameter(columns), |bencher| {
            bencher.iter(|| {
                let row = rows.row(next.next().unwrap_or(0));
                black_box(model.score_row(row).expect("a row of that width"))
            });
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("autoencoder/batch");
    group.throughput(Throughput::Elements(ROWS as u64));
    for columns in [40, 80, 122] {
        let (model, rows) = (model(columns), rows(columns));
        group.bench_function(BenchmarkId::from_parameter(columns), |bencher| {
            bencher.iter(|| black_box(model.score(rows.view()).expect("rows of that width")));
        });
    }
    group.finish();
    criterion.final_summary();
}

/// A network that nobody trained, which takes as long to ask: the numbers as they are stored.
fn model(columns: usize) -> Autoencoder {
    let widths = [
        columns,
        columns * 4 / 5,
        columns / 5,
        columns * 4 / 5,
        columns,
    ];
    let mut random = random();
    let layers: Vec<(Vec<f32>, Vec<f32>)> = widths
        .windows(2)
        .map(|width| {
            let weights = (0..width[0] * width[1]).map(|_| (random() - 0.5) * 0.3);
            (weights.collect(), vec![0.1; width[1]])
        })
        .collect();
    // Least and greatest value, expected error.
    let ranges = vec![(-1.0_f32, 2.0_f32, 0.01_f32); columns];
    let stored = postcard::to_allocvec(&(ranges, layers)).expect("plain numbers");
    postcard::from_bytes(&stored).expect("layers that fit together")
}

fn rows(columns: usize) -> Array2<f32> {
    Array2::from_shape_simple_fn((ROWS, columns), random())
}

/// Numbers from 0 to 1, always the same.
fn random() -> impl FnMut() -> f32 {
    let mut state = 7_u64;
    move || {
        // Knuth's MMIX constants: evenly spread enough for what is only timed.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 24) as f32
    }
}
