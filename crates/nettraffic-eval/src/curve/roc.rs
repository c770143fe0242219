//! The receiver operating characteristic.

use serde::Serialize;

use super::ranking::Cut;
use super::{Ranking, delong};
use crate::error::ratio;
use crate::{Confidence, EvalError, Interval};

/// One point of a [`RocCurve`]: what an alert at every score of at least `threshold` gives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RocPoint {
    /// Least score that raises an alert; infinite for the first point, where none does.
    pub threshold: f64,
    /// Share of the benign rows that raise an alert.
    pub false_alarm_rate: f64,
    /// Share of the attacks that raise an alert.
    pub recall: f64,
}

/// Recall against false-alarm rate over all thresholds. Higher scores are stranger.
///
/// Equal scores are one step (a slanted line), so their order in the input does not matter.
#[derive(Clone, Debug, PartialEq)]
pub struct RocCurve(Ranking);

impl From<Ranking> for RocCurve {
    fn from(ranking: Ranking) -> Self {
        Self(ranking)
    }
}

impl RocCurve {
    /// Ranks rows by their score; `true` marks an attack. Infinite scores are welcome.
    /// Costs O(n log n).
    ///
    /// # Errors
    /// The slices differ in length, or a score is NaN.
    pub fn new<S: Copy + Into<f64>>(scores: &[S], labels: &[bool]) -> Result<Self, EvalError> {
        Ranking::new(scores, labels).map(Self)
    }

    /// Attacks.
    #[must_use]
    pub fn positives(&self) -> u64 {
        self.0.positives()
    }

    /// Benign rows.
    #[must_use]
    pub fn negatives(&self) -> u64 {
        self.0.negatives()
    }

    /// Probability that a random attack scores higher than a random benign row, ties counted
    /// half; `None` without attacks or without benign rows. Summed in integers, so exact.
    #[must_use]
    pub fn area(&self) -> Option<f64> {
        let pairs = u128::from(self.positives()) * u128::from(self.negatives());
        let (mut doubled, mut above) = (0_u128, 0);
        for (hits, false_alarms) in self.0.ties() {
            doubled += u128::from(false_alarms) * u128::from(2 * above + hits);
            above += hits;
        }
        (pairs > 0).then(|| doubled as f64 / (2 * pairs) as f64)
    }

    /// Area over false-alarm rates from 0 to `max_rate`, rescaled so that chance is 0.5 and
    /// perfection 1 (McClish 1989), as scikit-learn's `roc_auc_score(max_fpr=…)` does.
    /// `None` where [`RocCurve::raw_partial_area`] is.
    #[must_use]
    pub fn partial_area(&self, max_rate: f64) -> Option<f64> {
        let area = self.raw_partial_area(max_rate)?;
        let chance = max_rate * max_rate / 2.0;
        Some(0.5 * (1.0 + (area - chance) / (max_rate - chance)))
    }

    /// Area over false-alarm rates from 0 to `max_rate`, from 0 to `max_rate` itself.
    /// `None` where [`RocCurve::area`] is, or when `max_rate` is not in (0, 1].
    #[must_use]
    pub fn raw_partial_area(&self, max_rate: f64) -> Option<f64> {
        if !(max_rate > 0.0 && max_rate <= 1.0) || self.area().is_none() {
            return None;
        }
        let (mut area, mut left) = (0.0, self.point(&NO_ALERT)?);
        for cut in self.0.cuts() {
            if left.false_alarm_rate >= max_rate {
                break;
            }
            let right = self.point(cut)?;
            let width = right.false_alarm_rate - left.false_alarm_rate;
            let rise = right.recall - left.recall;
            let (end, recall) = if right.false_alarm_rate <= max_rate {
                (right.false_alarm_rate, right.recall)
            } else {
                let share = (max_rate - left.false_alarm_rate) / width;
                (max_rate, left.recall + share * rise)
            };
            area += (end - left.false_alarm_rate) * (left.recall + recall) / 2.0;
            left = right;
        }
        Some(area)
    }

