//! Intervals: how far a figure may be off by chance.

use serde::Serialize;

use crate::normal;

/// How sure an interval shall be: a probability strictly between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Confidence(f64);

impl Confidence {
    /// 90 %.
    pub const PERCENT_90: Self = Self(0.90);
    /// 95 %, the usual choice.
    pub const PERCENT_95: Self = Self(0.95);
    /// 99 %.
    pub const PERCENT_99: Self = Self(0.99);

    /// `None` unless `probability` lies strictly between 0 and 1.
    #[must_use]
    pub fn new(probability: f64) -> Option<Self> {
        (probability > 0.0 && probability < 1.0).then_some(Self(probability))
    }

    /// The probability, strictly between 0 and 1.
    #[must_use]
    pub fn probability(self) -> f64 {
        self.0
    }

    /// Half width of the interval of a standard normal variable.
    pub(crate) fn z(self) -> f64 {
        normal::quantile((1.0 + self.0) / 2.0)
    }
}

impl Default for Confidence {
    fn default() -> Self {
        Self::PERCENT_95
    }
}

/// Where a figure lies with the stated confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How sure it is.
    pub confidence: Confidence,
}

impl Interval {
    /// From its two ends.
    #[must_use]
    pub fn new(low: f64, high: f64, confidence: Confidence) -> Self {
        Self {
            low,
            high,
            confidence,
        }
    }

    /// Whether `value` lies within, ends included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Of a share, hence cut at 0 and 1.
    pub(crate) fn around(middle: f64, half: f64, confidence: Confidence) -> Self {
        Self::new(
            (middle - half).max(0.0),
            (middle + half).min(1.0),
            confidence,
        )
    }
}

/// Interval of a rate from `successes` in `trials`, after Wilson (1927): sound for few trials
/// and for rates near 0 and 1. `None` without trials or with more successes than trials.
#[must_use]
pub fn wilson(successes: u64, trials: u64, confidence: Confidence) -> Option<Interval> {
    if trials == 0 || successes > trials {
        return None;
    }
    let (n, rate) = (trials as f64, successes as f64 / trials as f64);
    let z2 = confidence.z().powi(2);
    let middle = (rate + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = (z2 * (rate * (1.0 - rate) / n + z2 / (4.0 * n * n))).sqrt() / (1.0 + z2 / n);
    let mut interval = Interval::around(middle, half, confidence);
    // At the ends the formula is exact; rounding must not push the rate itself out.
    if successes == 0 {
        interval.low = 0.0;
    }
    if successes == trials {
        interval.high = 1.0;
    }
    Some(interval)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wilson_agrees_with_published_values() {
        // Newcombe (1998), table I, score method without continuity correction.
        for (successes, trials, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let interval = wilson(successes, trials, Confidence::PERCENT_95).unwrap();
            assert!((interval.low - low).abs() < 5e-5, "{interval:?}");
            assert!((interval.high - high).abs() < 5e-5, "{interval:?}");
        }
    }

    #[test]
    fn impossible_rates_have_no_interval() {
        assert_eq!(wilson(0, 0, Confidence::PERCENT_95), None);
        assert_eq!(wilson(2, 1, Confidence::PERCENT_95), None);
    }

    #[test]
    fn confidence_is_a_probability() {
        for bad in [0.0, 1.0, -1.0, 95.0, f64::NAN] {
            assert_eq!(Confidence::new(bad), None);
        }
        assert_eq!(Confidence::new(0.95), Some(Confidence::PERCENT_95));
    }

    proptest! {
        #[test]
        fn wilson_holds_the_rate_and_widens_with_confidence(trials in 1_u64..5000, share in 0.0_f64..=1.0) {
            let successes = ((trials as f64 * share) as u64).min(trials);
            let narrow = wilson(successes, trials, Confidence::PERCENT_90).unwrap();
            let wide = wilson(successes, trials, Confidence::PERCENT_99).unwrap();
            prop_assert!(narrow.contains(successes as f64 / trials as f64));
            prop_assert!(wide.low <= narrow.low && narrow.high <= wide.high);
            prop_assert!(wide.low >= 0.0 && wide.high <= 1.0);
        }
    }
}
