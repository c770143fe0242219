//! How many clusters?

use std::f64::consts::TAU;

use nettraffic_features::PreparedMatrix;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256Plus;

use crate::{AnomalyModel, ModelError};

use super::seed::draw_rows;
use super::spread::Form;
use super::{KMeans, KMeansParams};

/// Most rows that candidates are compared on.
const ROWS: usize = 65_536;
/// One row in so many is held out.
const HELD_OUT: usize = 5;
/// One held-out row in so many, those that the candidate finds strangest, does not count: rows
/// that lie outside all clusters must not decide how many there are.
const TRIMMED: usize = 100;
/// Least variance of a plain cluster, as part of the variance of all rows.
const LEAST_VARIANCE: f64 = 1e-12;

/// A number of clusters chosen by [`KMeansParams::choose_clusters`], and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterChoice {
    params: KMeansParams,
    trials: Vec<ClusterTrial>,
}

/// What one number of clusters was worth.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ClusterTrial {
    /// The number of clusters.
    pub clusters: usize,
    /// Mean log-likelihood of the held-out rows, in nats; only differences mean something.
    pub likelihood: f64,
    /// Its standard error.
    pub error: f64,
}

impl ClusterChoice {
    /// The chosen number of clusters.
    #[must_use]
    pub fn clusters(&self) -> usize {
        self.params.clusters
    }

    /// The parameters with that number, to fit on all rows.
    #[must_use]
    pub fn params(&self) -> &KMeansParams {
        &self.params
    }

    /// All candidates, ascending.
    #[must_use]
    pub fn trials(&self) -> &[ClusterTrial] {
        &self.trials
    }
}

impl KMeansParams {
    /// Chooses among `candidates` on training rows alone: the smallest number of clusters whose
    /// likelihood is within one standard error of the best (the rule of Breiman and others 1984,
    /// section 3.4.3).
    ///
    /// Each candidate is fitted on four fifths of the rows and judged on the others (of 65,536 at
    /// most, drawn with the seed). A row's likelihood is that of the cluster nearest to it, taken for a
    /// normal distribution with the cluster's shrunk spread (one variance for all with
    /// [`Metric::Euclidean`](super::Metric::Euclidean)), times the cluster's share of rows. So
    /// another cluster must explain more than it costs to tell which cluster a row is in. The
    /// hundredth of the rows that is strangest is left out.
    ///
    /// ```
    /// use nettraffic_features::PreparedMatrix;
    /// use nettraffic_models::KMeans;
    ///
    /// let place = |row: usize| [0.0, 5.0, 9.0][row % 3] + (row % 7) as f32 * 0.1;
    /// let rows = ndarray::Array2::from_shape_fn((600, 2), |(row, column)| place(row + column));
    /// let train = PreparedMatrix::new(rows)?;
    /// let choice = KMeans::params(1).choose_clusters(&[1, 2, 3], &train)?;
    /// let model = choice.params().fit(&train)?;
    /// assert_eq!(model.sizes(), [200, 200, 200]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// No candidates, fewer than 5 rows, and as [`KMeansParams::fit`] on four fifths of the rows.
    pub fn choose_clusters(
        &self,
        candidates: &[usize],
        x: &PreparedMatrix,
    ) -> Result<ClusterChoice, ModelError> {
        let mut candidates = candidates.to_vec();
        candidates.sort_unstable();
        candidates.dedup();
        let (train, held_out) = self.parts(x)?;
        let floor = LEAST_VARIANCE * variance(&train);
        let mut trials = Vec::with_capacity(candidates.len());
        for clusters in candidates {
            let mut params = self.clone();
            params.clusters = clusters;
            let model = params.fit(&train)?;
            trials.push(trial(clusters, likelihoods(&model, floor, &held_out)?));
        }
        let best = trials
            .iter()
            .max_by(|a, b| a.likelihood.total_cmp(&b.likelihood));
        let enough = best.map(|best| best.likelihood - best.error);
        let chosen = trials.iter().find(|t| Some(t.likelihood) >= enough);
        let Some(chosen) = chosen else {
            return Err(ModelError::Parameter {
                name: "candidates",
                value: "empty".to_owned(),
                expected: "one number of clusters or more",
            });
        };
        let mut params = self.clone();
        params.clusters = chosen.clusters;
        Ok(ClusterChoice { params, trials })
    }