    /// Every point from (0, 0) to (1, 1), one per distinct score; empty without attacks or
    /// without benign rows.
    #[must_use]
    pub fn points(&self) -> Vec<RocPoint> {
        std::iter::once(&NO_ALERT)
            .chain(self.0.cuts())
            .map_while(|cut| self.point(cut))
            .collect()
    }

    /// The corners of the least convex shape above the curve, from (0, 0) to (1, 1): the points
    /// that are best for some odds and costs. Empty without attacks or without benign rows.
    #[must_use]
    pub fn hull(&self) -> Vec<RocPoint> {
        let mut hull: Vec<&Cut> = Vec::new();
        if self.area().is_none() {
            return Vec::new();
        }
        for cut in std::iter::once(&NO_ALERT).chain(self.0.cuts()) {
            while let [.., before, last] = hull.as_slice()
                && !turns_right(before, last, cut)
            {
                hull.pop();
            }
            hull.push(cut);
        }
        hull.into_iter().filter_map(|cut| self.point(cut)).collect()
    }

    /// The point of highest recall whose false-alarm rate is at most `max_rate`: one that a
    /// threshold really reaches, nothing is interpolated. `None` where the curve is undefined
    /// or `max_rate` is below 0 or NaN.
    #[must_use]
    pub fn operating_point(&self, max_rate: f64) -> Option<RocPoint> {
        let rate = |cut: &Cut| ratio(cut.false_alarms, self.negatives());
        if max_rate.is_nan() || max_rate < 0.0 {
            return None;
        }
        let cuts = self.0.cuts();
        let reached = cuts.partition_point(|cut| rate(cut).is_some_and(|rate| rate <= max_rate));
        let last = reached.checked_sub(1).and_then(|index| cuts.get(index));
        self.point(last.unwrap_or(&NO_ALERT))
    }

    /// Recall at [`RocCurve::operating_point`].
    #[must_use]
    pub fn recall_at_false_alarm_rate(&self, max_rate: f64) -> Option<f64> {
        Some(self.operating_point(max_rate)?.recall)
    }

    /// Interval of the area by the variance of DeLong, DeLong and Clarke-Pearson (1988), cut at
    /// 0 and 1. `None` with fewer than two attacks or benign rows, or when the sample shows no
    /// variance (as at an area of exactly 1): then it holds no width to tell.
    #[must_use]
    pub fn area_interval(&self, confidence: Confidence) -> Option<Interval> {
        let area = self.area()?;
        let variance = delong::variance(&self.0, area)?;
        let half = confidence.z() * variance.sqrt();
        (variance > 0.0).then(|| Interval::around(area, half, confidence))
    }

    fn point(&self, cut: &Cut) -> Option<RocPoint> {
        Some(RocPoint {
            threshold: cut.score,
            false_alarm_rate: ratio(cut.false_alarms, self.negatives())?,
            recall: ratio(cut.hits, self.positives())?,
        })
    }
}

/// Before the first row.
const NO_ALERT: Cut = Cut {
    score: f64::INFINITY,
    hits: 0,
    false_alarms: 0,
};

