//! What to fix before fitting.

use crate::ModelError;

use super::spread::Shrinkage;
use super::stored::{MAX_CLUSTERS, MAX_COLUMNS, MAX_COVARIANCE_COLUMNS, MAX_SCATTER};

/// How far a row is from a cluster.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[non_exhaustive]
pub enum Metric {
    /// The straight distance to the centroid, in the unit of the prepared columns.
    Euclidean,
    /// Each column in units of the cluster's own standard deviation.
    Diagonal,
    /// Mahalanobis distance: in units of the cluster's own spread along every direction, so that
    /// columns that usually move together are strange when they part.
    ///
    /// Finds more than the others on traffic like that of training, and forgives less: benign
    /// traffic of a kind never seen (a new service, say) is further off than by plain distance.
    #[default]
    Covariance,
    /// How unlikely a row is: the Mahalanobis distance, and beside it how wide and how rare the
    /// cluster is. Squared it is, up to a constant, −2 times the logarithm of the normal density
    /// of the nearest cluster times its share of the training rows; the constant is such that
    /// the middle of the densest cluster is at 0.
    ///
    /// So a row does not count as usual because one wide and rare cluster takes it in. Compared
    /// with [`Metric::Covariance`] it forgives benign traffic that drifts, most with a
    /// [`ridge`](KMeansParams::ridge) of 1 on quantiles, and finds less on traffic that stays.
    Density,
}

/// Parameters of a k-means model, checked in [`KMeansParams::fit`].
#[derive(Clone, Debug, PartialEq)]
pub struct KMeansParams {
    pub(super) clusters: usize,
    pub(super) seed: u64,
    pub(super) runs: usize,
    pub(super) iterations: usize,
    pub(super) metric: Metric,
    pub(super) shrinkage: Shrinkage,
    pub(super) memory: Option<u64>,
}

/// As [`KMeans::params`](super::KMeans::params) with [`KMeansParams::CLUSTERS`] clusters.
impl Default for KMeansParams {
    fn default() -> Self {
        Self::new(Self::CLUSTERS)
    }
}

impl KMeansParams {
    /// Clusters where nobody chose: few enough that each has rows to estimate its spread from.
    /// More of them fit the training rows more tightly, which finds more attacks on traffic that
    /// stays as it was and raises more false alarms on traffic that drifts.
    pub const CLUSTERS: usize = 8;

    pub(super) fn new(clusters: usize) -> Self {
        Self {
            clusters,
            seed: 42,
            runs: 3,
            iterations: 100,
            metric: Metric::default(),
            shrinkage: Shrinkage::default(),
            memory: None,
        }
    }

    /// Seed of everything random (default 42).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How many seedings are tried on the sample; the best one goes on (default 3).
    #[must_use]
    pub fn runs(mut self, runs: usize) -> Self {
        self.runs = runs;
        self
    }

    /// Most passes over all rows (default 100; usually far fewer are needed).
    #[must_use]
    pub fn iterations(mut self, iterations: usize) -> Self {
        self.iterations = iterations;
        self
    }

    /// How distance is measured (default [`Metric::Covariance`]).
    #[must_use]
    pub fn metric(mut self, metric: Metric) -> Self {
        self.metric = metric;
        self
    }

    /// Part of the mean variance that is added to every cluster's spread in every direction, for
    /// all metrics but the Euclidean: 0.000001 to 1,000,000, default 0.1. A small one
    /// makes flat directions strict, a large one leads back to plain distance, which forgives
    /// traffic that drifts.
    #[must_use]
    pub fn ridge(mut self, ridge: f64) -> Self {
        self.shrinkage.ridge = ridge;
        self
    }

    /// How many rows per column the spread that all clusters share is worth against a cluster's
    /// own rows, for all metrics but the Euclidean: 0 to 1,000,000, default 0.3.
    #[must_use]
    pub fn prior_rows_per_column(mut self, rows: f64) -> Self {
        self.shrinkage.prior_rows_per_column = rows;
        self
    }

    /// How many rows a cluster remembers in [`Incremental::update`](crate::Incremental::update),
    /// at least 2: once it has more, each new one outweighs those before by a constant factor, so
    /// that the last `rows` have 63 % of the weight. By default nothing is forgotten.
    #[must_use]
    pub fn memory(mut self, rows: u64) -> Self {
        self.memory = Some(rows);
        self
    }

    pub(super) fn check(&self, rows: usize, columns: usize) -> Result<(), ModelError> {
        within("clusters", self.clusters, MAX_CLUSTERS, "1 to 65,536")?;
        within("runs", self.runs, 1_000, "1 to 1,000")?;
        within("iterations", self.iterations, 100_000, "1 to 100,000")?;
        let most = match self.metric {
            Metric::Covariance | Metric::Density => (
                MAX_COVARIANCE_COLUMNS,
                "1 to 1,024 for Metric::Covariance and Metric::Density",
            ),
            Metric::Euclidean | Metric::Diagonal => (MAX_COLUMNS, "1 to 65,536"),
        };
        within("columns", columns, most.0, most.1)?;
        self.shrinkage.check()?;
        check_memory(self.memory)?;
        if rows < self.clusters {
            return Err(ModelError::TooFewRows {
                what: "k-means",
                needed: self.clusters,
                found: rows,
            });
        }
        if !self.metric.is_feasible(self.clusters, columns) {
            return Err(ModelError::Parameter {
                name: "clusters x columns^3",
                value: format!("{} x {columns}^3", self.clusters),
                expected: "at most 2^32 with covariances; take fewer clusters or columns, or Metric::Diagonal",
            });
        }
        within(
            "clusters x size of a cluster's spread",
            self.clusters * self.metric.entries(columns),
            MAX_SCATTER,
            "at most 2^27 numbers; take fewer clusters or columns, or Metric::Diagonal",
        )
    }
}

pub(super) fn check_memory(memory: Option<u64>) -> Result<(), ModelError> {
    match memory {
        Some(rows @ ..2) => Err(ModelError::Parameter {
            name: "memory",
            value: rows.to_string(),
            expected: "at least 2 rows",
        }),
        _ => Ok(()),
    }
}

pub(super) fn in_range(
    name: &'static str,
    value: f64,
    range: std::ops::RangeInclusive<f64>,
    expected: &'static str,
) -> Result<(), ModelError> {
    if range.contains(&value) {
        return Ok(());
    }
    Err(ModelError::Parameter {
        name,
        value: value.to_string(),
        expected,
    })
}

fn within(
    name: &'static str,
    value: usize,
    most: usize,
    expected: &'static str,
) -> Result<(), ModelError> {
    if (1..=most).contains(&value) {
        return Ok(());
    }
    Err(ModelError::Parameter {
        name,
        value: value.to_string(),
        expected,
    })
}
