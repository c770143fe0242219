//! The spread of each cluster, estimated so that small and flat clusters stay usable.
//!
//! Cluster `c` with `n` rows and scatter `S` (sums of products of deviations) gets the covariance
//! `(S + v P) / (n + v) + r t I`: `P` is the covariance of all rows around their own
//! centroids, `v` ([`PRIOR_ROWS_PER_COLUMN`] per column) says how many rows that pooled guess is
//! worth, `t` is the mean variance in `P`, and `r` ([`RIDGE`]) keeps flat directions from counting
//! without bound.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use crate::ModelError;

use super::Metric;
use super::cholesky::{self, row_start};
use super::stored::Form;

// The two constants below, and the choice to leave the log-determinant out of the distance, rest
// on benign rows and attacks of the training parts of NSL-KDD and UNSW-NB15. On rows drawn like
// the training rows any weight from 0.03 to 1 does, and a ridge of 0.1 costs up to 0.008 of the
// area under the curve against 1e-3. It is a compromise with drift: where a fifth of NSL-KDD's
// benign rows are of services kept out of training, eight clusters reach 0.866 with a ridge of
// 1e-3, 0.878 with 0.1, 0.927 with 1, and 0.974 by plain distance. The log-determinant, which
// favours wide clusters for rows that are far from all, cost up to 0.03 and gained at most 0.002.

/// Weight of the pooled spread: this many rows per column.
const PRIOR_ROWS_PER_COLUMN: f64 = 0.3;
/// Part of the mean variance that is added in every direction.
const RIDGE: f64 = 0.1;
/// Rows whose products are summed as one block, whatever the thread count.
const BLOCK: usize = 2_048;

/// The form for `metric`. `members` are the rows of each cluster, every cluster with at least one.
pub(super) fn form(
    metric: Metric,
    values: &[f32],
    centroids: ArrayView2<'_, f32>,
    members: &[Vec<usize>],
) -> Result<Form, ModelError> {
    let columns = centroids.ncols();
    match metric {
        Metric::Euclidean => Ok(Form::Euclidean),
        Metric::Diagonal => {
            let mut variances = scatters(values, centroids, members, squares);
            shrink(&mut variances, members, columns, |i| i);
            let scales = variances.into_iter().flatten().map(|v| v.sqrt().recip());
            Ok(Form::Diagonal(scales.collect()))
        }
        Metric::Covariance => {
            let mut covariances = scatters(values, centroids, members, products);
            shrink(&mut covariances, members, columns, |i| row_start(i) + i);
            let factors: Option<Vec<Vec<f64>>> = covariances
                .into_par_iter()
                .map(|mut covariance| {
                    cholesky::factor(&mut covariance, columns)?;
                    Some(cholesky::invert(&covariance, columns))
                })
                .collect();
            let factors = factors.ok_or_else(|| ModelError::Invalid {
                what: "covariance",
                reason: "not positive definite".to_owned(),
            })?;
            Ok(Form::Covariance(factors.concat()))
        }
    }
}

/// The scatter of each cluster: `measure` of its deviations, summed over blocks of rows in order.
fn scatters(
    values: &[f32],
    centroids: ArrayView2<'_, f32>,
    members: &[Vec<usize>],
    measure: fn(&Array2<f64>) -> Vec<f64>,
) -> Vec<Vec<f64>> {
    let columns = centroids.ncols();
    members
        .par_iter()
        .enumerate()
        .map(|(cluster, members)| {
            let centre = centroids.row(cluster);
            let blocks: Vec<Vec<f64>> = members
                .par_chunks(BLOCK)
                .map(|rows| {
                    measure(&Array2::from_shape_fn((rows.len(), columns), |(i, j)| {
                        f64::from(values[rows[i] * columns + j]) - f64::from(centre[j])
                    }))
                })
                .collect();
            sum(&blocks)
        })
        .collect()
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

/// Turns scatters into covariances. `diagonal` tells where column `i` has its variance.
fn shrink(
    scatters: &mut [Vec<f64>],
    members: &[Vec<usize>],
    columns: usize,
    diagonal: impl Fn(usize) -> usize,
) {
    let rows: usize = members.iter().map(Vec::len).sum();
    let mut pooled = sum(scatters);
    for value in &mut pooled {
        *value /= rows as f64;
    }
    let mean = (0..columns).map(|i| pooled[diagonal(i)]).sum::<f64>() / columns as f64;
    // Rows that are all at their centroids tell nothing of scale: distances are plain then.
    let ridge = if mean > 0.0 { RIDGE * mean } else { 1.0 };
    let prior = PRIOR_ROWS_PER_COLUMN * columns as f64;
    for (scatter, members) in scatters.iter_mut().zip(members) {
        for (value, pooled) in scatter.iter_mut().zip(&pooled) {
            *value = (*value + prior * pooled) / (members.len() as f64 + prior);
        }
        for column in 0..columns {
            scatter[diagonal(column)] += ridge;
        }
    }
}

fn sum(parts: &[Vec<f64>]) -> Vec<f64> {
    let mut total = parts.first().map_or_else(Vec::new, |p| vec![0.0; p.len()]);
    for part in parts {
        for (to, from) in total.iter_mut().zip(part) {
            *to += from;
        }
    }
    total
}
