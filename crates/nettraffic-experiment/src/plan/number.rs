//! Numbers of a plan that make sense, refused where they stand, so that the error names their line.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// False-alarm rates: between 0 and 1, neither of them included.
pub(crate) fn rates<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
    let rates = Vec::<f64>::deserialize(deserializer)?;
    match rates.iter().find(|rate| !(**rate > 0.0 && **rate < 1.0)) {
        Some(rate) => Err(D::Error::custom(format!(
            "{rate} is no false-alarm rate: it needs rates between 0 and 1"
        ))),
        None => Ok(rates),
    }
}

/// Shares from 0 to below 1.
pub(crate) fn shares<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
    let shares = Vec::<f64>::deserialize(deserializer)?;
    shares.into_iter().map(below_one).collect()
}

/// A share from 0 to below 1.
pub(crate) fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    below_one(f64::deserialize(deserializer)?)
}

/// The share of rows to train on: some, and not all.
pub(crate) fn part<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let part = f64::deserialize(deserializer)?;
    if part > 0.0 && part < 1.0 {
        return Ok(part);
    }
    Err(D::Error::custom(format!(
        "{part} is no part: the share of rows to train on lies between 0 and 1"
    )))
}

/// A number of folds.
pub(crate) fn folds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    match usize::deserialize(deserializer)? {
        0 | 1 => Err(D::Error::custom("it needs two folds at least")),
        folds => Ok(folds),
    }
}

/// A number of things of which there must be one.
pub(crate) fn some<'de, D, N>(deserializer: D) -> Result<N, D::Error>
where
    D: Deserializer<'de>,
    N: Deserialize<'de> + PartialEq + Default,
{
    let number = N::deserialize(deserializer)?;
    if number == N::default() {
        return Err(D::Error::custom("it needs one at least, not 0"));
    }
    Ok(number)
}

/// The same where it is said at all.
pub(crate) fn some_if_said<'de, D, N>(deserializer: D) -> Result<Option<N>, D::Error>
where
    D: Deserializer<'de>,
    N: Deserialize<'de> + PartialEq + Default,
{
    some(deserializer).map(Some)
}

fn below_one<E: serde::de::Error>(share: f64) -> Result<f64, E> {
    if (0.0..1.0).contains(&share) {
        return Ok(share);
    }
    Err(E::custom(format!(
        "{share} is none of the shares from 0 to below 1"
    )))
}
