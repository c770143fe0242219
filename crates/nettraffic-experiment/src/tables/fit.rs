//! From a plan's words to a fitted model.

use nettraffic_detect::ModelKind;
use nettraffic_eval::Truth;
use nettraffic_features::PreparedMatrix;
use nettraffic_models::{
    AnomalyModel, ClassWeight, ForestDetector, FusionRule, HalfSpaceTrees, Histogram,
    IsolationForest, KMeans, KMeansParams, MaxFeatures, Metric, NearestNeighbours, RandomForest,
    Rarity,
};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::ExperimentError;
use crate::plan::number;

/// A kind of model with its parameters; what a plan leaves out is as the model has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Fit {
    /// Distance to the nearest cluster.
    #[serde(rename = "kmeans")]
    KMeans(KMeansFit),
    /// How soon random splits set a row apart.
    Isolation(IsolationFit),
    /// How soon half-spaces that were drawn beforehand set a row apart, counted on a stream.
    HalfSpace(HalfSpaceFit),
    /// Distance to the nearest rows of a bounded sample.
    Neighbours(NeighboursFit),
    /// How rare each value is by itself: the trivial baseline.
    Histogram(HistogramFit),
    /// Reconstruction error of a network.
    Autoencoder(AutoencoderFit),
    /// Probability of an attack: the only kind that learns from labelled attacks.
    Forest(ForestFit),
    /// Mean over members of how rarely benign rows score as high.
    Fusion(FusionFit),
    /// The one feature that tells the training rows apart best, by its value: a trivial baseline.
    SingleFeature(SingleFeatureFit),
    /// A detector as users train it, with its own preprocessing and thresholds; only for flows.
    Detector(DetectorFit),
}

/// Parameters of k-means.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct KMeansFit {
    /// Number of clusters.
    #[serde(deserialize_with = "number::some")]
    pub clusters: usize,
    /// `covariance`, `density`, `diagonal` or `euclidean`.
    #[serde(with = "MetricName")]
    pub metric: Metric,
    /// Part of the mean variance that is added in every direction.
    pub ridge: Option<f64>,
}

/// Parameters of an isolation forest.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct IsolationFit {
    /// Number of trees.
    #[serde(deserialize_with = "number::some_if_said")]
    pub trees: Option<usize>,
    /// Rows that one tree is grown from.
    #[serde(deserialize_with = "number::some_if_said")]
    pub rows_per_tree: Option<usize>,
    /// Columns that one split asks.
    #[serde(deserialize_with = "number::some_if_said")]
    pub columns_per_split: Option<usize>,
}

/// Parameters of half-space trees.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct HalfSpaceFit {
    /// Number of trees.
    #[serde(deserialize_with = "number::some_if_said")]
    pub trees: Option<usize>,
    /// Splits between root and leaf.
    #[serde(deserialize_with = "number::some_if_said")]
    pub height: Option<u32>,
    /// Rows that are counted before the counts take the place of those before.
    #[serde(deserialize_with = "number::some_if_said")]
    pub window: Option<u64>,
}

/// Parameters of a nearest-neighbour model.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct NeighboursFit {
    /// How many neighbours a score asks.
    #[serde(deserialize_with = "number::some_if_said")]
    pub neighbours: Option<usize>,
    /// Training rows to remember at most.
    #[serde(deserialize_with = "number::some_if_said")]
    pub most_rows: Option<usize>,
}

/// Parameters of a histogram model.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct HistogramFit {
    /// `density` or `tail`.
    #[serde(with = "RarityName")]
    pub rarity: Rarity,
    /// Bins of a column.
    #[serde(deserialize_with = "number::some_if_said")]
    pub bins: Option<usize>,
}

/// Parameters of an autoencoder.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AutoencoderFit {
    /// Widths of the layers down to the bottleneck.
    pub hidden: Option<Vec<usize>>,
    /// Most passes over the rows.
    #[serde(deserialize_with = "number::some_if_said")]
    pub epochs: Option<usize>,
    /// Passes without a gain after which training ends.
    pub patience: Option<usize>,
    /// Share of values that are swapped in training.
    pub noise: Option<f32>,
}

