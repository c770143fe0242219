//! k-means: rows gather around a few centres of usual traffic, and a row far from all is strange.
//!
//! Who does what: our greedy k-means++ draws first centroids on a sample of rows, linfa-clustering
//! runs Lloyd's iterations on that sample (on a set that fits the sample this is nearly the whole
//! fit), and our blocks of matrix products finish them on all rows, where linfa's loop is several
//! times slower. Spread per cluster and scoring are ours: linfa knows only plain distances.

mod cholesky;
mod fit;
mod kernel;
mod lloyd;
mod params;
mod seed;
mod spread;
mod stored;
#[cfg(test)]
mod tests;

use ndarray::{Array1, ArrayView1, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{AnomalyModel, ModelError, check};

use self::kernel::Kernel;
use self::stored::{Form, Parts};

pub use self::params::{KMeansParams, Metric};

/// Rows that one thread scores at a time; fewer rows than two such blocks stay on the caller's.
const BLOCK: usize = 256;

/// Fitted clusters. The score of a row is its distance to the nearest one, in the [`Metric`] that
/// the model was fitted with: 0 at a centroid, no upper end.
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
    pub fn centroids(&self) -> ArrayView2<'_, f32> {
        self.parts.centroids.view()
    }

    /// Training rows of each cluster, by plain distance to the centroids.
    #[must_use]
    pub fn sizes(&self) -> &[u64] {
        &self.parts.sizes
    }

    /// How distance is measured.
    #[must_use]
    pub fn metric(&self) -> Metric {
        match self.parts.form {
            Form::Euclidean => Metric::Euclidean,
            Form::Diagonal(_) => Metric::Diagonal,
            Form::Covariance(_) => Metric::Covariance,
        }
    }

    /// Sum over the training rows of the squared plain distance to the nearest centroid.
    #[must_use]
    pub fn inertia(&self) -> f64 {
        self.parts.inertia
    }

    /// The cluster of each row: the nearest one in the model's metric, the first of equals.
    ///
    /// # Errors
    /// As [`AnomalyModel::score`].
    pub fn nearest(&self, x: ArrayView2<'_, f32>) -> Result<Array1<usize>, ModelError> {
        self.for_each_row(x, |nearest| nearest.cluster)
    }

    fn new(parts: Parts) -> Result<Self, ModelError> {
        let parts = parts.check()?;
        let kernel = Kernel::new(&parts);
        Ok(Self { parts, kernel })
    }

    fn for_each_row<T: Copy + Default + Send>(
        &self,
        x: ArrayView2<'_, f32>,
        take: impl Fn(kernel::Nearest) -> T + Sync,
    ) -> Result<Array1<T>, ModelError> {
        let columns = self.columns();
        let x = check::contiguous_rows(&x, columns)?;
        let values = x.as_slice().unwrap_or_default();
        let mut taken = vec![T::default(); x.nrows()];
        let block = |(taken, values): (&mut [T], &[f32])| {
            let mut scratch = Vec::new();
            for (to, row) in taken.iter_mut().zip(values.chunks_exact(columns)) {
                *to = take(self.kernel.nearest(row, &mut scratch));
            }
        };
        if taken.len() < 2 * BLOCK {
            block((&mut taken, values));
        } else {
            let values = values.par_chunks(BLOCK * columns);
            taken.par_chunks_mut(BLOCK).zip(values).for_each(block);
        }
        Ok(Array1::from_vec(taken))
    }
}

impl AnomalyModel for KMeans {
    fn columns(&self) -> usize {
        self.parts.centroids.ncols()
    }

    /// Distances to the nearest cluster; many rows are scored on rayon's current pool.
    fn score(&self, x: ArrayView2<'_, f32>) -> Result<Array1<f32>, ModelError> {
        self.for_each_row(x, |nearest| finite(nearest.squared.sqrt()))
    }

    /// The parts of the squared distance that belong to each column, divided by the distance:
    /// they sum to the score (up to single precision). With the covariance metric the product of
    /// two columns' deviations is shared half and half between them, and a column may be negative:
    /// it then fits the others better than the centroid would. All 0 at a centroid.
    fn contributions(&self, row: ArrayView1<'_, f32>) -> Result<Array1<f32>, ModelError> {
        let row = check::contiguous_row(&row, self.columns())?;
        let values = row.as_slice().unwrap_or_default();
        let nearest = self.kernel.nearest(values, &mut Vec::new());
        let distance = nearest.squared.sqrt();
        let shares = self.kernel.shares(values, nearest.cluster);
        let part = |share: f64| {
            if distance > 0.0 {
                finite(share / distance)
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
