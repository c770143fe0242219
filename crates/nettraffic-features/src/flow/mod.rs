//! Features of flows: what is remembered, how it is computed, which sets there are.

mod feature;
mod markdown;
mod measure;
mod service;
mod set;
mod sets;
mod statistics;

pub use feature::{Feature, Value};
pub use set::{FeatureSet, UnknownSet};
pub use statistics::FlowStatistics;
