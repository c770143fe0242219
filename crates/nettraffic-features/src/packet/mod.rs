//! Features of single packets: damped statistics of the streams that each packet belongs to.

mod clock;
mod config;
mod engine;
mod feature;
mod half;
mod key;
mod markdown;
mod moments;
mod packet_features;
mod pair;
pub(crate) mod recency;
mod statistics;
mod streams;

pub use config::{DecayRatesError, PacketFeatureConfig};
pub use feature::PacketFeature;
pub use packet_features::{PacketFeatureCounters, PacketFeatures, StreamCounters};
