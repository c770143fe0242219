//! Features of flows: what is remembered, how it is computed, which sets there are.

mod custom;
mod extractor;
mod feature;
mod level;
mod markdown;
mod measure;
mod meter;
mod record;
mod service;
mod set;
mod sets;

pub use custom::CustomFeatures;
pub use extractor::Extractor;
pub use feature::{Feature, Value};
pub use level::{FullStatistics, StandardStatistics, Statistics, TrafficStatistics};
pub use meter::FeatureMeter;
pub use record::Record;
pub use set::{FeatureSet, UnknownSet};
