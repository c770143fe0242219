//! Squared distances of one row to every cluster, in double precision and in one fixed order.
//!
//! Both kernels run across [`LANES`] independent sums at a time (clusters in one, directions in
//! the other), each summed in column order. So the compiler may use vectors as wide as it likes,
//! the result stays the same number, and no row depends on the rows beside it.

use std::ops::ControlFlow;

use ndarray::ArrayView2;

use super::cholesky::row_start;
use super::stored::{Form, Parts};

const LANES: usize = 8;

/// The nearest cluster and the squared distance to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Nearest {
    pub(super) cluster: usize,
    pub(super) squared: f64,
}

/// Distances as one metric defines them, laid out for speed.
#[derive(Clone, Debug)]
pub(super) enum Kernel {
    Axes(Axes),
    Full(Full),
}

impl Kernel {
    /// The kernel of sound parts.
    pub(super) fn new(parts: &Parts) -> Self {
        let centroids = parts.centroids.view();
        match &parts.form {
            Form::Euclidean => Self::Axes(Axes::new(centroids, None)),
            Form::Diagonal(scales) => Self::Axes(Axes::new(centroids, Some(scales))),
            Form::Covariance(factors) => Self::Full(Full::new(centroids, factors)),
        }
    }

    /// The nearest cluster, the first of equals. `scratch` is working space of any content.
    pub(super) fn nearest(&self, row: &[f32], scratch: &mut Vec<f64>) -> Nearest {
        match self {
            Self::Axes(axes) => axes.nearest(row),
            Self::Full(full) => full.nearest(row, scratch),
        }
    }

    /// What each column adds to the squared distance to `cluster`.
    pub(super) fn shares(&self, row: &[f32], cluster: usize) -> Vec<f64> {
        match self {
            Self::Axes(axes) => axes.shares(row, cluster),
            Self::Full(full) => full.shares(row, cluster),
        }
    }
}

/// Sums over columns of `((x - centre) * scale)²`, eight clusters side by side.
#[derive(Clone, Debug)]
pub(super) struct Axes {
    columns: usize,
    clusters: usize,
    /// `[group of clusters][column]`, one after another.
    centres: Vec<[f64; LANES]>,
    /// As `centres`; empty where every scale is 1.
    scales: Vec<[f64; LANES]>,
}

impl Axes {
    /// `scales` has the shape of `centroids`, row after row.
    pub(super) fn new(centroids: ArrayView2<'_, f32>, scales: Option<&[f64]>) -> Self {
        let (clusters, columns) = centroids.dim();
        Self {
            columns,
            clusters,
            centres: side_by_side(centroids.iter().map(|c| f64::from(*c)), columns),
            scales: scales.map_or_else(Vec::new, |s| side_by_side(s.iter().copied(), columns)),
        }
    }

    pub(super) fn nearest(&self, row: &[f32]) -> Nearest {
        let mut best = Nearest {
            cluster: 0,
            squared: f64::INFINITY,
        };
        for (group, centres) in self.centres.chunks_exact(self.columns).enumerate() {
            let mut sums = [0.0; LANES];
            if self.scales.is_empty() {
                for (x, centres) in row.iter().zip(centres) {
                    let x = f64::from(*x);
                    for (sum, centre) in sums.iter_mut().zip(centres) {
                        *sum += (x - centre) * (x - centre);
                    }
                }
            } else {
                let scales = &self.scales[group * self.columns..];
                for ((x, centres), scales) in row.iter().zip(centres).zip(scales) {
                    let x = f64::from(*x);
                    for ((sum, centre), scale) in sums.iter_mut().zip(centres).zip(scales) {
                        let away = (x - centre) * scale;
                        *sum += away * away;
                    }
                }
            }
            // The last group may have lanes without a cluster.
            let first = group * LANES;
            for (cluster, squared) in (first..self.clusters).zip(sums) {
                if squared < best.squared {
                    best = Nearest { cluster, squared };
                }
            }
        }
        best
    }

