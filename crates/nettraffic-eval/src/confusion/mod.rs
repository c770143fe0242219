//! Predictions against the truth.

mod average;
mod binary;
mod matrix;

pub use matrix::ConfusionMatrix;
