//! The few calculations that the features share.

use nettraffic_flow::{Flow, Gaps};

const NANOS_PER_SECOND: f64 = 1e9;

/// A whole number as a feature.
pub(super) fn number(value: impl Into<u64>) -> Option<f64> {
    let value: u64 = value.into();
    Some(value as f64)
}

/// 1 or 0.
pub(super) fn flag(condition: bool) -> Option<f64> {
    Some(f64::from(u8::from(condition)))
}

/// `part / whole`; undefined where there is no whole.
pub(super) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// `amount` per second of the flow; undefined for a flow of a single moment.
pub(super) fn per_second(amount: u64, flow: &Flow) -> Option<f64> {
    let duration = flow.duration().as_secs_f64();
    (duration > 0.0).then(|| amount as f64 / duration)
}

/// Nanoseconds in seconds.
pub(super) fn seconds(nanos: Option<f64>) -> Option<f64> {
    Some(nanos? / NANOS_PER_SECOND)
}

/// A whole number that may be undefined.
pub(super) fn whole(value: Option<u64>) -> Option<f64> {
    number(value?)
}

/// Whole nanoseconds in seconds.
pub(super) fn whole_seconds(nanos: Option<u64>) -> Option<f64> {
    seconds(Some(nanos? as f64))
}

/// Standard deviation over mean: 0 for a clockwork, about 1 for arrivals at random, more for bursts.
/// Undefined with fewer than two gaps, or when all are 0.
pub(super) fn variation(gaps: &Gaps) -> Option<f64> {
    let (std, mean) = (gaps.nanos().sample_std()?, gaps.nanos().mean()?);
    (mean > 0.0).then(|| std / mean)
}
