//! Why a sensor cannot work.

use std::io;

/// Why a sensor cannot be set to work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SensorError {
    /// Nothing to watch.
    #[error("there is no interface and no capture to watch")]
    NoInput,
    /// What it remembers cannot be used.
    #[error(transparent)]
    State(#[from] crate::StateError),
    /// No thread can be had.
    #[error("no thread can be had: {0}")]
    Thread(#[from] io::Error),
}
