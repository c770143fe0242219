//! Whether stated probabilities come true.

use serde::Serialize;

use crate::EvalError;
use crate::error::{ratio, same_length};

/// Nobody looks at more; each costs memory whether it holds rows or not.
const MOST_BINS: usize = 100_000;

/// Probabilities of attack put into bins, and how many of each bin were attacks.
///
/// ```
/// use nettraffic_eval::{Bins, Calibration};
///
/// let stated = [0.1, 0.2, 0.15, 0.9, 0.8, 0.7];
/// let attack = [false, false, true, true, true, false];
/// let calibration = Calibration::new(&stated, &attack, Bins::OfEqualWidth(2))?;
/// assert_eq!(calibration.bins()[0].observed, 1.0 / 3.0);
/// assert!(calibration.brier() < Some(0.25));
/// # Ok::<(), nettraffic_eval::EvalError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    bins: Vec<CalibrationBin>,
    brier: Option<f64>,
}

/// Where one bin of probabilities ends and the next begins. There are at least one, and 100,000 at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bins {
    /// So many of the same width from 0 to 1.
    OfEqualWidth(usize),
    /// So many between the quantiles of the probabilities, hence of about as many rows each; fewer
    /// where probabilities tie.
    OfEqualRows(usize),
}

/// Rows whose stated probability lies in one bin.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CalibrationBin {
    /// Mean of the stated probabilities.
    pub stated: f64,
    /// Share that are attacks.
    pub observed: f64,
    /// Rows, at least one.
    pub rows: u64,
}

impl Calibration {
    /// Holds the stated probability of attack of each row against what it is. A probability at an
    /// edge belongs to the bin below, as in scikit-learn's `calibration_curve`.
    ///
    /// # Errors
    /// The slices differ in length, a value is no probability, or there are more than 100,000 bins.
    pub fn new<S: Copy + Into<f64>>(
        probabilities: &[S],
        labels: &[bool],
        bins: Bins,
    ) -> Result<Self, EvalError> {
        same_length("probabilities", probabilities.len(), "labels", labels.len())?;
        let stated: Vec<f64> = probabilities.iter().map(|&value| value.into()).collect();
        let bad = stated.iter().position(|value| !(0.0..=1.0).contains(value));
        if let Some((row, value)) = bad.and_then(|row| Some((row, *stated.get(row)?))) {
            return Err(EvalError::NotAProbability { row, value });
        }
        let (Bins::OfEqualWidth(asked) | Bins::OfEqualRows(asked)) = bins;
        if asked > MOST_BINS {
            let (bins, limit) = (asked, MOST_BINS);
            return Err(EvalError::TooManyBins { bins, limit });
        }
        let edges = edges(&stated, bins);
        let mut sums = vec![(0.0, 0, 0); edges.len() + 1];
        let mut squares = 0.0;
        for (value, is_attack) in stated.iter().zip(labels) {
            let (sum, attacks, rows) = &mut sums[edges.partition_point(|edge| edge < value)];
            *sum += value;
            *attacks += u64::from(*is_attack);
            *rows += 1;
            squares += (value - f64::from(u8::from(*is_attack))).powi(2);
        }
        let bin = |(sum, attacks, rows): (f64, u64, u64)| {
            Some(CalibrationBin {
                stated: (rows > 0).then(|| sum / rows as f64)?,
                observed: ratio(attacks, rows)?,
                rows,
            })
        };
        Ok(Self {
            bins: sums.into_iter().filter_map(bin).collect(),
            brier: (!stated.is_empty()).then(|| squares / stated.len() as f64),
        })
    }

    /// Bins that hold rows, ascending: the points of a reliability diagram.
    #[must_use]
    pub fn bins(&self) -> &[CalibrationBin] {
        &self.bins
    }

    /// Mean squared distance of the probability from what happened (Brier 1950): 0 is perfect, 0.25
    /// what a constant 0.5 gets. `None` without rows.
    #[must_use]
    pub fn brier(&self) -> Option<f64> {
        self.brier
    }

