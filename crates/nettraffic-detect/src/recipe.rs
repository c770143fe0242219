//! What each kind of detector is made of.

use nettraffic_features::{FeatureSet, PreparedMatrix, Scale};
use nettraffic_models::{IsolationForest, KMeans, KMeansParams, Metric};

use crate::model::Model;
use crate::{DetectError, ModelKind};

/// One model of a detector before it is fitted: what it looks at, how that is scaled, what it is.
pub(crate) struct Ingredient {
    view: View,
    pub(crate) scale: Scale,
    model: Unfitted,
}

/// Which columns of a row a model looks at.
enum View {
    /// All of them.
    Whole,
    /// What tells of the flow itself, not of what surrounds it; all where there is nothing else.
    Flow,
}

/// A model with what must be fixed before it is fitted.
enum Unfitted {
    KMeans { clusters: usize, metric: Metric },
    Isolation,
    Autoencoder,
}

/// The models that a detector of this kind scores with; none for a forest, which learns from labels.
///
/// The members of a fusion were chosen on synthetic attacks alone, see decision 0011.
pub(crate) fn ingredients(kind: ModelKind) -> Vec<Ingredient> {
    let covariance = Unfitted::KMeans {
        clusters: KMeansParams::CLUSTERS,
        metric: Metric::Covariance,
    };
    let quantiles = Unfitted::KMeans {
        clusters: 64,
        metric: Metric::Euclidean,
    };
    let of = |view, scale, model| Ingredient { view, scale, model };
    match kind {
        ModelKind::Fusion => vec![
            of(View::Whole, Scale::MinMax, covariance),
            of(View::Whole, Scale::MinMax, Unfitted::Isolation),
            of(View::Flow, Scale::Quantile, quantiles),
        ],
        ModelKind::KMeans => vec![of(View::Whole, Scale::MinMax, covariance)],
        ModelKind::Isolation => vec![of(View::Whole, Scale::MinMax, Unfitted::Isolation)],
        ModelKind::Autoencoder => vec![of(View::Whole, Scale::MinMax, Unfitted::Autoencoder)],
        ModelKind::Forest => Vec::new(),
    }
}

impl Ingredient {
    /// The columns that it looks at, ascending.
    pub(crate) fn columns(&self, features: &FeatureSet) -> Vec<usize> {
        let whole = || (0..features.schema().len()).collect();
        match self.view {
            View::Whole => whole(),
            View::Flow => Some(features.flow_columns())
                .filter(|columns| !columns.is_empty())
                .unwrap_or_else(whole),
        }
    }

    pub(crate) fn fit(&self, rows: &PreparedMatrix, seed: u64) -> Result<Model, DetectError> {
        match self.model {
            Unfitted::KMeans { clusters, metric } => {
                // As few rows as make no cluster must still be learned from.
                let clusters = clusters.min(rows.rows() / LEAST_PER_CLUSTER).max(1);
                let params = KMeans::params(clusters).metric(metric);
                Ok(Model::KMeans(params.seed(seed).fit(rows)?))
            }
            Unfitted::Isolation => {
                let params = IsolationForest::params().seed(seed);
                Ok(Model::Isolation(params.fit(rows)?))
            }
            Unfitted::Autoencoder => autoencoder(rows, seed),
        }
    }
}

/// Clusters of fewer rows than this, on average, learn rows by heart.
const LEAST_PER_CLUSTER: usize = 4;

#[cfg(feature = "autoencoder")]
fn autoencoder(rows: &PreparedMatrix, seed: u64) -> Result<Model, DetectError> {
    let params = nettraffic_models::Autoencoder::params().seed(seed);
    Ok(Model::Autoencoder(params.fit(rows)?))
}

#[cfg(not(feature = "autoencoder"))]
fn autoencoder(_: &PreparedMatrix, _: u64) -> Result<Model, DetectError> {
    Err(DetectError::NotCompiled {
        model: ModelKind::Autoencoder.name(),
        feature: "autoencoder",
    })
}
