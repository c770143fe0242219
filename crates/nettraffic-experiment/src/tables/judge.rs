//! Scores held against the truth.

use nettraffic_eval::{ConfusionMatrix, EvalError, PrCurve, RocCurve};
use nettraffic_models::Threshold;
use serde::Serialize;

use super::TableSplit;
use crate::ExperimentError;

/// What the scores of one model are worth on the test rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Judgement {
    /// Area under the ROC curve.
    pub roc_auc: Option<f64>,
    /// Average precision.
    pub average_precision: Option<f64>,
    /// At one threshold per asked rate, in their order.
    pub at: Vec<AtRate>,
}

/// What alerts beyond a threshold are worth on the test rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AtRate {
    /// The false-alarm rate that the threshold was set for.
    pub rate: f64,
    /// The 95 % prediction interval of the false-alarm rate among as many benign rows as the test
    /// has, if these are like the calibration rows ([`Threshold::alarms_among`]).
    pub expected: Option<(f64, f64)>,
    /// The false-alarm rate on the benign test rows.
    pub false_alarm_rate: Option<f64>,
    /// Share of the attacks that raise an alert.
    pub recall: Option<f64>,
    /// Harmonic mean of precision and recall.
    pub f1: Option<f64>,
    /// Recall of the attacks that were not trained on.
    pub unseen_recall: Option<f64>,
}

impl TableSplit {
    /// Judges one score per test row, higher is stranger. Thresholds for the false-alarm `rates`
    /// come from the scores of `calibration` rows, which the model was not fitted on.
    ///
    /// # Errors
    /// Another number of scores than of test rows, NaN, no calibration scores, or a rate that is
    /// not between 0 and 1.
    pub fn judge(
        &self,
        scores: &[f32],
        calibration: &[f32],
        rates: &[f64],
    ) -> Result<Judgement, ExperimentError> {
        let attacks = self.test().attacks();
        let unseen = self.unseen_attacks();
        let is_unseen = |row: usize| unseen.contains(self.test().labels()[row].as_str());
        let at = |rate: &f64| -> Result<AtRate, ExperimentError> {
            let threshold = Threshold::at_rate(calibration, *rate)?;
            let alerts: Vec<bool> = scores.iter().map(|s| threshold.is_alert(*s)).collect();
            let confusion = ConfusionMatrix::new(&alerts, &attacks)?;
            let of_unseen: Vec<bool> = (0..alerts.len())
                .filter(|row| is_unseen(*row))
                .map(|row| alerts[row])
                .collect();
            let benign = confusion.actual(&false);
            let expected = threshold.alarms_among(benign);
            let share = |alarms: u64| alarms as f64 / benign as f64;
            let found = of_unseen.iter().filter(|alert| **alert).count();
            Ok(AtRate {
                rate: *rate,
                expected: (benign > 0).then(|| (share(expected.low), share(expected.high))),
                false_alarm_rate: confusion.false_alarm_rate(),
                recall: confusion.recall(),
                f1: confusion.f1(),
                unseen_recall: (!of_unseen.is_empty())
                    .then(|| found as f64 / of_unseen.len() as f64),
            })
        };
        if scores.len() != attacks.len() {
            return Err(EvalError::Lengths {
                left: "scores",
                left_len: scores.len(),
                right: "test rows",
                right_len: attacks.len(),
            }
            .into());
        }
        Ok(Judgement {
            roc_auc: RocCurve::new(scores, &attacks)?.area(),
            average_precision: PrCurve::new(scores, &attacks)?.average_precision(),
            at: rates.iter().map(at).collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::testing::rows;

    fn split() -> Result<TableSplit, ExperimentError> {
        let row = |label| ([0.0, 0.0], label);
        TableSplit::new(
            rows(&[row("benign"), row("scan")]),
            rows(
                &[
                    "benign", "benign", "benign", "benign", "scan", "scan", "novel", "worm",
                ]
                .map(row),
            ),
        )
    }

    #[test]
    fn a_judgement_counts_alerts_beyond_the_calibrated_threshold() -> Result<(), ExperimentError> {
        let calibration: Vec<f32> = (1..=99).map(|score| score as f32).collect();
        let scores = [10.0, 20.0, 95.5, 30.0, 99.5, 95.0, 98.0, 200.0];
        let judged = split()?.judge(&scores, &calibration, &[0.05, 0.01])?;
        // Of 16 pairs one, 95.5 above 95.0, is the wrong way round.
        assert_eq!(judged.roc_auc, Some(15.0 / 16.0));
        let (five, one) = (&judged.at[0], &judged.at[1]);
        assert_eq!((five.rate, one.rate), (0.05, 0.01));
        // Above 95: one benign row, three attacks, both new ones.
        assert_eq!(five.false_alarm_rate, Some(0.25));
        assert_eq!((five.recall, five.unseen_recall), (Some(0.75), Some(1.0)));
        assert_eq!(five.f1, Some(0.75));
        // Of four benign rows none or one.
        assert_eq!(five.expected, Some((0.0, 0.25)));
        // Above 99.
        assert_eq!(one.false_alarm_rate, Some(0.0));
        assert_eq!((one.recall, one.unseen_recall), (Some(0.5), Some(0.5)));
        Ok(())
    }

    #[test]
    fn what_cannot_be_judged_is_refused() -> Result<(), ExperimentError> {
        let split = split()?;
        for (scores, calibration, rate) in [
            (&[1.0; 7][..], &[1.0][..], 0.1),
            (&[1.0; 8], &[], 0.1),
            (&[1.0; 8], &[1.0], 1.0),
            (&[f32::NAN; 8], &[1.0], 0.1),
        ] {
            assert!(split.judge(scores, calibration, &[rate]).is_err());
        }
        assert!(split.judge(&[1.0; 8], &[1.0], &[0.1]).is_ok());
        Ok(())
    }
}
