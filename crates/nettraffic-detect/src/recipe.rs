//! What each kind of detector is made of.

use nettraffic_features::{FeatureSet, PreparedMatrix};
use nettraffic_models::{Histogram, IsolationForest, KMeans, KMeansParams, NearestNeighbours};

use crate::model::Model;
use crate::{DetectError, ModelKind};

/// One model of a detector before it is fitted: what it looks at, and what it is.
pub(crate) struct Ingredient {
    view: View,
    model: Unfitted,
}

/// Which columns of a row a model looks at.
enum View {
    /// All of them.
    Whole,
    /// What tells of the flow itself, not of what surrounds it; all where there is nothing else.
    Flow,
}

/// A model that is to be fitted.
enum Unfitted {
    /// With a covariance for each cluster.
    KMeans,
    Isolation,
    Neighbours,
    Histogram,
    Autoencoder,
}

/// The models that a detector of this kind scores with; none for a forest, which learns from labels.
///
/// The members of a fusion were chosen on synthetic attacks alone, see decision 0011.
pub(crate) fn ingredients(kind: ModelKind) -> Vec<Ingredient> {
    let of = |view, model| Ingredient { view, model };
    match kind {
        ModelKind::Fusion => vec![
            of(View::Whole, Unfitted::KMeans),
            of(View::Whole, Unfitted::Isolation),
            of(View::Flow, Unfitted::KMeans),
        ],
        ModelKind::KMeans => vec![of(View::Whole, Unfitted::KMeans)],
        ModelKind::Isolation => vec![of(View::Whole, Unfitted::Isolation)],
        ModelKind::Neighbours => vec![of(View::Whole, Unfitted::Neighbours)],
        ModelKind::Histogram => vec![of(View::Whole, Unfitted::Histogram)],
        ModelKind::Autoencoder => vec![of(View::Whole, Unfitted::Autoencoder)],
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
            Unfitted::KMeans => {
                let clusters = KMeansParams::CLUSTERS.min(rows.rows());
                Ok(Model::KMeans(
                    KMeans::params(clusters).seed(seed).fit(rows)?,
                ))
            }
            Unfitted::Isolation => {
                let params = IsolationForest::params().seed(seed);
                Ok(Model::Isolation(params.fit(rows)?))
            }
            Unfitted::Neighbours => {
                let params = NearestNeighbours::params().seed(seed);
                Ok(Model::Neighbours(params.fit(rows)?))
            }
            Unfitted::Histogram => Ok(Model::Histogram(Histogram::params().fit(rows)?)),
            Unfitted::Autoencoder => autoencoder(rows, seed),
        }
    }
}

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
