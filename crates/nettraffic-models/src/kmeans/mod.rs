//! k-means: rows gather around a few centres of usual traffic, and a row far from all is strange.
//!
//! Greedy k-means++ draws first centroids on a sample of rows, Lloyd's iterations refine them there
//! (on a set that fits the sample this is nearly the whole fit) and finish on all rows. They are
//! blocks of matrix products, which reach the inertia of linfa-clustering's loop in less than half
//! its time. Spread per cluster and scoring have no counterpart there: it knows only plain distances.

mod axes;
mod cholesky;
mod choose;
mod fit;
mod full;
mod incremental;
mod kernel;
mod lloyd;
mod params;
mod products;
mod seed;
mod spread;
mod stored;
mod summary;
#[cfg(test)]
mod tests;

use ndarray::{Array1, ArrayView1, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{AnomalyModel, ModelError, check};

use self::kernel::Kernel;
use self::spread::Form;
use self::stored::Parts;

pub use self::choose::{ClusterChoice, ClusterTrial};
pub use self::params::{KMeansParams, Metric};

/// Rows that one thread scores at a time; fewer rows than two such blocks stay on the caller's.
const BLOCK: usize = 16 * products::TILE;

/// Fitted clusters. The score of a row is its distance to the nearest one, in the [`Metric`] that
/// the model was fitted with: 0 at a centroid (of the densest cluster, with [`Metric::Density`]),
/// no upper end.
///
/// Clusters are ordered by size, largest first. There are fewer than asked for where fewer rows
/// differ.
///
/// ```
/// use ndarray::array;
/// use nettraffic_features::PreparedMatrix;
/// use nettraffic_models::{AnomalyModel, KMeans, Metric};
///
/// let rows = array![[0.0, 0.1], [0.1, 0.0], [0.0, 0.0], [9.0, 9.1], [9.1, 9.0]];
/// let train = PreparedMatrix::new(rows)?;
/// let model = KMeans::params(2).seed(7).metric(Metric::Euclidean).fit(&train)?;
/// assert_eq!(model.sizes(), [3, 2]);
/// let scores = model.score(array![[0.0, 0.05], [5.0, 0.0]].view())?;
/// assert!(scores[0] < 0.1 && scores[1] > 4.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct KMeans {
    parts: Parts,
    kernel: Kernel,
}

impl KMeans {
    /// Parameters for `clusters` clusters, seed 42 and the covariance metric.
    #[must_use]
    pub fn params(clusters: usize) -> KMeansParams {
        KMeansParams::new(clusters)
    }

