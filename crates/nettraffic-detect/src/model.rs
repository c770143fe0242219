//! The models that a detector can hold.

use nettraffic_models::{AnomalyModel, Autoencoder, ForestDetector, KMeans};
use serde::{Deserialize, Serialize};

/// Which model scores the flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ModelKind {
    /// Distance to the nearest cluster of benign flows.
    KMeans,
    /// Probability of an attack, learned from labelled flows.
    Forest,
    /// Reconstruction error of a network that was trained on benign flows.
    Autoencoder,
}

impl ModelKind {
    /// Every model, in the order in which they are printed.
    pub const ALL: [Self; 3] = [Self::KMeans, Self::Forest, Self::Autoencoder];

    /// The name used on command lines and in results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::KMeans => "kmeans",
            Self::Forest => "forest",
            Self::Autoencoder => "autoencoder",
        }
    }

    /// The model of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A fitted model.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Model {
    KMeans(KMeans),
    Forest(ForestDetector),
    Autoencoder(Autoencoder),
}

impl Model {
    pub(crate) fn kind(&self) -> ModelKind {
        match self {
            Self::KMeans(_) => ModelKind::KMeans,
            Self::Forest(_) => ModelKind::Forest,
            Self::Autoencoder(_) => ModelKind::Autoencoder,
        }
    }

    pub(crate) fn as_anomaly_model(&self) -> &dyn AnomalyModel {
        match self {
            Self::KMeans(model) => model,
            Self::Forest(model) => model,
            Self::Autoencoder(model) => model,
        }
    }
}
