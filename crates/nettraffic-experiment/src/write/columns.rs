//! The columns of tables for people.

use super::words::{bracketed, none, percent, short};
use crate::outcome::{Measured, ModelOutcome, Run};
use crate::plan::Metric;

/// Takes a value out of a run.
type Value = dyn Fn(&Run) -> Measured;

/// A column of values of runs.
pub(super) struct Column {
    pub(super) head: String,
    value: Box<Value>,
    show: fn(f64) -> String,
}

impl Column {
    /// The columns of some metrics, those at a threshold once for each rate.
    pub(super) fn all(metrics: &[Metric], rates: &[f64], has_unseen: bool) -> Vec<Self> {
        let mut columns: Vec<Self> = (metrics.iter())
            .filter_map(|metric| {
                Some(match metric {
                    Metric::RocAuc => Self::new("ROC AUC", |run| run.roc_auc),
                    Metric::PrAuc => Self::new("PR AUC", |run| run.pr_auc),
                    Metric::PartialAuc => Self::new("ROC AUC to 1 %", |run| plain(run.partial_auc)),
                    _ => return None,
                })
            })
            .collect();
        for (at, rate) in rates.iter().enumerate() {
            for metric in metrics {
                if *metric != Metric::UnseenRecall || has_unseen {
                    columns.extend(Self::at_rate(*metric, at, *rate, rates.len() > 1));
                }
            }
        }
        columns
    }

    fn at_rate(metric: Metric, at: usize, rate: f64, is_one_of_several: bool) -> Option<Self> {
        let of = |name: &str| match is_one_of_several {
            true => format!("{name} at {}", percent(rate)),
            false => name.to_owned(),
        };
        let missing = plain(None);
        Some(match metric {
            Metric::Recall => Self::new(of("recall"), move |run| {
                run.at.get(at).map_or(missing, |at| at.recall)
            }),
            Metric::UnseenRecall => {
                Self::of("recall, new", move |run| run.at.get(at)?.unseen_recall)
            }
            Metric::Precision => Self::of("precision", move |run| run.at.get(at)?.precision),
            Metric::F1 => Self::of("F1", move |run| run.at.get(at)?.f1),
            Metric::Mcc => Self::of("MCC", move |run| run.at.get(at)?.mcc),
            Metric::BalancedAccuracy => Self::of("balanced accuracy", move |run| {
                run.at.get(at)?.balanced_accuracy
            }),
            Metric::FalseAlarms => Self {
                show: |value| format!("{:.1} %", value * 100.0),
                ..Self::of("false alarms", move |run| {
                    run.at.get(at)?.false_alarm_rate.value
                })
            },
            Metric::BestRecall => {
                Self::of(&format!("best recall at {}", percent(rate)), move |run| {
                    run.at.get(at)?.best_recall
                })
            }
            Metric::RocAuc | Metric::PrAuc | Metric::PartialAuc => return None,
        })
    }

    fn new(head: impl Into<String>, value: impl Fn(&Run) -> Measured + 'static) -> Self {
        Self {
            head: head.into(),
            value: Box::new(value),
            show: short,
        }
    }

    /// Values without intervals.
    fn of(head: &str, value: impl Fn(&Run) -> Option<f64> + 'static) -> Self {
        Self::new(head, move |run| plain(value(run)))
    }

    /// The mean over the runs, the least and the greatest, and the interval of the first run.
    pub(super) fn cell(&self, result: &ModelOutcome) -> String {
        let Some(mut cell) = self.range(result) else {
            return none();
        };
        // That of one part of the rows would say too little.
        let whole = result.runs.first().filter(|run| run.fold.is_none());
        if let Some(interval) = whole.and_then(|run| (self.value)(run).interval) {
            cell += &format!(" {}", bracketed(interval));
        }
        cell
    }

    /// The mean over the runs alone.
    pub(super) fn mean(&self, result: &ModelOutcome) -> String {
        let spread = result.spread(|run| (self.value)(run).value);
        spread.map_or_else(none, |spread| (self.show)(spread.mean))
    }

    fn range(&self, result: &ModelOutcome) -> Option<String> {
        let spread = result.spread(|run| (self.value)(run).value)?;
        let [mean, least, most] = [spread.mean, spread.min, spread.max].map(self.show);
        if least == most {
            return Some(mean);
        }
        let bare = |text: &str| text.trim_end_matches(" %").to_owned();
        Some(format!("{mean} ({}–{})", bare(&least), bare(&most)))
    }
}

fn plain(value: Option<f64>) -> Measured {
    Measured {
        value,
        interval: None,
    }
}