    fn shares(&self, row: &[f32], cluster: usize) -> Vec<f64> {
        let group = cluster / LANES * self.columns;
        let lane = cluster % LANES;
        row.iter()
            .enumerate()
            .map(|(column, x)| {
                let scale = self.scales.get(group + column).map_or(1.0, |s| s[lane]);
                let away = (f64::from(*x) - self.centres[group + column][lane]) * scale;
                away * away
            })
            .collect()
    }
}

/// Rows of values, one per cluster, as `[group of clusters][column][lane]`; zeros fill the last group.
fn side_by_side(values: impl Iterator<Item = f64>, columns: usize) -> Vec<[f64; LANES]> {
    let mut packed = Vec::new();
    for (index, value) in values.enumerate() {
        let (cluster, column) = (index / columns, index % columns);
        let group = cluster / LANES * columns;
        if group == packed.len() {
            packed.resize(group + columns, [0.0; LANES]);
        }
        packed[group + column][cluster % LANES] = value;
    }
    packed
}

/// Sums over directions of `z²`, where `z = W (x - centre)` and `W` is the inverse of the
/// Cholesky factor of the cluster's covariance, so that the sum is the squared Mahalanobis
/// distance.
#[derive(Clone, Debug)]
pub(super) struct Full {
    columns: usize,
    plain: Axes,
    centres: Vec<f64>,
    /// `W` as `[cluster][tile of directions][column]`, where a tile stops at the column of its
    /// last direction, because `W` is zero beyond it.
    tiles: Vec<[f64; LANES]>,
    tiles_per_cluster: usize,
}

impl Full {
    fn new(centroids: ArrayView2<'_, f32>, factors: &[f64]) -> Self {
        let (clusters, columns) = centroids.dim();
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
            plain: Axes::new(centroids, None),
            centres: centroids.iter().map(|c| f64::from(*c)).collect(),
            tiles_per_cluster: tiles.len() / clusters,
            tiles,
        }
    }

    fn nearest(&self, row: &[f32], away: &mut Vec<f64>) -> Nearest {
        // The cluster with the nearest centroid is usually the answer: once its distance is
        // known, most others are given up after a few tiles. The minimum stays the same.
        let first = self.plain.nearest(row).cluster;
        let mut best = Nearest {
            cluster: first,
            squared: self.squared(row, first, f64::INFINITY, away),
        };
        for cluster in 0..self.centres.len() / self.columns {
            if cluster == first {
                continue;
            }
            let squared = self.squared(row, cluster, best.squared, away);
            if squared < best.squared || squared == best.squared && cluster < best.cluster {
                best = Nearest { cluster, squared };
            }
        }
        best
    }

    /// The squared distance, or any number beyond `limit` when it is beyond.
    fn squared(&self, row: &[f32], cluster: usize, limit: f64, away: &mut Vec<f64>) -> f64 {
        let mut sum = 0.0;
        self.walk(row, cluster, away, |_, z| {
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

    fn shares(&self, row: &[f32], cluster: usize) -> Vec<f64> {
        // The squared distance is awayᵀ (Wᵀ W away): column i adds awayᵢ times the bracket's i.
        let mut bracket = vec![0.0; self.columns];
        let mut away = Vec::with_capacity(self.columns);
        self.walk(row, cluster, &mut away, |tile, z| {
            for (sum, weights) in bracket.iter_mut().zip(tile) {
                for (weight, z) in weights.iter().zip(z) {
                    *sum += weight * z;
                }
            }
            ControlFlow::Continue(())
        });
        away.iter().zip(bracket).map(|(x, b)| x * b).collect()
    }

    /// Calls `each` with every tile of `cluster` and its eight components of `z`.
    fn walk(
        &self,
        row: &[f32],
        cluster: usize,
        away: &mut Vec<f64>,
        mut each: impl FnMut(&[[f64; LANES]], &[f64; LANES]) -> ControlFlow<()>,
    ) {
        let centres = &self.centres[cluster * self.columns..];
        away.clear();
        away.extend(row.iter().zip(centres).map(|(x, c)| f64::from(*x) - c));
        let mut tiles = &self.tiles[cluster * self.tiles_per_cluster..];
        for first in (0..self.columns).step_by(LANES) {
            let (tile, rest) = tiles.split_at((first + LANES).min(self.columns));
            let mut z = [0.0; LANES];
            for (away, weights) in away.iter().zip(tile) {
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
