//! An autoencoder: a dense network that learns to repeat benign rows through a bottleneck,
//! and is surprised by rows that it cannot repeat.
//!
//! burn trains it ([`burn`], behind the feature `autoencoder`); everything else, scoring
//! included, compiles without burn.

mod dense;
mod model;
mod network;
mod safetensors;
mod stored;
mod surprise;

#[cfg(feature = "autoencoder")]
mod batches;
#[cfg(feature = "autoencoder")]
mod burn;
#[cfg(feature = "autoencoder")]
mod fit;
#[cfg(feature = "autoencoder")]
mod initial;
#[cfg(feature = "autoencoder")]
mod params;

pub use model::Autoencoder;
#[cfg(feature = "autoencoder")]
pub use params::{AutoencoderParams, TrainingDevice};
