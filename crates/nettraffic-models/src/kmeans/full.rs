//! Squared distances in the spread of each cluster along every direction.

use std::ops::ControlFlow;

use ndarray::ArrayView2;

use super::cholesky::row_start;
use super::kernel::{LANES, Nearest};

/// Sums over directions of `z²`, where `z = W (x - centre)` and `W` is the inverse of the
/// Cholesky factor of the cluster's covariance, so that the sum is the squared Mahalanobis
/// distance.
///
/// [`LANES`] directions are computed side by side, each summed in the order of the columns.
#[derive(Clone, Debug)]
pub(super) struct Full {
    columns: usize,
    centres: Vec<f64>,
    /// What each cluster adds to squared distances from it, none negative.
    handicaps: Vec<f64>,
    /// `W` as `[cluster][tile of directions][column]`, where a tile stops at the column of its
    /// last direction, because `W` is zero beyond it.
    tiles: Vec<[f64; LANES]>,
    tiles_per_cluster: usize,
}

impl Full {
    /// `factors` holds one packed lower triangle per cluster.
    pub(super) fn new(means: ArrayView2<'_, f64>, factors: &[f64], handicaps: Vec<f64>) -> Self {
        let (clusters, columns) = means.dim();
        let mut tiles = Vec::new();
        for factor in factors.chunks_exact(row_start(columns)) {
            for first in (0..columns).step_by(LANES) {
                for column in 0..(first + LANES).min(columns) {
                    tiles.push(std::array::from_fn(|lane| {
                        let direction = first + lane;
                        if direction < columns && column <= direction {
                            factor[row_start(direction) + column]
                        } else {
                            0.0
                        }
                    }));
                }
            }
        }
        Self {
            columns,
            centres: means.iter().copied().collect(),
            handicaps,
            tiles_per_cluster: tiles.len() / clusters,
            tiles,
        }
    }

    /// The nearest cluster, the first of equals. A good `guess` saves time and changes nothing:
    /// once its distance is known, most others are given up after a few tiles.
    pub(super) fn nearest(&self, row: &[f32], guess: usize) -> Nearest {
        let mut best = Nearest {
            cluster: guess,
            squared: self.squared(row, guess, f64::INFINITY),
        };
        for cluster in 0..self.centres.len() / self.columns {
            if cluster == guess {
                continue;
            }
            let squared = self.squared(row, cluster, best.squared);
            if squared < best.squared || squared == best.squared && cluster < best.cluster {
                best = Nearest { cluster, squared };
            }
        }
        best
    }

    /// What each column adds to the squared distance to `cluster`.
    pub(super) fn shares(&self, row: &[f32], cluster: usize) -> Vec<f64> {
        // The squared distance is awayᵀ (Wᵀ W away): column i adds awayᵢ times the bracket's i.
        let mut bracket = vec![0.0; self.columns];
        self.walk(row, cluster, |tile, z| {
            for (sum, weights) in bracket.iter_mut().zip(tile) {
                for (weight, z) in weights.iter().zip(z) {
                    *sum += weight * z;
                }
            }
            ControlFlow::Continue(())
        });
        let centre = &self.centres[cluster * self.columns..];
        let away = row.iter().zip(centre).map(|(x, c)| f64::from(*x) - c);
        away.zip(bracket).map(|(away, b)| away * b).collect()
    }

    /// The squared distance and the handicap, or any number beyond `limit` when it is beyond.
    fn squared(&self, row: &[f32], cluster: usize, limit: f64) -> f64 {
        let mut sum = self.handicaps[cluster];
        self.walk(row, cluster, |_, z| {
            for z in z {
                sum += z * z;
            }
            if sum > limit {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        sum
    }

    /// Calls `each` with every tile of `cluster` and its eight components of `z`.
    fn walk(
        &self,
        row: &[f32],
        cluster: usize,
        mut each: impl FnMut(&[[f64; LANES]], &[f64; LANES]) -> ControlFlow<()>,
    ) {
        let centre = &self.centres[cluster * self.columns..];
        let mut tiles = &self.tiles[cluster * self.tiles_per_cluster..];
        for first in (0..self.columns).step_by(LANES) {
            let (tile, rest) = tiles.split_at((first + LANES).min(self.columns));
            let mut z = [0.0; LANES];
            for ((x, centre), weights) in row.iter().zip(centre).zip(tile) {
                let away = f64::from(*x) - centre;
                for (z, weight) in z.iter_mut().zip(weights) {
                    *z += away * weight;
                }
            }
            if each(tile, &z).is_break() {
                return;
            }
            tiles = rest;
        }
    }
}
