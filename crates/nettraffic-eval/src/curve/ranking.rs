//! Rows ranked by score and cut between distinct scores: what all curves are read from.

use std::sync::Arc;

use super::{CostCurve, PrCurve, RocCurve};
use crate::error::{ratio, same_length};
use crate::{ConfusionMatrix, EvalError};

/// Rows at or above one distinct score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cut {
    /// The score: the lowest among the rows counted here.
    pub(crate) score: f64,
    /// Attacks at or above it.
    pub(crate) hits: u64,
    /// Benign rows at or above it.
    pub(crate) false_alarms: u64,
}

/// Rows ranked by score, the strangest first: sorted once, it gives every curve.
///
/// Equal scores cannot be told apart by any threshold, so they are one step, and the order of the
/// rows never matters. Clones share their memory.
///
/// ```
/// use nettraffic_eval::Ranking;
///
/// let ranking = Ranking::new(&[0.9, 0.8, 0.4, 0.3], &[true, false, true, false])?;
/// assert_eq!(ranking.roc().area(), Some(0.75));
/// assert_eq!(ranking.pr().average_precision(), Some((1.0 + 2.0 / 3.0) / 2.0));
/// assert_eq!(ranking.precision_at(1), Some(1.0));
/// # Ok::<(), nettraffic_eval::EvalError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    cuts: Arc<Vec<Cut>>,
    positives: u64,
    negatives: u64,
}

impl Ranking {
    /// Ranks rows by their score, higher is stranger; `true` marks an attack. Infinite scores are
    /// welcome. Costs O(n log n).
    ///
    /// # Errors
    /// The slices differ in length, or a score is NaN.
    pub fn new<S: Copy + Into<f64>>(scores: &[S], labels: &[bool]) -> Result<Self, EvalError> {
        same_length("scores", scores.len(), "labels", labels.len())?;
        // Sorting attacks and benign rows by themselves spares carrying labels along.
        let positives = labels.iter().filter(|label| **label).count();
        let mut attacks = Vec::with_capacity(positives);
        let mut benign = Vec::with_capacity(labels.len() - positives);
        for (row, (&score, &label)) in scores.iter().zip(labels).enumerate() {
            let score: f64 = score.into();
            if score.is_nan() {
                return Err(EvalError::NotANumber { row });
            }
            let side = if label { &mut attacks } else { &mut benign };
            side.push(key(score));
        }
        attacks.sort_unstable();
        benign.sort_unstable();
        Ok(Self::merge(&attacks, &benign))
    }

    /// Of ascending keys.
    fn merge(attacks: &[u64], benign: &[u64]) -> Self {
        let at = |keys: &[u64], index: usize| keys.get(index).copied().unwrap_or(NO_KEY);
        let mut cuts = Vec::with_capacity(attacks.len() + benign.len());
        let (mut hits, mut false_alarms) = (0, 0);
        loop {
            let key = at(attacks, hits).min(at(benign, false_alarms));
            if key == NO_KEY {
                break;
            }
            while at(attacks, hits) == key {
                hits += 1;
            }
            while at(benign, false_alarms) == key {
                false_alarms += 1;
            }
            cuts.push(Cut {
                score: score(key),
                hits: hits as u64,
                false_alarms: false_alarms as u64,
            });
        }
        if cuts.len() < cuts.capacity() / 2 {
            cuts.shrink_to_fit();
        }
        Self::of_cuts(cuts)
    }

    /// Of cuts from the highest score down, each with more rows than the one before.
    pub(super) fn of_cuts(cuts: Vec<Cut>) -> Self {
        let (positives, negatives) = cuts
            .last()
            .map_or((0, 0), |last| (last.hits, last.false_alarms));
        Self {
            cuts: Arc::new(cuts),
            positives,
            negatives,
        }
    }

    /// Attacks.
    #[must_use]
    pub fn positives(&self) -> u64 {
        self.positives
    }

    /// Benign rows.
    #[must_use]
    pub fn negatives(&self) -> u64 {
        self.negatives
    }

    /// Recall against false-alarm rate.
    #[must_use]
    pub fn roc(&self) -> RocCurve {
        RocCurve::from(self.clone())
    }

    /// Precision against recall.
    #[must_use]
    pub fn pr(&self) -> PrCurve {
        PrCurve::from(self.clone())
    }

    /// Least cost against the odds that an operator faces.
    #[must_use]
    pub fn cost(&self) -> CostCurve {
        CostCurve::of(&self.roc())
    }

