//! Whether one detector errs less often than another.

use serde::Serialize;

use crate::error::same_length;
use crate::{EvalError, normal};

/// Rows that only one of two detectors judges right, after McNemar (1947): what both get right or
/// both get wrong says nothing about which is better.
///
/// ```
/// use nettraffic_eval::McNemar;
///
/// let truth = [true, true, true, true, false, false, false];
/// let first = [true, true, true, true, false, false, true];
/// let second = [false, true, false, false, false, false, false];
/// let test = McNemar::new(&first, &second, &truth)?;
/// assert_eq!((test.only_first, test.only_second), (3, 1));
/// assert_eq!(test.exact_p(), 0.625);
/// # Ok::<(), nettraffic_eval::EvalError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct McNemar {
    /// Rows that only the first judges right.
    pub only_first: u64,
    /// Rows that only the second judges right.
    pub only_second: u64,
}

impl McNemar {
    /// Holds two detectors' predictions against the actual classes of the same rows.
    ///
    /// # Errors
    /// The slices differ in length.
    pub fn new<C: PartialEq>(first: &[C], second: &[C], actual: &[C]) -> Result<Self, EvalError> {
        same_length(
            "first predictions",
            first.len(),
            "actual classes",
            actual.len(),
        )?;
        same_length(
            "second predictions",
            second.len(),
            "actual classes",
            actual.len(),
        )?;
        let mut found = Self {
            only_first: 0,
            only_second: 0,
        };
        for ((first, second), actual) in first.iter().zip(second).zip(actual) {
            match (first == actual, second == actual) {
                (true, false) => found.only_first += 1,
                (false, true) => found.only_second += 1,
                _ => {}
            }
        }
        Ok(found)
    }

    /// How likely rows so one-sided are, were both equally good: the two-sided binomial test,
    /// exact for any number of rows. 1 when no row tells them apart. Costs O(n).
    #[must_use]
    pub fn exact_p(&self) -> f64 {
        let n = self.only_first + self.only_second;
        let least = self.only_first.min(self.only_second);
        (2.0 * at_most(least, n)).min(1.0)
    }

    /// McNemar's statistic with Edwards' (1948) correction for continuity, chi-square with one degree
    /// of freedom: `max(|b − c| − 1, 0)² / (b + c)`. `None` when no row tells them apart.
    #[must_use]
    pub fn corrected_statistic(&self) -> Option<f64> {
        let n = self.only_first + self.only_second;
        let beyond = self.only_first.abs_diff(self.only_second).saturating_sub(1);
        (n > 0).then(|| (beyond as f64).powi(2) / n as f64)
    }

    /// The probability of so large a corrected statistic, were both equally good: good from about
    /// 25 such rows on; [`McNemar::exact_p`] always.
    #[must_use]
    pub fn corrected_p(&self) -> Option<f64> {
        self.corrected_statistic()
            .map(|statistic| normal::two_sided(statistic.sqrt()))
    }
}

/// Probability of at most `k` heads in `n` throws of a fair coin.
fn at_most(k: u64, n: u64) -> f64 {
    // C(n, k) by its factors, halved whenever it grows, so that it neither overflows nor vanishes
    // before it must.
    let (mut likely, mut halvings) = (1.0_f64, n);
    for i in 1..=k {
        likely *= (n - k + i) as f64 / i as f64;
        while likely > 1.0 && halvings > 0 {
            likely /= 2.0;
            halvings -= 1;
        }
    }
    let (mut sum, mut term) = (0.0, likely);
    for fewer in (0..=k).rev() {
        sum += term;
        if term < sum * 1e-18 {
            break;
        }
        term *= fewer as f64 / (n - fewer + 1) as f64;
    }
    sum * 0.5_f64.powf(halvings as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(only_first: u64, only_second: u64) -> McNemar {
        McNemar {
            only_first,
            only_second,
        }
    }

    #[test]
    fn agrees_with_hand_work() {
        for (first, second, exact, corrected) in [
            (0, 0, 1.0, None),
            (1, 0, 1.0, Some(0.0)),
            (5, 0, 2.0 / 32.0, Some(16.0 / 5.0)),
            (2, 8, 2.0 * 56.0 / 1024.0, Some(2.5)),
            (4, 4, 1.0, Some(0.0)),
        ] {
            let test = of(first, second);
            assert_eq!(
                (test.exact_p(), test.corrected_statistic()),
                (exact, corrected)
            );
            assert_eq!(of(second, first).exact_p(), exact);
        }
        // Chi-square of 3.841 with one degree of freedom: 5 %.
        assert!((normal::two_sided(3.841_458_820_694_124_f64.sqrt()) - 0.05).abs() < 1e-14);
    }

    #[test]
    fn many_rows_neither_overflow_nor_take_long() {
        let (far, near) = (of(1_000_000, 10), of(500_000, 500_400));
        assert_eq!(far.exact_p(), 0.0);
        // The normal distribution serves as well with a million rows.
        let corrected = near.corrected_p().unwrap_or(-1.0);
        assert!(
            (near.exact_p() - corrected).abs() < 1e-5,
            "{} {corrected}",
            near.exact_p()
        );
    }

    #[test]
    fn right_and_wrong_are_counted_of_any_class() {
        let actual = ["a", "b", "c", "a"];
        let test = McNemar::new(&["a", "b", "a", "b"], &["a", "c", "c", "c"], &actual);
        assert_eq!(test, Ok(of(1, 1)));
        assert!(McNemar::new(&["a"], &["a", "b"], &["a", "b"]).is_err());
        assert!(McNemar::new(&["a", "b"], &["a"], &["a", "b"]).is_err());
    }
}
