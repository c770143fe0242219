//! The models that a detector can hold.

use nettraffic_models::{
    AnomalyModel, Autoencoder, ForestDetector, Histogram, IsolationForest, KMeans,
    NearestNeighbours, RandomForest,
};
use serde::{Deserialize, Serialize};

/// Which model scores the flows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ModelKind {
    /// Several models that learn from benign flows, fused: each alone is good at other attacks.
    #[default]
    Fusion,
    /// Distance to the nearest cluster of benign flows.
    KMeans,
    /// How few random cuts part a flow from benign ones.
    Isolation,
    /// Distance to the nearest benign flows.
    Neighbours,
    /// How rare each value is by itself: the baseline that others should beat.
    Histogram,
    /// Probability of an attack, learned from labelled flows.
    Forest,
    /// Reconstruction error of a network that was trained on benign flows.
    Autoencoder,
}

impl ModelKind {
    /// Every model, in the order in which they are printed.
    pub const ALL: [Self; 7] = [
        Self::Fusion,
        Self::KMeans,
        Self::Isolation,
        Self::Neighbours,
        Self::Histogram,
        Self::Forest,
        Self::Autoencoder,
    ];

    /// The name used on command lines and in results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fusion => "fusion",
            Self::KMeans => "kmeans",
            Self::Isolation => "isolation",
            Self::Neighbours => "neighbours",
            Self::Histogram => "histogram",
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
#[expect(
    clippy::large_enum_variant,
    reason = "a detector holds a handful of them"
)]
pub(crate) enum Model {
    KMeans(KMeans),
    Isolation(IsolationForest),
    Neighbours(NearestNeighbours),
    Histogram(Histogram),
    Forest(ForestDetector),
    Autoencoder(Autoencoder),
}

impl Model {
    pub(crate) fn kind(&self) -> ModelKind {
        match self {
            Self::KMeans(_) => ModelKind::KMeans,
            Self::Isolation(_) => ModelKind::Isolation,
            Self::Neighbours(_) => ModelKind::Neighbours,
            Self::Histogram(_) => ModelKind::Histogram,
            Self::Forest(_) => ModelKind::Forest,
            Self::Autoencoder(_) => ModelKind::Autoencoder,
        }
    }

    pub(crate) fn as_anomaly_model(&self) -> &dyn AnomalyModel {
        match self {
            Self::KMeans(model) => model,
            Self::Isolation(model) => model,
            Self::Neighbours(model) => model,
            Self::Histogram(model) => model,
            Self::Forest(model) => model,
            Self::Autoencoder(model) => model,
        }
    }

    /// The forest, where it is one.
    pub(crate) fn forest(&self) -> Option<&RandomForest> {
        match self {
            Self::Forest(model) => Some(model.forest()),
            _ => None,
        }
    }
}