    /// Share of attacks among the `k` rows of highest score: what somebody finds who looks at that
    /// many. Of rows that tie for the last places it is the mean over all ways to choose.
    /// `None` when `k` is 0 or more than there are rows.
    #[must_use]
    pub fn precision_at(&self, k: u64) -> Option<f64> {
        if k > self.positives + self.negatives {
            return None;
        }
        let reached = self.cuts.partition_point(|c| c.hits + c.false_alarms < k);
        let (whole, above) = (self.cuts.get(reached)?, self.cut_before(reached));
        let rows_above = above.hits + above.false_alarms;
        let tied = whole.hits + whole.false_alarms - rows_above;
        let share = ratio(whole.hits - above.hits, tied)?;
        (k > 0).then(|| (above.hits as f64 + share * (k - rows_above) as f64) / k as f64)
    }

    /// Alerts at every score of at least `threshold`, against the truth.
    /// `None` for a threshold that is NaN.
    #[must_use]
    pub fn confusion_at(&self, threshold: f64) -> Option<ConfusionMatrix<bool>> {
        if threshold.is_nan() {
            return None;
        }
        let cuts = self.cuts.partition_point(|cut| cut.score >= threshold);
        let alerts = self.cut_before(cuts);
        Some(ConfusionMatrix::of_counts(
            alerts.hits,
            alerts.false_alarms,
            self.positives - alerts.hits,
            self.negatives - alerts.false_alarms,
        ))
    }

    pub(super) fn cuts(&self) -> &[Cut] {
        &self.cuts
    }

    /// Attacks and benign rows that share each distinct score, from the highest down.
    pub(super) fn ties(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let mut above = (0, 0);
        self.cuts.iter().map(move |cut| {
            let tie = (cut.hits - above.0, cut.false_alarms - above.1);
            above = (cut.hits, cut.false_alarms);
            tie
        })
    }

    /// What lies above the cut at `index`.
    fn cut_before(&self, index: usize) -> Cut {
        let before = index.checked_sub(1).and_then(|index| self.cuts.get(index));
        before.copied().unwrap_or(Cut {
            score: f64::INFINITY,
            hits: 0,
            false_alarms: 0,
        })
    }
}

/// Above the key of every number.
const NO_KEY: u64 = u64::MAX;

/// A number that is the lower the higher the score; 0.0 and -0.0 are one score. Not for NaN.
pub(super) fn key(score: f64) -> u64 {
    // Adding 0.0 turns -0.0 into 0.0.
    let bits = (score + 0.0).to_bits();
    if bits >> 63 == 0 {
        !(bits | 1 << 63)
    } else {
        bits
    }
}

/// The score of a key.
pub(super) fn score(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 0 {
        !key & !(1 << 63)
    } else {
        key
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_fall_as_scores_rise() {
        let rising = [
            f64::NEG_INFINITY,
            f64::MIN,
            -1.0,
            -f64::MIN_POSITIVE,
            0.0,
            f64::MIN_POSITIVE / 2.0,
            1.0,
            f64::MAX,
            f64::INFINITY,
        ];
        assert!(rising.windows(2).all(|pair| key(pair[0]) > key(pair[1])));
        assert!(rising.iter().all(|value| score(key(*value)) == *value));
        assert!(rising.iter().all(|value| key(*value) != NO_KEY));
        assert_eq!(key(0.0), key(-0.0));
    }

    #[test]
    fn precision_at_k_takes_the_mean_of_ties() -> Result<(), EvalError> {
        let scores = [3.0, 2.0, 2.0, 2.0, 1.0];
        let ranking = Ranking::new(&scores, &[true, true, false, false, true])?;
        for (k, expected) in [
            (0, None),
            (1, Some(1.0)),
            (2, Some((1.0 + 1.0 / 3.0) / 2.0)),
            (4, Some(0.5)),
            (5, Some(0.6)),
            (6, None),
        ] {
            assert_eq!(ranking.precision_at(k), expected, "{k}");
        }
        assert_eq!(Ranking::new::<f64>(&[], &[])?.precision_at(0), None);
        Ok(())
    }

    proptest! {
        #[test]
        fn a_threshold_counts_as_comparing_every_row_does(
            rows in prop::collection::vec((0_u8..9, any::<bool>()), 0..40), threshold in -1_i8..10,
        ) {
            let (scores, labels): (Vec<u8>, Vec<bool>) = rows.iter().copied().unzip();
            let alerts: Vec<bool> = scores.iter().map(|s| i16::from(*s) >= threshold.into()).collect();
            let found = Ranking::new(&scores, &labels).map(|ranking| ranking.confusion_at(threshold.into()));
            let expected = ConfusionMatrix::new(&alerts, &labels);
            let counts = |m: ConfusionMatrix<bool>| [m.true_positives(), m.false_positives(), m.false_negatives(), m.true_negatives()];
            prop_assert_eq!(found.ok().flatten().map(counts), expected.ok().map(counts));
        }
    }
}
