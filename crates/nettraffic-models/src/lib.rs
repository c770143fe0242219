//! Anomaly models and classifiers behind common traits.

mod error;
mod traits;

pub use error::ModelError;
pub use traits::{AnomalyModel, Classifier};