    /// The centroids, shape `(clusters, columns)`, in the unit of the prepared columns.
    #[must_use]
    pub fn centroids(&self) -> ArrayView2<'_, f64> {
        self.parts.means.view()
    }

    /// Rows that each cluster learned from and remembers, by plain distance to the centroids.
    #[must_use]
    pub fn sizes(&self) -> &[u64] {
        &self.parts.sizes
    }

    /// How distance is measured.
    #[must_use]
    pub fn metric(&self) -> Metric {
        self.parts.metric
    }

    /// Sum over these rows of the squared plain distance to the centroid of their cluster.
    #[must_use]
    pub fn inertia(&self) -> f64 {
        let squares = || self.parts.metric.squares(self.columns());
        let scatters = self.parts.scatters();
        scatters.flat_map(|s| squares().map(|at| s[at])).sum()
    }

    /// The cluster of each row: the nearest one in the model's metric, the first of equals.
    ///
    /// # Errors
    /// As [`AnomalyModel::score`].
    pub fn nearest(&self, x: ArrayView2<'_, f32>) -> Result<Array1<usize>, ModelError> {
        self.for_each_row(x, |nearest| nearest.cluster)
    }

    fn new(parts: Parts) -> Result<Self, ModelError> {
        parts.check()?;
        let form = Form::of(&parts)?;
        let kernel = Kernel::new(parts.means.view(), &form, form.handicaps(&parts));
        Ok(Self { parts, kernel })
    }

    fn for_each_row<T: Copy + Default + Send>(
        &self,
        x: ArrayView2<'_, f32>,
        take: impl Fn(kernel::Nearest) -> T + Sync,
    ) -> Result<Array1<T>, ModelError> {
        let columns = self.columns();
        if x.ncols() != columns {
            check::rows(x, columns)?;
        }
        let rows = x.as_standard_layout();
        let values = rows.as_slice().unwrap_or_default();
        let mut taken = vec![T::default(); rows.nrows()];
        // Rows are checked where they are scored, while they are near.
        let block = |(taken, values): (&mut [T], &[f32])| {
            let mut taken = taken.iter_mut();
            self.kernel.nearest_of_each(values, columns, |nearest| {
                if let Some(to) = taken.next() {
                    *to = take(nearest);
                }
            });
            values.iter().fold(true, |sound, x| sound & x.is_finite())
        };
        let sound = if taken.len() < 2 * BLOCK {
            block((&mut taken, values))
        } else {
            let values = values.par_chunks(BLOCK * columns);
            let blocks = taken.par_chunks_mut(BLOCK).zip(values);
            blocks.map(block).reduce(|| true, |a, b| a & b)
        };
        if !sound {
            check::rows(x, columns)?;
        }
        Ok(Array1::from_vec(taken))
    }
}

impl AnomalyModel for KMeans {
    fn columns(&self) -> usize {
        self.parts.means.ncols()
    }

    /// Distances to the nearest cluster; many rows are scored on rayon's current pool.
    fn score(&self, x: ArrayView2<'_, f32>) -> Result<Array1<f32>, ModelError> {
        self.for_each_row(x, |nearest| finite(nearest.squared.sqrt()))
    }

    /// The same number as in [`KMeans::score`](AnomalyModel::score); no memory is allocated for
    /// a row that lies in one piece.
    fn score_row(&self, row: ArrayView1<'_, f32>) -> Result<f32, ModelError> {
        let row = check::contiguous_row(&row, self.columns())?;
        let nearest = self.kernel.nearest(row.as_slice().unwrap_or_default());
        Ok(finite(nearest.squared.sqrt()))
    }

    /// The parts of the squared distance that belong to each column, divided by the distance:
    /// they sum to the score (up to single precision). With the covariance metric the product of
    /// two columns' deviations is shared half and half between them, and a column may be negative:
    /// it then fits the others better than the centroid would. With the density metric each
    /// column's share is of the Mahalanobis distance, scaled so that they sum to the score. All 0
    /// at a centroid.
    fn contributions(&self, row: ArrayView1<'_, f32>) -> Result<Array1<f32>, ModelError> {
        let row = check::contiguous_row(&row, self.columns())?;
        let values = row.as_slice().unwrap_or_default();
        let nearest = self.kernel.nearest(values);
        let distance = nearest.squared.sqrt();
        let shares = self.kernel.shares(values, nearest.cluster);
        let whole = match self.parts.metric {
            Metric::Density => shares.iter().sum(),
            _ => nearest.squared,
        };
        let part = |share: f64| {
            if whole > 0.0 {
                finite(share / whole * distance)
            } else {
                0.0
            }
        };
        Ok(shares.into_iter().map(part).collect())
    }
}

impl TryFrom<Parts> for KMeans {
    type Error = ModelError;

    fn try_from(parts: Parts) -> Result<Self, ModelError> {
        Self::new(parts)
    }
}

impl From<KMeans> for Parts {
    fn from(model: KMeans) -> Self {
        model.parts
    }
}

impl PartialEq for KMeans {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}

/// Squares beyond single precision, of rows around 1e38, end at its largest number.
fn finite(value: f64) -> f32 {
    value.clamp(f32::MIN.into(), f32::MAX.into()) as f32
}
