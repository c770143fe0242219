//! Whether one area under the ROC curve is really larger than another.

use serde::Serialize;

use crate::curve::Placements;
use crate::{Confidence, EvalError, Interval, RankedRows, normal};

/// Two areas under ROC curves of the same rows, and how sure their difference is (DeLong, DeLong
/// and Clarke-Pearson 1988). That both judge the same rows is taken into account, so the interval is
/// narrower than two separate ones suggest.
///
/// ```
/// use nettraffic_eval::{AreaDifference, Confidence};
///
/// let labels = [true, true, true, false, false, false];
/// let (forest, k_means) = ([0.9, 0.8, 0.4, 0.5, 0.2, 0.1], [0.9, 0.2, 0.4, 0.5, 0.3, 0.1]);
/// let difference = AreaDifference::new(&forest, &k_means, &labels, Confidence::PERCENT_95)?;
/// assert!(difference.difference > Some(0.1));
/// // Six rows show nothing.
/// assert!(difference.p_value > Some(0.05));
/// # Ok::<(), nettraffic_eval::EvalError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AreaDifference {
    /// Area of the first scores; `None` without attacks or without benign rows.
    pub first: Option<f64>,
    /// Area of the second scores.
    pub second: Option<f64>,
    /// First minus second.
    pub difference: Option<f64>,
    /// Interval of the difference, within −1 to 1. `None` with fewer than two attacks or benign rows,
    /// or when the rows show no variance (as when both rank alike).
    pub interval: Option<Interval>,
    /// The difference in standard errors; `None` where the interval is.
    pub z: Option<f64>,
    /// How likely chance alone gives so large a difference in either direction.
    pub p_value: Option<f64>,
}

impl AreaDifference {
    /// Of two scores of each row; `true` marks an attack. Costs O(n log n).
    ///
    /// # Errors
    /// The slices differ in length, or a score is NaN.
    pub fn new<S: Copy + Into<f64>, T: Copy + Into<f64>>(
        first: &[S],
        second: &[T],
        labels: &[bool],
        confidence: Confidence,
    ) -> Result<Self, EvalError> {
        let (first, second) = (
            RankedRows::new(first, labels)?,
            RankedRows::new(second, labels)?,
        );
        Ok(Self::of(&first, &second, labels, confidence))
    }

    fn of(
        first: &RankedRows,
        second: &RankedRows,
        labels: &[bool],
        confidence: Confidence,
    ) -> Self {
        let areas = [first, second].map(|rows| rows.ranking().roc().area());
        let [a, b] = [first, second].map(|rows| Placements::of(rows, labels));
        let difference = areas[0].zip(areas[1]).map(|(first, second)| first - second);
        let attacks = variance_of_mean(&a.attacks, &b.attacks);
        let benign = variance_of_mean(&a.benign, &b.benign);
        let error = attacks.zip(benign).map(|(a, b)| (a + b).sqrt());
        let known = difference.zip(error.filter(|error| *error > 0.0));
        let interval = |(middle, error): (f64, f64)| {
            let half = confidence.z() * error;
            let (low, high) = ((middle - half).max(-1.0), (middle + half).min(1.0));
            Interval::new(low, high, confidence)
        };
        let z = known.map(|(difference, error)| difference / error);
        Self {
            first: areas[0],
            second: areas[1],
            difference,
            interval: known.map(interval),
            z,
            p_value: z.map(normal::two_sided),
        }
    }
}

/// Variance of the mean of `a − b`; `None` with fewer than two values.
fn variance_of_mean(a: &[f64], b: &[f64]) -> Option<f64> {
    let n = a.len() as f64;
    let differences = || a.iter().zip(b).map(|(a, b)| a - b);
    let mean = differences().sum::<f64>() / n;
    let squares: f64 = differences().map(|value| (value - mean).powi(2)).sum();
    (a.len() > 1).then(|| squares / (n - 1.0) / n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CONFIDENCE: Confidence = Confidence::PERCENT_95;

    #[test]
    fn equal_rankings_show_no_difference() -> Result<(), EvalError> {
        let labels = [true, true, false, false];
        let (first, second) = ([4, 2, 3, 1], [0.9, 0.2, 0.8, 0.1]);
        let same = AreaDifference::new(&first, &second, &labels, CONFIDENCE)?;
        assert_eq!((same.first, same.difference), (Some(0.75), Some(0.0)));
        assert_eq!((same.interval, same.z, same.p_value), (None, None, None));
        let one_kind = AreaDifference::new(&[1.0], &[1.0], &[true], CONFIDENCE)?;
        assert_eq!((one_kind.first, one_kind.difference), (None, None));
        Ok(())
    }

    proptest! {
        #[test]
        fn order_of_models_turns_the_sign_only(
            rows in prop::collection::vec((0_u8..9, 0_u8..9, any::<bool>()), 4..40),
        ) {
            let labels: Vec<bool> = rows.iter().map(|row| row.2).collect();
            let (a, b): (Vec<u8>, Vec<u8>) = rows.iter().map(|row| (row.0, row.1)).unzip();
            let there = AreaDifference::new(&a, &b, &labels, CONFIDENCE);
            let back = AreaDifference::new(&b, &a, &labels, CONFIDENCE);
            if let (Ok(there), Ok(back)) = (there, back) {
                prop_assert_eq!(there.z, back.z.map(|z| -z));
                prop_assert_eq!(there.p_value, back.p_value);
                prop_assert!(there.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)));
            }
        }
    }
}
