//! From prepared rows to a model.

use ndarray::Array2;
use nettraffic_features::PreparedMatrix;
use rayon::prelude::*;

use crate::ModelError;

use super::kernel::Plain;
use super::stored::Parts;
use super::summary::Clustered;
use super::{KMeans, KMeansParams, lloyd, seed};

/// Rows that one thread goes through at a time.
const BLOCK: usize = 4_096;

impl KMeansParams {
    /// Fits the model on `x`, on the threads of rayon's current pool; the result does not depend
    /// on how many these are.
    ///
    /// A pass over `n` rows costs `n × clusters × columns` multiplications; the covariance metric
    /// adds `n × columns² / 2` once and `clusters × columns³ / 2`.
    ///
    /// # Errors
    /// Fewer rows than clusters; a parameter out of its range.
    pub fn fit(&self, x: &PreparedMatrix) -> Result<KMeans, ModelError> {
        self.check(x.rows(), x.columns())?;
        let x = x.view();
        let x = x.as_standard_layout();
        let values = x.as_slice().unwrap_or_default();
        let columns = x.ncols();

        let frame = Frame::of(values, columns);
        let scaled = frame.enter(values);
        let centroids = seed::first_centroids(self, &scaled, columns)?;
        let centroids = lloyd::refine(&scaled, centroids, self.iterations).centroids;
        drop(scaled);
        let centroids = frame.leave(&centroids);

        let (centroids, members) = settle(values, &centroids);
        let clustered = Clustered {
            values,
            centroids: centroids.view(),
            members: &members,
        };
        let means = clustered.means();
        KMeans::new(Parts {
            metric: self.metric,
            sizes: members.iter().map(|m| m.len() as u64).collect(),
            scatter: clustered.scatter(self.metric, means.view()),
            means,
            shrinkage: self.shrinkage,
            memory: self.memory,
        })
    }
}

/// Rows moved to their mean and divided by the widest column's range, the same for all columns:
/// neighbours stay neighbours, and single precision neither overflows nor cancels.
struct Frame {
    /// Means, times `shrink`.
    middle: Vec<f32>,
    shrink: f32,
}

impl Frame {
    fn of(values: &[f32], columns: usize) -> Self {
        let mut low = vec![f32::INFINITY; columns];
        let mut high = vec![f32::NEG_INFINITY; columns];
        let mut sums = vec![0.0; columns];
        for row in values.chunks_exact(columns) {
            for (column, value) in row.iter().enumerate() {
                low[column] = low[column].min(*value);
                high[column] = high[column].max(*value);
                sums[column] += f64::from(*value);
            }
        }
        let range = low
            .iter()
            .zip(&high)
            .map(|(low, high)| f64::from(*high) - f64::from(*low))
            .fold(0.0, f64::max);
        let shrink = if range > 0.0 {
            range.recip().min(1e38)
        } else {
            1.0
        };
        let rows = (values.len() / columns) as f64;
        Self {
            middle: sums.iter().map(|s| (s / rows * shrink) as f32).collect(),
            shrink: shrink as f32,
        }
    }

    fn enter(&self, values: &[f32]) -> Vec<f32> {
        let mut scaled = vec![0.0; values.len()];
        let columns = self.middle.len();
        let rows = scaled.par_chunks_exact_mut(columns);
        rows.zip(values.par_chunks_exact(columns))
            .with_min_len(BLOCK)
            .for_each(|(to, from)| {
                for ((to, from), middle) in to.iter_mut().zip(from).zip(&self.middle) {
                    *to = from * self.shrink - middle;
                }
            });
        scaled
    }

    fn leave(&self, centroids: &Array2<f32>) -> Array2<f32> {
        let mut left = centroids.clone();
        for mut row in left.outer_iter_mut() {
            for (value, middle) in row.iter_mut().zip(&self.middle) {
                let plain = (f64::from(*value) + f64::from(*middle)) / f64::from(self.shrink);
                *value = plain.clamp(f32::MIN.into(), f32::MAX.into()) as f32;
            }
        }
        left
    }
}

/// The clusters that have rows, largest first (then as they were), with their rows in order.
fn settle(values: &[f32], centroids: &Array2<f32>) -> (Array2<f32>, Vec<Vec<usize>>) {
    let plain = Plain::new(centroids.mapv(f64::from).view());
    let nearest: Vec<Vec<u32>> = values
        .par_chunks(BLOCK * centroids.ncols())
        .map(|values| {
            let mut found = Vec::with_capacity(BLOCK);
            plain.nearest_of_each(values, |nearest| found.push(nearest.cluster as u32));
            found
        })
        .collect();
    let mut members = vec![Vec::new(); centroids.nrows()];
    for (row, cluster) in nearest.iter().flatten().enumerate() {
        members[*cluster as usize].push(row);
    }
    let mut order: Vec<usize> = (0..members.len())
        .filter(|c| !members[*c].is_empty())
        .collect();
    order.sort_by_key(|c| std::cmp::Reverse(members[*c].len()));
    let kept = centroids.select(ndarray::Axis(0), &order);
    let members = order
        .iter()
        .map(|c| std::mem::take(&mut members[*c]))
        .collect();
    (kept, members)
}