    /// Mean distance of stated from observed over the bins, weighted by their rows (the expected
    /// calibration error of Naeini, Cooper and Hauskrecht 2015). It depends on the bins. `None`
    /// without rows.
    #[must_use]
    pub fn expected_error(&self) -> Option<f64> {
        let rows: u64 = self.bins.iter().map(|bin| bin.rows).sum();
        let gaps = self.bins.iter().map(|bin| bin.gap() * bin.rows as f64);
        (rows > 0).then(|| gaps.sum::<f64>() / rows as f64)
    }

    /// Greatest distance of stated from observed in any bin; `None` without rows.
    #[must_use]
    pub fn greatest_error(&self) -> Option<f64> {
        self.bins.iter().map(CalibrationBin::gap).reduce(f64::max)
    }
}

impl CalibrationBin {
    fn gap(&self) -> f64 {
        (self.stated - self.observed).abs()
    }
}

/// Edges between bins, ascending, as numpy's `linspace` and `percentile` place them.
fn edges(stated: &[f64], bins: Bins) -> Vec<f64> {
    match bins {
        Bins::OfEqualWidth(bins) => {
            let step = 1.0 / bins.max(1) as f64;
            (1..bins).map(|edge| edge as f64 * step).collect()
        }
        Bins::OfEqualRows(bins) => {
            let mut sorted = stated.to_vec();
            sorted.sort_unstable_by(f64::total_cmp);
            let step = 1.0 / bins.max(1) as f64;
            let edge = |edge: usize| crate::bootstrap::quantile(&sorted, edge as f64 * step);
            (1..bins).filter_map(edge).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_fall_into_the_bin_below_an_edge() -> Result<(), EvalError> {
        let stated = [0.0, 0.25, 0.5, 0.5, 0.75, 1.0];
        let labels = [false, true, true, false, true, true];
        for (bins, expected) in [
            (Bins::OfEqualWidth(2), vec![4, 2]),
            (Bins::OfEqualWidth(4), vec![2, 2, 1, 1]),
            (Bins::OfEqualWidth(0), vec![6]),
            (Bins::OfEqualRows(2), vec![4, 2]),
            (Bins::OfEqualRows(3), vec![2, 2, 2]),
        ] {
            let found = Calibration::new(&stated, &labels, bins)?;
            let rows: Vec<u64> = found.bins().iter().map(|bin| bin.rows).collect();
            assert_eq!(rows, expected, "{bins:?}");
        }
        Ok(())
    }

    #[test]
    fn errors_are_distances_of_stated_from_observed() -> Result<(), EvalError> {
        let found = Calibration::new(
            &[0.25, 0.25, 0.75],
            &[true, false, true],
            Bins::OfEqualWidth(2),
        )?;
        assert_eq!(found.brier(), Some((0.5625 + 0.0625 + 0.0625) / 3.0));
        assert_eq!(found.expected_error(), Some(0.25));
        assert_eq!(found.greatest_error(), Some(0.25));
        let empty = Calibration::new::<f64>(&[], &[], Bins::OfEqualRows(3))?;
        assert_eq!(
            (
                empty.brier(),
                empty.expected_error(),
                empty.greatest_error()
            ),
            (None, None, None)
        );
        Ok(())
    }

    #[test]
    fn more_bins_than_anybody_looks_at_are_refused() {
        for (bins, is_refused) in [
            (Bins::OfEqualWidth(usize::MAX), true),
            (Bins::OfEqualRows(usize::MAX), true),
            (Bins::OfEqualWidth(MOST_BINS + 1), true),
            (Bins::OfEqualWidth(MOST_BINS), false),
            (Bins::OfEqualRows(MOST_BINS), false),
        ] {
            let found = Calibration::new(&[0.5], &[true], bins);
            let refused = matches!(found, Err(EvalError::TooManyBins { .. }));
            assert_eq!(refused, is_refused, "{bins:?}");
        }
    }

    #[test]
    fn what_is_no_probability_is_refused_with_its_row() {
        for value in [-0.1, 1.1, f64::INFINITY] {
            let error = Calibration::new(&[0.5, value], &[true, true], Bins::OfEqualWidth(2));
            assert_eq!(error, Err(EvalError::NotAProbability { row: 1, value }));
        }
        assert!(Calibration::new(&[f32::NAN], &[true], Bins::OfEqualWidth(2)).is_err());
    }
}
