//! Time inside the generator: nanoseconds since 1970.

use std::time::Duration;

/// One microsecond.
pub(crate) const MICRO: u64 = 1_000;
/// One millisecond.
pub(crate) const MILLI: u64 = 1_000_000;
/// One second.
pub(crate) const SECOND: u64 = 1_000_000_000;
/// One hour.
pub(crate) const HOUR: u64 = 3_600 * SECOND;

/// 2024-01-01T00:00:00Z, when every scenario begins unless told otherwise.
pub(crate) const DEFAULT_START: u64 = 1_704_067_200 * SECOND;

/// Nanoseconds of a number of seconds, for drawn durations.
pub(crate) fn seconds(seconds: f64) -> u64 {
    (seconds * SECOND as f64) as u64
}

/// Nanoseconds of a duration that a caller gave; none is longer than five centuries.
pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
