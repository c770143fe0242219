//! What a comparison found, as data.

use std::path::PathBuf;

use nettraffic_eval::{Bootstrap, ClassResult, Confidence, Evaluation, Interval, Spread};
use serde::Serialize;

use crate::tables::TableOutcome;
use crate::{Account, Unit};

/// The results of a plan.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Outcome {
    /// Heading.
    pub title: String,
    /// What a reader should know before the numbers.
    pub note: String,
    /// Seeds, in the order of the runs.
    pub seeds: Vec<u64>,
    /// The share of benign rows of a test that may alert.
    pub false_alarm_rate: f64,
    /// The studies on captures.
    pub studies: Vec<StudyOutcome>,
    /// The studies on tables.
    pub tables: Vec<TableOutcome>,
    /// What became of the packets of each capture, in the order of reading.
    #[serde(skip)]
    pub captures: Vec<(PathBuf, Account)>,
}

/// The results of a study.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct StudyOutcome {
    /// Heading.
    pub name: String,
    /// What a reader should know before the numbers.
    pub note: String,
    /// Names of the feature sets, separated by commas.
    pub features: String,
    /// What counts as one row of a test.
    pub unit: Unit,
    /// Benign flows to train on, one number per seed.
    pub trained_on: Vec<u64>,
    /// One row per test and model.
    pub rows: Vec<Row>,
}

/// One model on one test.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Row {
    /// The test.
    pub test: String,
    /// The model.
    pub model: String,
    /// One run per seed.
    pub runs: Vec<Run>,
}

/// One detector on one test, counted in rows of the study's [`Unit`].
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Run {
    /// Seed of the training.
    pub seed: u64,
    /// Benign rows judged.
    pub benign: u64,
    /// Attack rows judged.
    pub attacks: u64,
    /// Rows left out because nobody knows what they are.
    pub unknown: u64,
    /// Area under the ROC curve, with its 95 % interval (DeLong).
    pub roc_auc: Measured,
    /// Average precision, with its 95 % interval (stratified bootstrap).
    pub pr_auc: Measured,
    /// Share of the attack rows above the threshold, with its 95 % interval (Wilson).
    pub recall: Measured,
    /// The greatest share of the attacks that any threshold finds with at most 2 % false alarms on
    /// this very test: what the scores could do, were the threshold right.
    pub recall_at_2_percent: Measured,
    /// Share of the benign rows above the threshold, with its 95 % interval (Wilson).
    pub false_alarm_rate: Measured,
    /// Share of the alerts that are attacks.
    pub precision: Option<f64>,
    /// Harmonic mean of precision and recall.
    pub f1: Option<f64>,
    /// Per class of attack.
    pub classes: Vec<ClassRun>,
}

/// A value with its interval; `None` where it is not defined.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Measured {
    /// The value.
    pub value: Option<f64>,
    /// Its interval.
    pub interval: Option<Interval>,
}

/// One class of attack in one run.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ClassRun {
    /// Name of the class.
    pub class: String,
    /// Rows of the class: flows or conversations.
    pub flows: u64,
    /// Share of them above the threshold.
    pub recall: Option<f64>,
    /// Area under the ROC curve of this class against the benign rows.
    pub roc_auc: Option<f64>,
}

impl Row {
    pub(crate) fn new(test: &str, model: &str) -> Self {
        Self {
            test: test.to_owned(),
            model: model.to_owned(),
            runs: Vec::new(),
        }
    }

    /// Mean, least and greatest of a value over the seeds; `None` when a run lacks it.
    #[must_use]
    pub fn spread(&self, value: impl Fn(&Run) -> Option<f64>) -> Option<Spread> {
        let values: Option<Vec<f64>> = self.runs.iter().map(value).collect();
        Spread::of(&values?)
    }
}

impl Run {
    pub(crate) fn of(seed: u64, evaluation: &Evaluation) -> Self {
        let confidence = Confidence::PERCENT_95;
        let confusion = evaluation.confusion();
        Self {
            seed,
            benign: confusion.actual(&false),
            attacks: confusion.actual(&true),
            unknown: evaluation.unknown(),
            roc_auc: Measured {
                value: evaluation.roc().area(),
                interval: evaluation.roc().area_interval(confidence),
            },
            pr_auc: Measured {
                value: evaluation.pr().average_precision(),
                interval: evaluation
                    .average_precision_interval(&Bootstrap::new(seed).replicates(200)),
            },
            recall: Measured {
                value: confusion.recall(),
                interval: evaluation.recall_interval(confidence),
            },
            recall_at_2_percent: Measured {
                value: evaluation.roc().recall_at_false_alarm_rate(0.02),
                interval: None,
            },
            false_alarm_rate: Measured {
                value: confusion.false_alarm_rate(),
                interval: evaluation.false_alarm_interval(confidence),
            },
            precision: confusion.precision(),
            f1: confusion.f1(),
            classes: evaluation.classes().iter().map(ClassRun::of).collect(),
        }
    }
}

impl ClassRun {
    fn of(result: &ClassResult) -> Self {
        Self {
            class: result.class.clone(),
            flows: result.rows,
            recall: result.recall(),
            roc_auc: result.area,
        }
    }
}
