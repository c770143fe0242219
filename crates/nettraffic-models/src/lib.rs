//! Anomaly models and classifiers behind common traits.

mod autoencoder;
mod check;
mod error;
mod forest;
mod kmeans;
mod threshold;
mod traits;

pub use autoencoder::Autoencoder;
#[cfg(feature = "autoencoder")]
pub use autoencoder::AutoencoderParams;
pub use error::ModelError;
pub use forest::{ClassWeight, ForestDetector, MaxFeatures, RandomForest, RandomForestParams};
pub use kmeans::{KMeans, KMeansParams, Metric};
pub use threshold::Threshold;
pub use traits::{AnomalyModel, Classifier, Incremental};