/// Parameters of a random forest.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ForestFit {
    /// Number of trees.
    #[serde(deserialize_with = "number::some_if_said")]
    pub trees: Option<usize>,
    /// Least rows in a leaf.
    #[serde(deserialize_with = "number::some_if_said")]
    pub min_leaf: Option<usize>,
    /// Most splits between root and leaf.
    pub max_depth: Option<usize>,
    /// Share of the columns that each node draws; their square root where it is not said.
    pub features: Option<f64>,
    /// Whether all classes weigh the same.
    pub balanced: bool,
    /// What it learns to tell apart.
    pub classes: Classes,
}

/// What a forest learns to tell apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Classes {
    /// Benign rows and attacks.
    #[default]
    Two,
    /// Benign rows and every kind of attack.
    Attacks,
}

/// Members of a fusion.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FusionFit {
    /// Names of at least two models that learn from benign rows alone.
    pub of: Vec<String>,
    /// How they are combined: `mean-log`, `fisher` or `maximum`.
    #[serde(default, with = "RuleName")]
    pub rule: FusionRule,
}

/// A single feature has no parameters.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SingleFeatureFit {}

/// Which detector.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DetectorFit {
    /// Its model, by the name that `nettraffic-train --model` takes.
    #[serde(deserialize_with = "model_kind")]
    pub model: ModelKind,
}

fn model_kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ModelKind, D::Error> {
    let name = String::deserialize(deserializer)?;
    ModelKind::named(&name).ok_or_else(|| {
        let known = ModelKind::ALL.map(ModelKind::name).join(", ");
        D::Error::custom(format!("there is no detector {name:?}, only {known}"))
    })
}

/// The metrics as plans name them.
#[derive(Deserialize)]
#[serde(remote = "Metric", rename_all = "lowercase")]
enum MetricName {
    Euclidean,
    Diagonal,
    Covariance,
    Density,
}

/// The kinds of rarity as plans name them.
#[derive(Deserialize)]
#[serde(remote = "Rarity", rename_all = "lowercase")]
enum RarityName {
    Density,
    Tail,
}

/// The rules as plans name them; learned weights are none that a plan could state.
#[derive(Deserialize)]
#[serde(remote = "FusionRule", rename_all = "kebab-case")]
enum RuleName {
    MeanLog,
    Fisher,
    Maximum,
}

impl Default for KMeansFit {
    fn default() -> Self {
        Self {
            clusters: KMeansParams::CLUSTERS,
            metric: Metric::default(),
            ridge: None,
        }
    }
}

impl Fit {
    /// Whether it learns from benign rows alone, by itself.
    pub(crate) fn is_one_class(&self) -> bool {
        !matches!(
            self,
            Self::Forest(_) | Self::Fusion(_) | Self::SingleFeature(_) | Self::Detector(_)
        )
    }

    /// Whether it learns attacks by their labels.
    pub(crate) fn learns_attacks(&self) -> bool {
        match self {
            Self::Forest(_) | Self::SingleFeature(_) => true,
            Self::Detector(detector) => detector.model == ModelKind::Forest,
            _ => false,
        }
    }

    /// Whether its scores are probabilities of an attack.
    pub(crate) fn gives_probabilities(&self) -> bool {
        match self {
            Self::Forest(_) => true,
            Self::Detector(detector) => detector.model == ModelKind::Forest,
            _ => false,
        }
    }

    /// Whether this build can fit it.
    pub(crate) fn is_built_in(&self) -> bool {
        let needs_it = match self {
            Self::Autoencoder(_) => true,
            Self::Detector(detector) => detector.model == ModelKind::Autoencoder,
            _ => false,
        };
        cfg!(feature = "autoencoder") || !needs_it
    }
}

