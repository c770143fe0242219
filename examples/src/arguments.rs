//! Values on command lines.

use std::str::FromStr;
use std::time::Duration;

/// A time in seconds, with decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seconds(pub(crate) Duration);

impl FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        duration(text, "seconds", 1.0).map(Self)
    }
}

/// A time in milliseconds, with decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Millis(pub(crate) Duration);

impl FromStr for Millis {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        duration(text, "milliseconds", 1e3).map(Self)
    }
}

/// A time in a unit of which a second has so many.
fn duration(text: &str, unit: &str, in_a_second: f64) -> Result<Duration, String> {
    let number: f64 = (text.parse()).map_err(|_| format!("{text:?} is no number of {unit}"))?;
    Duration::try_from_secs_f64(number / in_a_second).map_err(|error| format!("{text:?}: {error}"))
}
