//! The numbers that make a model, and what must hold between them.
//!
//! A model is what its rows add up to: their number, mean and scatter per cluster. Distances are
//! derived from these, so that a model that was read from a file learns on as if it never left.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::ModelError;

use super::Metric;
use super::cholesky::row_start;
use super::spread::Shrinkage;

/// Most clusters of a model.
pub(super) const MAX_CLUSTERS: usize = 1 << 16;
/// Most columns of a model.
pub(super) const MAX_COLUMNS: usize = 1 << 16;
/// Most columns of a model that factors their covariance, which takes cubic time.
pub(super) const MAX_COVARIANCE_COLUMNS: usize = 1 << 10;
/// Most `clusters × columns³` of such a model: about two seconds of one core.
const MAX_COVARIANCE_WORK: u64 = 1 << 32;
/// Most numbers that describe the spread of all clusters (1 GiB of doubles).
pub(super) const MAX_SCATTER: usize = 1 << 27;
/// Largest entry of a scatter, beyond that of 2⁶⁴ rows of finite `f32`.
const LARGEST: f64 = 1e100;

/// A model as it is stored, checked before it becomes one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Parts {
    pub(super) metric: Metric,
    /// Shape `(clusters, columns)`.
    pub(super) means: Array2<f64>,
    /// Rows of each cluster, as far as it remembers them.
    pub(super) sizes: Vec<u64>,
    /// Sums over each cluster's rows of the products of their deviations from its mean, the
    /// clusters one after another; [`Metric::entries`] numbers each.
    pub(super) scatter: Vec<f64>,
    pub(super) shrinkage: Shrinkage,
    pub(super) memory: Option<u64>,
}

impl Metric {
    /// How many numbers of a cluster's scatter count: their total, one per column, or a packed
    /// lower triangle.
    pub(super) fn entries(self, columns: usize) -> usize {
        match self {
            Self::Euclidean => 1,
            Self::Diagonal => columns,
            Self::Covariance | Self::Density => row_start(columns),
        }
    }

    /// Whether so many clusters can be factored in reasonable time.
    pub(super) fn is_feasible(self, clusters: usize, columns: usize) -> bool {
        let work = (columns as u64)
            .saturating_pow(3)
            .saturating_mul(clusters as u64);
        match self {
            Self::Euclidean | Self::Diagonal => true,
            Self::Covariance | Self::Density => work <= MAX_COVARIANCE_WORK,
        }
    }

    /// Where among them the squares of the deviations stand.
    pub(super) fn squares(self, columns: usize) -> impl Iterator<Item = usize> {
        let squares = match self {
            Self::Euclidean => 1,
            Self::Diagonal | Self::Covariance | Self::Density => columns,
        };
        (0..squares).map(move |i| match self {
            Self::Covariance | Self::Density => row_start(i) + i,
            Self::Euclidean | Self::Diagonal => i,
        })
    }
}

impl Parts {
    /// The scatter of each cluster.
    pub(super) fn scatters(&self) -> std::slice::ChunksExact<'_, f64> {
        self.scatter
            .chunks_exact(self.metric.entries(self.means.ncols()))
    }

    /// Refuses parts that do not fit together, so that nobody need look again.
    pub(super) fn check(&self) -> Result<(), ModelError> {
        let (clusters, columns) = self.means.dim();
        sound((1..=MAX_CLUSTERS).contains(&clusters), || {
            format!("{clusters} clusters")
        })?;
        let most = match self.metric {
            Metric::Covariance | Metric::Density => MAX_COVARIANCE_COLUMNS,
            Metric::Euclidean | Metric::Diagonal => MAX_COLUMNS,
        };
        sound((1..=most).contains(&columns), || {
            format!("{columns} columns")
        })?;
        sound(self.metric.is_feasible(clusters, columns), || {
            format!("covariances of {clusters} clusters of {columns} columns")
        })?;
        let length = clusters * self.metric.entries(columns);
        sound(
            self.scatter.len() == length && length <= MAX_SCATTER,
            || format!("{} numbers of spread", self.scatter.len()),
        )?;
        sound(self.sizes.len() == clusters, || {
            let sizes = self.sizes.len();
            format!("{sizes} sizes of {clusters} clusters")
        })?;
        sound(self.sizes.iter().all(|size| *size > 0), || {
            "a cluster without rows".to_owned()
        })?;
        let in_range = |mean: &f64| mean.abs() <= f32::MAX.into();
        sound(self.means.iter().all(in_range), || {
            "a centroid is out of range".to_owned()
        })?;
        sound(self.scatter.iter().all(|s| s.abs() <= LARGEST), || {
            "a spread is out of range".to_owned()
        })?;
        let squares = |scatter: &[f64]| self.metric.squares(columns).all(|at| scatter[at] >= 0.0);
        sound(self.scatters().all(squares), || {
            "a spread is negative".to_owned()
        })?;
        self.shrinkage.check()?;
        super::params::check_memory(self.memory)
    }
}

pub(super) fn sound(holds: bool, reason: impl FnOnce() -> String) -> Result<(), ModelError> {
    if holds {
        return Ok(());
    }
    Err(ModelError::Invalid {
        what: "k-means model",
        reason: reason(),
    })
}
