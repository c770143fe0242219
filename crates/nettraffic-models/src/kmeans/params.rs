//! What to fix before fitting.

use crate::ModelError;

use super::stored::{MAX_CLUSTERS, MAX_COLUMNS, MAX_FORM};

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
}

/// Parameters of a k-means model, checked in [`KMeansParams::fit`].
#[derive(Clone, Debug, PartialEq)]
pub struct KMeansParams {
    pub(super) clusters: usize,
    pub(super) seed: u64,
    pub(super) runs: usize,
    pub(super) iterations: usize,
    pub(super) metric: Metric,
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

    pub(super) fn check(&self, rows: usize, columns: usize) -> Result<(), ModelError> {
        within("clusters", self.clusters, MAX_CLUSTERS, "1 to 65,536")?;
        within("runs", self.runs, 1_000, "1 to 1,000")?;
        within("iterations", self.iterations, 100_000, "1 to 100,000")?;
        within("columns", columns, MAX_COLUMNS, "1 to 65,536")?;
        if rows < self.clusters {
            return Err(ModelError::TooFewRows {
                what: "k-means",
                needed: self.clusters,
                found: rows,
            });
        }
        let form = match self.metric {
            Metric::Covariance => columns.saturating_mul(columns),
            Metric::Euclidean | Metric::Diagonal => columns,
        };
        within(
            "clusters x size of a cluster's spread",
            self.clusters.saturating_mul(form),
            MAX_FORM,
            "at most 2^27 numbers; take fewer clusters or columns, or Metric::Diagonal",
        )
    }
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