/// Fits a model on benign rows.
pub(crate) fn one_class(
    fit: &Fit,
    rows: &PreparedMatrix,
    seed: u64,
) -> Result<Box<dyn AnomalyModel>, ExperimentError> {
    Ok(match fit {
        Fit::KMeans(fit) => {
            let mut params = KMeans::params(fit.clusters).metric(fit.metric).seed(seed);
            set(&mut params, fit.ridge, |p, ridge| p.ridge(ridge));
            Box::new(params.fit(rows)?)
        }
        Fit::Isolation(fit) => {
            let mut params = IsolationForest::params().seed(seed);
            set(&mut params, fit.trees, |p, trees| p.trees(trees));
            set(&mut params, fit.rows_per_tree, |p, rows| {
                p.rows_per_tree(rows)
            });
            set(&mut params, fit.columns_per_split, |p, columns| {
                p.columns_per_split(columns)
            });
            Box::new(params.fit(rows)?)
        }
        Fit::HalfSpace(fit) => {
            let mut params = HalfSpaceTrees::params().seed(seed);
            set(&mut params, fit.trees, |p, trees| p.trees(trees));
            set(&mut params, fit.height, |p, height| p.height(height));
            set(&mut params, fit.window, |p, rows| p.window(rows));
            Box::new(params.fit(rows)?)
        }
        Fit::Neighbours(fit) => {
            let mut params = NearestNeighbours::params().seed(seed);
            set(&mut params, fit.neighbours, |p, count| p.neighbours(count));
            set(&mut params, fit.most_rows, |p, rows| p.most_rows(rows));
            Box::new(params.fit(rows)?)
        }
        Fit::Histogram(fit) => {
            let mut params = Histogram::params().rarity(fit.rarity);
            set(&mut params, fit.bins, |p, bins| p.bins(bins));
            Box::new(params.fit(rows)?)
        }
        #[cfg(feature = "autoencoder")]
        Fit::Autoencoder(fit) => {
            let mut params = nettraffic_models::Autoencoder::params().seed(seed);
            set(&mut params, fit.hidden.as_deref(), |p, widths| {
                p.hidden(widths)
            });
            set(&mut params, fit.epochs, |p, epochs| p.epochs(epochs));
            set(&mut params, fit.patience, |p, epochs| p.patience(epochs));
            set(&mut params, fit.noise, |p, share| p.noise(share));
            Box::new(params.fit(rows)?)
        }
        #[cfg(not(feature = "autoencoder"))]
        Fit::Autoencoder(_) => {
            return Err(ExperimentError::Plan(
                "this build has no autoencoder".to_owned(),
            ));
        }
        Fit::Forest(_) | Fit::Fusion(_) | Fit::SingleFeature(_) | Fit::Detector(_) => {
            return Err(ExperimentError::Plan(
                "it does not learn from benign rows alone".to_owned(),
            ));
        }
    })
}

/// Grows a forest on labelled rows.
pub(crate) fn forest(
    fit: &ForestFit,
    rows: &PreparedMatrix,
    labels: &[String],
    seed: u64,
) -> Result<ForestDetector, ExperimentError> {
    let benign = Truth::Benign.name();
    let class = |label: &'_ str| match fit.classes {
        Classes::Two if label != benign => "attack".to_owned(),
        _ => label.to_owned(),
    };
    let labels: Vec<String> = labels.iter().map(|label| class(label)).collect();
    let mut classes = labels.clone();
    classes.sort_unstable();
    classes.dedup();
    let indices: Vec<usize> = (labels.iter())
        .filter_map(|label| classes.binary_search(label).ok())
        .collect();
    let mut params = RandomForest::params().seed(seed);
    set(&mut params, fit.trees, |p, trees| p.trees(trees));
    set(&mut params, fit.min_leaf, |p, rows| p.min_leaf(rows));
    set(&mut params, fit.max_depth, |p, depth| p.max_depth(depth));
    set(&mut params, fit.features, |p, share| {
        p.max_features(MaxFeatures::Share(share))
    });
    if fit.balanced {
        params = params.class_weight(ClassWeight::Balanced);
    }
    let forest = params.fit(rows, &indices, &classes)?;
    Ok(forest.into_anomaly_model(benign)?)
}

/// What a plan says goes into the parameters; what it leaves out stays.
fn set<P: Clone, T>(params: &mut P, value: Option<T>, with: impl FnOnce(P, T) -> P) {
    if let Some(value) = value {
        *params = with(params.clone(), value);
    }
}
