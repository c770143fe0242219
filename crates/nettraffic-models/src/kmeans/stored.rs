//! The numbers that make a model, and what must hold between them.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::ModelError;

use super::cholesky::row_start;

/// Most clusters of a model.
pub(super) const MAX_CLUSTERS: usize = 1 << 16;
/// Most columns of a model.
pub(super) const MAX_COLUMNS: usize = 1 << 16;
/// Most numbers that describe the spread of all clusters (1 GiB of doubles).
pub(super) const MAX_FORM: usize = 1 << 27;
/// Largest entry of a form: with it, the squared distance of any two rows of finite `f32`
/// stays finite in double precision.
const LARGEST: f64 = 1e60;

/// A model as it is stored, checked before it becomes one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Parts {
    /// Shape `(clusters, columns)`.
    pub(super) centroids: Array2<f32>,
    /// Training rows of each cluster.
    pub(super) sizes: Vec<u64>,
    pub(super) inertia: f64,
    pub(super) form: Form,
}

/// The spread of the clusters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Form {
    Euclidean,
    /// Inverse standard deviations, `(clusters, columns)`.
    Diagonal(Vec<f64>),
    /// Inverse Cholesky factors, one packed lower triangle per cluster.
    Covariance(Vec<f64>),
}

impl Parts {
    /// Refuses parts that do not fit together, so that scoring need not look again.
    pub(super) fn check(self) -> Result<Self, ModelError> {
        let (clusters, columns) = self.centroids.dim();
        sound((1..=MAX_CLUSTERS).contains(&clusters), || {
            format!("{clusters} clusters")
        })?;
        sound((1..=MAX_COLUMNS).contains(&columns), || {
            format!("{columns} columns")
        })?;
        sound(self.sizes.len() == clusters, || {
            let sizes = self.sizes.len();
            format!("{sizes} sizes of {clusters} clusters")
        })?;
        sound(self.centroids.iter().all(|c| c.is_finite()), || {
            "a centroid is not finite".to_owned()
        })?;
        sound(self.inertia.is_finite() && self.inertia >= 0.0, || {
            format!("inertia {}", self.inertia)
        })?;
        match &self.form {
            Form::Euclidean => Ok(()),
            Form::Diagonal(scales) => {
                length(scales, clusters.checked_mul(columns))?;
                sound(scales.iter().all(|s| *s > 0.0 && *s <= LARGEST), scale)
            }
            Form::Covariance(factors) => {
                let triangle = row_start(columns);
                length(factors, clusters.checked_mul(triangle))?;
                let entries = factors.iter().all(|w| w.abs() <= LARGEST);
                let diagonal = factors
                    .chunks_exact(triangle)
                    .all(|factor| (0..columns).all(|i| factor[row_start(i) + i] > 0.0));
                sound(entries && diagonal, scale)
            }
        }?;
        Ok(self)
    }
}

fn length(form: &[f64], expected: Option<usize>) -> Result<(), ModelError> {
    sound(
        expected == Some(form.len()) && form.len() <= MAX_FORM,
        || format!("{} numbers of spread", form.len()),
    )
}

fn scale() -> String {
    "a scale is not positive, or out of range".to_owned()
}

fn sound(holds: bool, reason: impl FnOnce() -> String) -> Result<(), ModelError> {
    if holds {
        return Ok(());
    }
    Err(ModelError::Invalid {
        what: "k-means model",
        reason: reason(),
    })
}
