//! What do the ROC and the precision-recall curve with their areas cost beside sorting the scores? Rows
//! per second; and a drawn ranking, which a bootstrap makes a thousand times.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Throughput};
use nettraffic_benches::criterion;
use nettraffic_eval::{RankedRows, Ranking};

fn main() {
    let mut criterion = criterion();
    let mut group = criterion.benchmark_group("curves");
    for rows in [100_000, 10_000_000_usize] {
        group
            .sample_size(10)
            .throughput(Throughput::Elements(rows as u64));
        let (scores, labels) = rows_of(rows);
        group.bench_function(BenchmarkId::new("sort_only", rows), |bencher| {
            bencher.iter_batched_ref(
                || scores.clone(),
                |scores| scores.sort_unstable_by(f64::total_cmp),
                BatchSize::LargeInput,
            );
        });
        group.bench_function(BenchmarkId::new("roc_and_pr", rows), |bencher| {
            bencher.iter(|| {
                let ranking = Ranking::new(&scores, &labels).expect("finite scores");
                black_box((ranking.roc().area(), ranking.pr().average_precision()))
            });
        });
    }
    let (scores, labels) = rows_of(100_000);
    let ranked = RankedRows::new(&scores, &labels).expect("finite scores");
    let drawn: Vec<usize> = (0..scores.len())
        .map(|row| row * 7919 % scores.len())
        .collect();
    group.throughput(Throughput::Elements(drawn.len() as u64));
    group.bench_function(BenchmarkId::new("drawn", drawn.len()), |bencher| {
        bencher.iter(|| black_box(ranked.draw(&drawn).roc().area()));
    });
    group.finish();
    criterion.final_summary();
}

/// Scores in no order, a tenth of them attacks, which score higher.
fn rows_of(rows: usize) -> (Vec<f64>, Vec<bool>) {
    let mut state = 42_u64;
    let mut draw = || {
        // Knuth's multiplier, as in the MMIX generator.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let labels: Vec<bool> = (0..rows).map(|_| draw() < 0.1).collect();
    let score = |label: &bool| draw() + if *label { 0.5 } else { 0.0 };
    (labels.iter().map(score).collect(), labels)
}
