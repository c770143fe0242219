//! Anomaly models and classifiers behind common traits.

mod autoencoder;
mod calibration;
mod check;
mod error;
mod forest;
mod fusion;
mod half_space;
mod held_out;
mod histogram;
mod isolation;
mod kitnet;
mod kmeans;
mod neighbours;
mod panels;
mod surrogate;
mod tail;
mod threshold;
mod traits;
mod trim;

pub use autoencoder::Autoencoder;
#[cfg(feature = "autoencoder")]
pub use autoencoder::{AutoencoderParams, TrainingDevice};
pub use calibration::Calibration;
pub use error::ModelError;
pub use forest::{ClassWeight, ForestDetector, MaxFeatures, RandomForest, RandomForestParams};
pub use fusion::{Fusion, FusionRule};
pub use half_space::{HalfSpaceTrees, HalfSpaceTreesParams};
pub use histogram::{Histogram, HistogramParams, Rarity};
pub use isolation::{IsolationForest, IsolationForestParams};
pub use kitnet::{Kitnet, KitnetParams};
pub use kmeans::{ClusterChoice, ClusterTrial, KMeans, KMeansParams, Metric};
pub use neighbours::{NearestNeighbours, NearestNeighboursParams};
pub use surrogate::{Condition, Fidelity, Rule, Surrogate};
pub use threshold::{Alarms, Threshold};
pub use traits::{AnomalyModel, Classifier, Incremental};
pub use trim::{Trim, Trimmed};
