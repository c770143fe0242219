//! What the rows of each cluster add up to.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::Metric;

/// Rows whose numbers are summed as one block, whatever the thread count.
const BLOCK: usize = 2_048;

/// Rows, and which of them belong to each cluster.
pub(super) struct Clustered<'a> {
    /// Rows, one after another.
    pub(super) values: &'a [f32],
    /// A place near the rows of each cluster, `(clusters, columns)`.
    pub(super) centroids: ArrayView2<'a, f32>,
    /// Indices of the rows; every cluster has at least one.
    pub(super) members: &'a [Vec<usize>],
}

impl Clustered<'_> {
    /// The mean of each cluster's rows.
    pub(super) fn means(&self) -> Array2<f64> {
        let mut means = Array2::zeros(self.centroids.dim());
        for (cluster, mut mean) in means.outer_iter_mut().enumerate() {
            // Sums of what rows differ from a place beside them lose nothing to their distance
            // from zero.
            let centre: Vec<f64> = self.centroids.row(cluster).mapv(f64::from).to_vec();
            let sums = self.sums(cluster, &centre, |away| {
                away.columns().into_iter().map(|c| c.sum()).collect()
            });
            let count = self.members[cluster].len() as f64;
            for ((mean, centre), sum) in mean.iter_mut().zip(centre).zip(sums) {
                *mean = (centre + sum / count).clamp(f32::MIN.into(), f32::MAX.into());
            }
        }
        means
    }

    /// The scatter of each cluster around its mean, as `metric` needs it.
    pub(super) fn scatter(&self, metric: Metric, means: ArrayView2<'_, f64>) -> Vec<f64> {
        let measure = match metric {
            Metric::Euclidean => total,
            Metric::Diagonal => squares,
            Metric::Covariance | Metric::Density => products,
        };
        let clusters = means.outer_iter().enumerate();
        clusters
            .flat_map(|(cluster, mean)| self.sums(cluster, &mean.to_vec(), measure))
            .collect()
    }

    /// `measure` of what a cluster's rows differ from `centre`, summed over blocks of rows.
    fn sums(
        &self,
        cluster: usize,
        centre: &[f64],
        measure: impl Fn(&Array2<f64>) -> Vec<f64> + Sync,
    ) -> Vec<f64> {
        let columns = centre.len();
        let blocks: Vec<Vec<f64>> = self.members[cluster]
            .par_chunks(BLOCK)
            .map(|rows| {
                let mut away = Array2::zeros((rows.len(), columns));
                for (mut away, row) in away.outer_iter_mut().zip(rows) {
                    let row = self.values[row * columns..].iter();
                    for ((away, x), centre) in away.iter_mut().zip(row).zip(centre) {
                        *away = f64::from(*x) - centre;
                    }
                }
                measure(&away)
            })
            .collect();
        let mut blocks = blocks.into_iter();
        let mut sums = blocks.next().unwrap_or_default();
        for block in blocks {
            for (to, from) in sums.iter_mut().zip(block) {
                *to += from;
            }
        }
        sums
    }
}

fn total(away: &Array2<f64>) -> Vec<f64> {
    vec![away.iter().map(|away| away * away).sum()]
}

fn squares(away: &Array2<f64>) -> Vec<f64> {
    away.columns().into_iter().map(|c| c.dot(&c)).collect()
}

fn products(away: &Array2<f64>) -> Vec<f64> {
    let full = away.t().dot(away);
    let rows = full.outer_iter().enumerate();
    rows.flat_map(|(i, row)| row.into_iter().copied().take(i + 1).collect::<Vec<_>>())
        .collect()
}
