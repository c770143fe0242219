//! Features of flows: what is remembered, how it is computed, which sets there are.

mod counters;
mod custom;
mod detail;
mod extractor;
mod feature;
mod level;
mod markdown;
mod measure;
mod meter;
mod names;
mod parallel;
mod record;
mod service;
mod set;
mod sets;
mod stations;

pub use counters::ExtractionCounters;
pub use custom::CustomFeatures;
pub use detail::DetailStatistics;
pub use extractor::Extractor;
pub use feature::{Feature, Value};
pub use level::{
    CicStatistics, CommonStatistics, FullStatistics, StandardStatistics, Statistics,
    TrafficStatistics, TransferStatistics,
};
pub use meter::FeatureMeter;
pub use names::{FeatureNames, Projection, ProjectionError, UnknownNames};
pub use parallel::ParallelExtractor;
pub use record::Record;
pub use set::{FeatureSet, UnknownSet};
