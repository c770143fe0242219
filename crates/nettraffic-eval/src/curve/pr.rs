//! Precision against recall.

use serde::Serialize;

use super::Ranking;
use super::ranking::Cut;
use crate::EvalError;
use crate::error::ratio;

/// One point of a [`PrCurve`]: what an alert at every score of at least `threshold` gives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PrPoint {
    /// Least score that raises an alert.
    pub threshold: f64,
    /// Share of the attacks that raise an alert.
    pub recall: f64,
    /// Share of the alerts that are attacks.
    pub precision: f64,
}

/// Precision against recall over all thresholds. Higher scores are stranger.
///
/// Unlike the ROC curve it depends on how common attacks are in the rows.
#[derive(Clone, Debug, PartialEq)]
pub struct PrCurve(Ranking);

impl From<Ranking> for PrCurve {
    fn from(ranking: Ranking) -> Self {
        Self(ranking)
    }
}

impl PrCurve {
    /// Ranks rows by their score; `true` marks an attack. Costs O(n log n).
    ///
    /// # Errors
    /// The slices differ in length, or a score is NaN.
    pub fn new<S: Copy + Into<f64>>(scores: &[S], labels: &[bool]) -> Result<Self, EvalError> {
        Ranking::new(scores, labels).map(Self)
    }

    /// Precision at each distinct score weighted by the recall gained there, without
    /// interpolation, as scikit-learn's `average_precision_score` defines it.
    /// `None` without attacks.
    #[must_use]
    pub fn average_precision(&self) -> Option<f64> {
        let mut weighted = 0.0;
        for (cut, (gained, _)) in self.0.cuts().iter().zip(self.0.ties()) {
            weighted += gained as f64 * ratio(cut.hits, cut.hits + cut.false_alarms)?;
        }
        (self.0.positives() > 0).then(|| weighted / self.0.positives() as f64)
    }

    /// One point per distinct score, recall ascending; empty without attacks.
    #[must_use]
    pub fn points(&self) -> Vec<PrPoint> {
        let point = |cut: &Cut| {
            Some(PrPoint {
                threshold: cut.score,
                recall: ratio(cut.hits, self.0.positives())?,
                precision: ratio(cut.hits, cut.hits + cut.false_alarms)?,
            })
        };
        self.0.cuts().iter().map_while(point).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn average_precision_weighs_precision_by_recall_gained() {
        for (scores, labels, expected) in [
            (
                &[4.0, 3.0, 2.0, 1.0][..],
                &[true, false, true, false][..],
                Some(0.5 + 0.5 * 2.0 / 3.0),
            ),
            (&[1.0, 2.0], &[false, true], Some(1.0)),
            (&[2.0, 1.0], &[false, true], Some(0.5)),
            // A tie is one step: both are taken at once.
            (&[1.0, 1.0], &[false, true], Some(0.5)),
            (&[1.0, 2.0], &[true, true], Some(1.0)),
            (&[1.0], &[false], None),
            (&[], &[], None),
        ] {
            let average = PrCurve::new(scores, labels).unwrap().average_precision();
            assert_eq!(average, expected, "{scores:?} {labels:?}");
        }
    }

    #[test]
    fn points_end_at_full_recall() {
        let pr = PrCurve::new(&[3.0, 2.0, 2.0, 1.0], &[true, true, false, false]).unwrap();
        let points: Vec<_> = pr
            .points()
            .iter()
            .map(|p| (p.recall, p.precision))
            .collect();
        assert_eq!(points, [(0.5, 1.0), (1.0, 2.0 / 3.0), (1.0, 0.5)]);
    }
}
