//! Scores held against the truth.

use std::collections::{BTreeMap, BTreeSet};

use nettraffic_eval::{
    Bins, Calibration, CalibrationBin, ConfusionMatrix, EvalError, Interval, RankedRows, Ranking,
    Truth,
};
use nettraffic_models::Threshold;

use crate::ExperimentError;
use crate::outcome::{AtRate, ClassRun, Measured, Run};
use crate::sureness::{IntervalsAt, Tested};

/// Between two points of a curve that are kept, along either axis.
const STEP: f64 = 0.01;
/// Bins that probabilities are put into.
const BINS: usize = 10;
/// False-alarm rate up to which a partial area goes.
const PARTIAL: f64 = 0.01;

/// The rows of a test whose truth is known, with the scores of one model.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(crate) scores: Vec<f32>,
    pub(crate) attacks: Vec<bool>,
    /// Whether each raises an alert, for each rate.
    pub(crate) alerts: Vec<Vec<bool>>,
}

/// What a test is judged by, the same for all models.
pub(crate) struct Bar<'a> {
    pub(crate) truths: &'a [Truth<'a>],
    /// The host that began each row, where rows tell.
    pub(crate) hosts: Option<&'a [u64]>,
    /// Classes that are trained on.
    pub(crate) known: &'a BTreeSet<&'a str>,
    pub(crate) rates: &'a [f64],
    /// Whether scores are probabilities of an attack.
    pub(crate) are_probabilities: bool,
}