    /// Rows to fit on and rows to judge on.
    fn parts(&self, x: &PreparedMatrix) -> Result<(PreparedMatrix, PreparedMatrix), ModelError> {
        if x.rows() < HELD_OUT {
            return Err(ModelError::TooFewRows {
                what: "choosing a number of clusters",
                needed: HELD_OUT,
                found: x.rows(),
            });
        }
        let mut rng = Xoshiro256Plus::seed_from_u64(self.seed);
        let drawn = draw_rows(x.rows(), ROWS, &mut rng);
        let mut held_out = draw_rows(drawn.len(), drawn.len() / HELD_OUT, &mut rng)
            .into_iter()
            .peekable();
        let (mut train, mut judge) = (Vec::new(), Vec::new());
        for (index, row) in drawn.into_iter().enumerate() {
            match held_out.next_if_eq(&index) {
                Some(_) => judge.push(row),
                None => train.push(row),
            }
        }
        Ok((x.select(&train), x.select(&judge)))
    }
}

/// The log-likelihood of each row.
fn likelihoods(model: &KMeans, floor: f64, x: &PreparedMatrix) -> Result<Vec<f64>, ModelError> {
    let columns = model.columns();
    let rows: f64 = model.sizes().iter().map(|size| *size as f64).sum();
    let form = Form::of(&model.parts)?;
    let determinants = form.log_determinants(model.sizes().len(), columns);
    let handicaps = form.handicaps(&model.parts);
    // Variance in the unit of distances.
    let unit = match form {
        Form::Euclidean => (model.inertia() / (rows * columns as f64)).max(floor),
        Form::Diagonal(_) | Form::Covariance(_) => 1.0,
    };
    let shares = model.sizes().iter().map(|size| (*size as f64 / rows).ln());
    let scale = columns as f64 * (TAU * unit).ln();
    let constants: Vec<f64> = (shares.zip(determinants).zip(handicaps))
        .map(|((share, determinant), handicap)| {
            share - (scale + determinant) / 2.0 + handicap / 2.0
        })
        .collect();
    let mut found = Vec::with_capacity(x.rows());
    model.kernel.nearest_of_each(
        x.view().as_slice().unwrap_or_default(),
        columns,
        |nearest| found.push(constants[nearest.cluster] - nearest.squared / unit / 2.0),
    );
    Ok(found)
}

/// The mean of the likelihoods without the lowest.
fn trial(clusters: usize, mut likelihoods: Vec<f64>) -> ClusterTrial {
    likelihoods.sort_unstable_by(f64::total_cmp);
    let kept = &likelihoods[likelihoods
        .len()
        .div_ceil(TRIMMED)
        .min(likelihoods.len() - 1)..];
    let count = kept.len() as f64;
    let likelihood = kept.iter().map(|l| l / count).sum::<f64>();
    let squares = kept.iter().map(|l| (l - likelihood).powi(2) / count);
    ClusterTrial {
        clusters,
        likelihood,
        error: (squares.sum::<f64>() / count).sqrt(),
    }
}