/// Whether the way over these three points turns down at the middle one; in integers, so exact.
fn turns_right(from: &Cut, over: &Cut, to: &Cut) -> bool {
    let hits = |a: &Cut, b: &Cut| u128::from(b.hits - a.hits);
    let alarms = |a: &Cut, b: &Cut| u128::from(b.false_alarms - a.false_alarms);
    hits(from, over) * alarms(over, to) > hits(over, to) * alarms(from, over)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn curve(rows: &[(f64, bool)]) -> RocCurve {
        let (scores, labels): (Vec<f64>, Vec<bool>) = rows.iter().copied().unzip();
        RocCurve::new(&scores, &labels).unwrap()
    }

    #[test]
    fn area_counts_pairs_and_ties_half() {
        for (rows, expected) in [
            (&[(1.0, false), (2.0, true)][..], Some(1.0)),
            (&[(2.0, false), (1.0, true)], Some(0.0)),
            (&[(1.0, false), (1.0, true)], Some(0.5)),
            (&[(0.0, false), (-0.0, true)], Some(0.5)),
            (
                &[(f64::NEG_INFINITY, false), (f64::INFINITY, true)],
                Some(1.0),
            ),
            // Pairs: 3>1, 3>3 (tie), 2>1, 2<3: 2.5 of 4.
            (
                &[(1.0, false), (3.0, false), (3.0, true), (2.0, true)],
                Some(0.625),
            ),
            (&[(1.0, true)], None),
            (&[(1.0, false)], None),
            (&[], None),
        ] {
            assert_eq!(curve(rows).area(), expected, "{rows:?}");
        }
    }

    #[test]
    fn nan_is_refused_with_its_row() {
        let error = RocCurve::new(&[0.0_f32, f32::NAN], &[true, false]).unwrap_err();
        assert_eq!(error, EvalError::NotANumber { row: 1 });
    }

    #[test]
    fn recall_is_read_at_reached_points_only() {
        let roc = curve(&[
            (9.0, true),
            (8.0, false),
            (7.0, true),
            (7.0, false),
            (6.0, true),
            (5.0, false),
            (4.0, false),
            (3.0, true),
        ]);
        for (rate, expected) in [
            (0.0, Some(0.25)),
            (0.25, Some(0.25)),
            (0.49, Some(0.25)),
            (0.5, Some(0.75)),
            (1.0, Some(1.0)),
            (-0.1, None),
            (f64::NAN, None),
        ] {
            assert_eq!(roc.recall_at_false_alarm_rate(rate), expected, "{rate}");
        }
        assert_eq!(roc.operating_point(0.5).unwrap().threshold, 6.0);
    }

    #[test]
    fn points_run_from_no_alert_to_all() {
        let roc = curve(&[(1.0, false), (1.0, true), (0.0, false), (2.0, true)]);
        let rates: Vec<_> = roc
            .points()
            .iter()
            .map(|p| (p.false_alarm_rate, p.recall))
            .collect();
        assert_eq!(rates, [(0.0, 0.0), (0.0, 0.5), (0.5, 1.0), (1.0, 1.0)]);
        assert!(curve(&[(1.0, true)]).points().is_empty());
    }

    #[test]
    fn whole_partial_area_is_the_area() {
        let roc = curve(&[(1.0, false), (3.0, false), (3.0, true), (2.0, true)]);
        assert!((roc.partial_area(1.0).unwrap() - 0.625).abs() < 1e-15);
        assert_eq!(roc.partial_area(0.0), None);
        // Up to 0.25 the curve climbs the tie's slant from (0, 0) to (0.25, 0.25): chance.
        assert!((roc.partial_area(0.25).unwrap() - 0.5).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn area_equals_the_count_of_all_pairs(rows in prop::collection::vec((0_u8..12, any::<bool>()), 0..60)) {
            let rows: Vec<(f64, bool)> = rows.iter().map(|&(s, l)| (f64::from(s), l)).collect();
            let (mut won, mut pairs) = (0.0, 0.0);
            for attack in rows.iter().filter(|row| row.1) {
                for benign in rows.iter().filter(|row| !row.1) {
                    pairs += 1.0;
                    won += match attack.0.total_cmp(&benign.0) {
                        std::cmp::Ordering::Greater => 1.0,
                        std::cmp::Ordering::Equal => 0.5,
                        std::cmp::Ordering::Less => 0.0,
                    };
                }
            }
            let expected = (pairs > 0.0).then(|| won / pairs);
            prop_assert_eq!(curve(&rows).area(), expected);
        }

        #[test]
        fn reversing_the_scores_mirrors_the_area(rows in prop::collection::vec((-1e6_f64..1e6, any::<bool>()), 0..60)) {
            let mirrored: Vec<(f64, bool)> = rows.iter().map(|&(s, l)| (-s, l)).collect();
            match (curve(&rows).area(), curve(&mirrored).area()) {
                (Some(a), Some(b)) => prop_assert!((a + b - 1.0).abs() < 1e-12),
                (a, b) => prop_assert_eq!(a, b),
            }
        }
    }
}