impl Bar<'_> {
    /// Judges one score per row, higher is stranger, by one threshold per rate.
    pub(crate) fn judge(
        &self,
        scores: &[f32],
        thresholds: &[Threshold],
        seed: u64,
    ) -> Result<(Run, Judged), ExperimentError> {
        if scores.len() != self.truths.len() {
            return Err(EvalError::Lengths {
                left: "scores",
                left_len: scores.len(),
                right: "test rows",
                right_len: self.truths.len(),
            }
            .into());
        }
        let known: Vec<(f32, Truth<'_>)> =
            (scores.iter().copied().zip(self.truths.iter().copied()))
                .filter(|(_, truth)| *truth != Truth::Unknown)
                .collect();
        let scores: Vec<f32> = known.iter().map(|(score, _)| *score).collect();
        let attacks: Vec<bool> = known
            .iter()
            .map(|(_, truth)| *truth != Truth::Benign)
            .collect();
        let rows = RankedRows::new(&scores, &attacks)?;
        let ranking = rows.ranking();
        let (roc, pr) = (ranking.roc(), ranking.pr());
        let alerts: Vec<Vec<bool>> = (thresholds.iter())
            .map(|threshold| {
                scores
                    .iter()
                    .map(|score| threshold.is_alert(*score))
                    .collect()
            })
            .collect();
        let hosts = self.known_hosts();
        let tested = Tested {
            rows: &rows,
            attacks: &attacks,
            hosts: hosts.as_deref(),
            alerts: &alerts,
        };
        let intervals = tested.intervals(seed);
        let at = (self
            .rates
            .iter()
            .zip(thresholds)
            .zip(&alerts)
            .zip(&intervals.at))
        .map(|(((rate, threshold), alerts), intervals)| {
            self.at(*rate, threshold, alerts, &known, &ranking, *intervals)
        })
        .collect::<Result<_, _>>()?;
        let count = |kind| attacks.iter().filter(|is| **is == kind).count() as u64;
        let run = Run {
            seed,
            fold: None,
            benign: count(false),
            attacks: count(true),
            unknown: (self.truths.len() - known.len()) as u64,
            roc_auc: Measured {
                value: roc.area(),
                interval: intervals.roc_auc,
            },
            pr_auc: Measured {
                value: pr.average_precision(),
                interval: intervals.pr_auc,
            },
            partial_auc: roc.partial_area(PARTIAL),
            at,
            classes: self.classes(&known, &alerts)?,
            calibration: self.calibration(&scores, &attacks)?,
            importance: None,
            roc: thinned(
                roc.points()
                    .iter()
                    .map(|point| (point.false_alarm_rate, point.recall))
                    .collect(),
            ),
            pr: thinned(
                pr.points()
                    .iter()
                    .map(|point| (point.recall, point.precision))
                    .collect(),
            ),
        };
        Ok((
            run,
            Judged {
                scores,
                attacks,
                alerts,
            },
        ))
    }

    /// The hosts of those rows whose truth is known.
    fn known_hosts(&self) -> Option<Vec<u64>> {
        let known =
            (self.hosts?.iter().zip(self.truths)).filter(|(_, truth)| **truth != Truth::Unknown);
        Some(known.map(|(host, _)| *host).collect())
    }

    /// How often what was given a probability is an attack; nothing for scores of other kinds.
    fn calibration(
        &self,
        scores: &[f32],
        attacks: &[bool],
    ) -> Result<Vec<CalibrationBin>, ExperimentError> {
        let are_shares = scores.iter().all(|score| (0.0..=1.0).contains(score));
        if !self.are_probabilities || !are_shares {
            return Ok(Vec::new());
        }
        let calibration = Calibration::new(scores, attacks, Bins::OfEqualWidth(BINS))?;
        Ok(calibration.bins().to_vec())
    }

    fn at(
        &self,
        rate: f64,
        threshold: &Threshold,
        alerts: &[bool],
        known: &[(f32, Truth<'_>)],
        ranking: &Ranking,
        intervals: IntervalsAt,
    ) -> Result<AtRate, ExperimentError> {
        let attacks: Vec<bool> = known
            .iter()
            .map(|(_, truth)| *truth != Truth::Benign)
            .collect();
        let confusion = ConfusionMatrix::new(alerts, &attacks)?;
        let benign = confusion.actual(&false);
        let expected = threshold.alarms_among(benign);
        let share = |alarms: u64| alarms as f64 / benign as f64;
        let (mut unseen, mut found) = (0_u64, 0_u64);
        for ((_, truth), alert) in known.iter().zip(alerts) {
            if let Truth::Attack(class) = truth
                && !self.known.contains(class)
            {
                unseen += 1;
                found += u64::from(*alert);
            }
        }
        Ok(AtRate {
            rate,
            threshold: threshold.value(),
            expected: (benign > 0).then(|| (share(expected.low), share(expected.high))),
            false_alarm_rate: measured(
                confusion.false_positives(),
                benign,
                intervals.false_alarm_rate,
            ),
            recall: measured(
                confusion.true_positives(),
                confusion.actual(&true),
                intervals.recall,
            ),
            unseen_recall: (unseen > 0).then(|| found as f64 / unseen as f64),
            precision: confusion.precision(),
            f1: confusion.f1(),
            mcc: confusion.mcc(),
            balanced_accuracy: confusion.balanced_accuracy(),
            best_recall: ranking.roc().recall_at_false_alarm_rate(rate),
        })
    }

    /// Each class of attack against all benign rows.
    fn classes(
        &self,
        known: &[(f32, Truth<'_>)],
        alerts: &[Vec<bool>],
    ) -> Result<Vec<ClassRun>, ExperimentError> {
        let mut by_class: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut benign: Vec<f32> = Vec::new();
        for (row, (score, truth)) in known.iter().enumerate() {
            match truth {
                Truth::Attack(class) => by_class.entry(class).or_default().push(row),
                _ => benign.push(*score),
            }
        }
        let class = |(class, rows): (&str, Vec<usize>)| {
            let scores: Vec<f32> = rows
                .iter()
                .map(|row| known[*row].0)
                .chain(benign.iter().copied())
                .collect();
            let labels: Vec<bool> = (0..scores.len()).map(|row| row < rows.len()).collect();
            let ranking = Ranking::new(&scores, &labels)?;
            let recall = |alerts: &Vec<bool>| {
                let found = rows.iter().filter(|row| alerts[**row]).count();
                Some(found as f64 / rows.len() as f64)
            };
            Ok(ClassRun {
                class: class.to_owned(),
                is_unseen: !self.known.contains(class),
                rows: rows.len() as u64,
                roc_auc: ranking.roc().area(),
                pr_auc: ranking.pr().average_precision(),
                recall: alerts.iter().map(recall).collect(),
            })
        };
        by_class.into_iter().map(class).collect()
    }
}

/// As many points of a curve as a chart can show: every one that is a step away from the last one kept, and both ends.
fn thinned(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let last = points.len().saturating_sub(1);
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for (place, point) in points.into_iter().enumerate() {
        let is_far = |before: &(f64, f64)| {
            (point.0 - before.0).abs().max((point.1 - before.1).abs()) >= STEP
        };
        if place == last || kept.last().is_none_or(is_far) {
            kept.push(point);
        }
    }
    kept
}

/// A share with its interval.
fn measured(part: u64, of: u64, interval: Option<Interval>) -> Measured {
    Measured {
        value: (of > 0).then(|| part as f64 / of as f64),
        interval,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUTHS: [Truth<'static>; 9] = [
        Truth::Benign,
        Truth::Benign,
        Truth::Benign,
        Truth::Benign,
        Truth::Attack("scan"),
        Truth::Attack("scan"),
        Truth::Attack("novel"),
        Truth::Attack("worm"),
        Truth::Unknown,
    ];

    fn judged(scores: &[f32], rates: &[f64]) -> Result<Run, ExperimentError> {
        let calibration: Vec<f32> = (1..=99).map(|score| score as f32).collect();
        let thresholds = (rates.iter()).map(|rate| Threshold::at_rate(&calibration, *rate));
        let bar = Bar {
            truths: &TRUTHS,
            hosts: None,
            known: &["scan"].into(),
            rates,
            are_probabilities: true,
        };
        Ok(bar
            .judge(scores, &thresholds.collect::<Result<Vec<_>, _>>()?, 1)?
            .0)
    }

    #[test]
    fn a_run_counts_alerts_beyond_the_calibrated_threshold() -> Result<(), ExperimentError> {
        let scores = [10.0, 20.0, 95.5, 30.0, 99.5, 95.0, 98.0, 200.0, f32::MAX];
        let run = judged(&scores, &[0.05, 0.01])?;
        assert_eq!((run.benign, run.attacks, run.unknown), (4, 4, 1));
        // Of 16 pairs one, 95.5 above 95.0, is the wrong way round.
        assert_eq!(run.roc_auc.value, Some(15.0 / 16.0));
        let (five, one) = (&run.at[0], &run.at[1]);
        assert_eq!((five.rate, five.threshold, one.rate), (0.05, 95.0, 0.01));
        // Above 95: one benign row, three attacks, both new ones.
        assert_eq!(five.false_alarm_rate.value, Some(0.25));
        assert_eq!(
            (five.recall.value, five.unseen_recall),
            (Some(0.75), Some(1.0))
        );
        assert_eq!(
            (five.f1, five.precision, five.balanced_accuracy),
            (Some(0.75), Some(0.75), Some(0.75))
        );
        // Of four benign rows none or one.
        assert_eq!(five.expected, Some((0.0, 0.25)));
        // Above 99.
        assert_eq!(one.false_alarm_rate.value, Some(0.0));
        assert_eq!(
            (one.recall.value, one.unseen_recall),
            (Some(0.5), Some(0.5))
        );
        assert_eq!(one.best_recall, Some(0.75));
        assert!(five.mcc.is_some_and(|mcc| (mcc - 0.5).abs() < 1e-12));
        let classes: Vec<_> = (run.classes.iter())
            .map(|class| {
                (
                    &*class.class,
                    class.rows,
                    class.is_unseen,
                    class.recall.clone(),
                    class.roc_auc,
                )
            })
            .collect();
        let expected = [
            ("novel", 1, true, vec![Some(1.0), Some(0.0)], Some(1.0)),
            ("scan", 2, false, vec![Some(0.5), Some(0.5)], Some(0.875)),
            ("worm", 1, true, vec![Some(1.0), Some(1.0)], Some(1.0)),
        ];
        assert_eq!(classes, expected);
        Ok(())
    }

    #[test]
    fn what_is_called_a_probability_is_held_against_what_was() -> Result<(), ExperimentError> {
        let run = judged(
            &[0.05, 0.05, 0.05, 0.95, 0.95, 0.95, 0.95, 0.95, 0.5],
            &[0.05],
        )?;
        let bins: Vec<(f64, u64)> = (run.calibration.iter())
            .map(|bin| (bin.observed, bin.rows))
            .collect();
        // The unknown row of 0.5 is left out.
        assert_eq!(bins, [(0.0, 3), (0.8, 5)]);
        assert!(judged(&[1.5; 9], &[0.05])?.calibration.is_empty());
        Ok(())
    }

    #[test]
    fn what_cannot_be_judged_is_refused() {
        assert!(judged(&[1.0; 8], &[0.1]).is_err());
        assert!(judged(&[f32::NAN; 9], &[0.1]).is_err());
        assert!(judged(&[1.0; 9], &[0.1]).is_ok());
    }
}