/// The variance of all rows around their mean, averaged over columns; 1 where no row differs.
fn variance(x: &PreparedMatrix) -> f64 {
    let columns = x.view().mapv(f64::from);
    let mean = columns.var_axis(ndarray::Axis(0), 0.0).mean();
    mean.filter(|mean| *mean > 0.0).unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::super::tests::{METRICS, blobs, prepared};
    use super::*;

    #[test]
    fn as_many_clusters_as_there_are_groups_are_chosen() -> Result<(), ModelError> {
        let centres: [&[f32]; 5] = [
            &[0.0, 0.0, 5.0],
            &[9.0, 0.0, 0.0],
            &[0.0, 9.0, -3.0],
            &[9.0, 9.0, 9.0],
            &[-7.0, -7.0, 0.0],
        ];
        for metric in METRICS {
            for groups in [1, 2, 5] {
                let mut train = blobs(1_500, &centres[..groups], 0.6, 3).view().to_owned();
                // The same spread in every column: else spheres would not explain a group.
                for (column, mut values) in train.columns_mut().into_iter().enumerate() {
                    values *= (1 + column) as f32;
                }
                let train = prepared(train);
                let params = KMeans::params(99).metric(metric);
                let choice = params.choose_clusters(&[8, 1, 2, 3, 4, 5, 6, 5], &train)?;
                assert_eq!(choice.clusters(), groups, "{metric:?} {choice:?}");
                assert_eq!(choice.params(), &KMeans::params(groups).metric(metric));
                let tried: Vec<usize> = choice.trials().iter().map(|t| t.clusters).collect();
                assert_eq!(tried, [1, 2, 3, 4, 5, 6, 8]);
            }
        }
        Ok(())
    }

    #[test]
    fn a_few_rows_far_off_do_not_decide() -> Result<(), ModelError> {
        let mut rows = blobs(2_000, &[&[0.0, 0.0], &[9.0, 0.0]], 0.6, 3)
            .view()
            .to_owned();
        for (row, mut values) in rows.outer_iter_mut().enumerate().step_by(400) {
            values.fill(-30.0 - row as f32 / 4.0);
        }
        let train = prepared(rows);
        let params = KMeans::params(1).metric(super::super::Metric::Covariance);
        let choice = params.choose_clusters(&[1, 2], &train)?;
        assert_eq!(choice.clusters(), 2);
        Ok(())
    }

    #[test]
    fn equal_rows_and_the_largest_numbers_are_judged_in_finite_numbers() -> Result<(), ModelError> {
        let wild = |(row, column): (usize, usize)| {
            f32::MAX * ((((row * 7 + column) % 5) as f32 - 2.0) / 2.0)
        };
        for metric in METRICS {
            for rows in [Array2::zeros((50, 2)), Array2::from_shape_fn((50, 2), wild)] {
                let params = KMeans::params(1).metric(metric);
                let choice = params.choose_clusters(&[1, 3, 8], &prepared(rows))?;
                let finite = |t: &ClusterTrial| t.likelihood.is_finite() && t.error.is_finite();
                assert!(choice.trials().iter().all(finite), "{metric:?} {choice:?}");
            }
            let equal = prepared(Array2::zeros((50, 2)));
            let choice = KMeans::params(1)
                .metric(metric)
                .choose_clusters(&[1, 3], &equal)?;
            assert_eq!(choice.clusters(), 1);
        }
        Ok(())
    }

    #[test]
    fn what_leaves_no_choice_is_refused() {
        let rows = prepared(Array2::eye(10));
        let choose = |candidates: &[usize]| KMeans::params(1).choose_clusters(candidates, &rows);
        assert!(matches!(
            choose(&[]),
            Err(ModelError::Parameter {
                name: "candidates",
                ..
            })
        ));
        assert!(matches!(
            choose(&[0, 2]),
            Err(ModelError::Parameter {
                name: "clusters",
                ..
            })
        ));
        assert!(matches!(
            choose(&[2, 9]),
            Err(ModelError::TooFewRows {
                needed: 9,
                found: 8,
                ..
            })
        ));
        let few = prepared(Array2::zeros((4, 1)));
        let found = KMeans::params(1).choose_clusters(&[1], &few);
        assert!(matches!(
            found,
            Err(ModelError::TooFewRows { needed: 5, .. })
        ));
    }
}
