//! First centroids: greedy k-means++ on a sample of rows, refined there.

use ndarray::{Array2, ArrayView2, Axis};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256Plus;
use rayon::prelude::*;

use crate::ModelError;

use super::KMeansParams;
use super::lloyd::{self, Refined};

/// The sample holds this many rows, or this many per cluster if that is more.
const SAMPLE_ROWS: usize = 8_192;
const SAMPLE_ROWS_PER_CLUSTER: usize = 64;
/// Most passes over the sample in each run.
const SAMPLE_ITERATIONS: usize = 30;
/// Rows whose distances are summed as one block, whatever the thread count.
const BLOCK: usize = 1_024;

/// The best of `runs` seedings, shape `(clusters, columns)`. `values` are rows scaled to about
/// [-1, 1], one after another.
pub(super) fn first_centroids(
    params: &KMeansParams,
    values: &[f32],
    columns: usize,
) -> Result<Array2<f32>, ModelError> {
    let mut rng = Xoshiro256Plus::seed_from_u64(params.seed);
    let sample = sample(params.clusters, values, columns, &mut rng)?;
    let rows = sample.as_slice().unwrap_or_default();
    let mut best: Option<Refined> = None;
    for _ in 0..params.runs {
        let seeds = greedy_plus_plus(sample.view(), params.clusters, &mut rng);
        let refined = lloyd::refine(rows, seeds, SAMPLE_ITERATIONS);
        if (best.as_ref()).is_none_or(|best| refined.inertia < best.inertia) {
            best = Some(refined);
        }
    }
    best.map(|best| best.centroids)
        .ok_or_else(|| unsound(&"no run"))
}

/// The rows to seed on.
fn sample(
    clusters: usize,
    values: &[f32],
    columns: usize,
    rng: &mut impl Rng,
) -> Result<Array2<f32>, ModelError> {
    let wanted = SAMPLE_ROWS.max(SAMPLE_ROWS_PER_CLUSTER * clusters);
    let drawn = draw_rows(values.len() / columns, wanted, rng);
    let mut taken = Vec::with_capacity(drawn.len() * columns);
    for row in &drawn {
        taken.extend_from_slice(&values[row * columns..][..columns]);
    }
    Array2::from_shape_vec((drawn.len(), columns), taken).map_err(|error| unsound(&error))
}

/// `wanted` of so many rows, or all if they are fewer, each set equally likely, in their order
/// (Knuth, The Art of Computer Programming 3.4.2, algorithm S).
pub(super) fn draw_rows(rows: usize, wanted: usize, rng: &mut impl Rng) -> Vec<usize> {
    let mut missing = wanted.min(rows);
    let mut drawn = Vec::with_capacity(missing);
    for row in 0..rows {
        if rng.gen_range(0..rows - row) < missing {
            drawn.push(row);
            missing -= 1;
        }
    }
    drawn
}

/// k-means++ (Arthur and Vassilvitskii 2007), each centroid the best of a few draws: the one
/// that leaves the least sum of squared distances.
///
/// Rows that are all taken already are taken again; such twins end up as empty clusters.
fn greedy_plus_plus(x: ArrayView2<'_, f32>, clusters: usize, rng: &mut impl Rng) -> Array2<f32> {
    let draws = 2 + clusters.ilog2() as usize;
    let mut chosen = vec![rng.gen_range(0..x.nrows())];
    let mut nearest = vec![f32::INFINITY; x.nrows()];
    let mut left = move_closer(x, chosen[0], &mut nearest);
    while chosen.len() < clusters {
        let mut best: Option<(f64, usize, Vec<f32>)> = None;
        for _ in 0..draws {
            let candidate = draw(&nearest, left, rng);
            let mut closer = nearest.clone();
            let sum = move_closer(x, candidate, &mut closer);
            if best.as_ref().is_none_or(|(least, ..)| sum < *least) {
                best = Some((sum, candidate, closer));
            }
        }
        if let Some((sum, candidate, closer)) = best {
            chosen.push(candidate);
            nearest = closer;
            left = sum;
        }
    }
    x.select(Axis(0), &chosen)
}

/// A row, with a probability in proportion to its squared distance.
fn draw(nearest: &[f32], sum: f64, rng: &mut impl Rng) -> usize {
    let mut at = rng.r#gen::<f64>() * sum;
    for (row, squared) in nearest.iter().enumerate() {
        at -= f64::from(*squared);
        if at < 0.0 {
            return row;
        }
    }
    // Rounding, or every row is a centroid.
    nearest.len() - 1
}

/// Lowers each row's squared distance to that to row `centre` where this is nearer; their sum.
fn move_closer(x: ArrayView2<'_, f32>, centre: usize, nearest: &mut [f32]) -> f64 {
    let centre = x.row(centre);
    let sums: Vec<f64> = nearest
        .par_chunks_mut(BLOCK)
        .enumerate()
        .map(|(block, nearest)| {
            let rows = x.outer_iter().skip(block * BLOCK);
            let mut sum = 0.0;
            for (least, row) in nearest.iter_mut().zip(rows) {
                let squared = row.iter().zip(centre).map(|(a, b)| (a - b) * (a - b)).sum();
                *least = least.min(squared);
                sum += f64::from(*least);
            }
            sum
        })
        .collect();
    sums.iter().sum()
}

fn unsound(error: &dyn std::fmt::Display) -> ModelError {
    ModelError::Invalid {
        what: "k-means seeding",
        reason: error.to_string(),
    }
}
