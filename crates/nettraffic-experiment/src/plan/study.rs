//! A study, as a plan states it.

use serde::Deserialize;

use super::{SplitRule, number};
use crate::Unit;

/// What to train and to test on, and with which models.
///
/// Either names data sets to test on, each by itself, or a rule by which the rows of the training sets
/// are parted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Study {
    /// Heading of its results.
    pub name: String,
    /// What a reader should know before the numbers.
    #[serde(default)]
    pub note: String,
    /// Names of the data sets to train on.
    pub train: Vec<String>,
    /// Names of the data sets to test on.
    #[serde(default)]
    pub test: Vec<String>,
    /// How the rows are parted, where no data sets to test on are named.
    pub split: Option<SplitRule>,
    /// Share of the training files, drawn by the seed, that no training sees: their benign rows
    /// are added to every test. 0 when the tests bring benign rows of their own.
    #[serde(default, deserialize_with = "number::share")]
    pub held_out: f64,
    /// Which attacks a model learns that learns attacks.
    #[serde(default)]
    pub attacks: Attacks,
    /// What becomes of rows with equal features.
    #[serde(default)]
    pub duplicates: Duplicates,
    /// Names of the models, in the order of the table; those of the plan when empty.
    #[serde(default)]
    pub models: Vec<String>,
    /// False-alarm rates that thresholds are set for; those of the plan when empty.
    #[serde(default, deserialize_with = "number::rates")]
    pub rates: Vec<f64>,
    /// Shares of attacks that are mixed unnoticed into the benign training rows: every model is
    /// fitted with each of them.
    #[serde(default = "no_contamination", deserialize_with = "number::shares")]
    pub contamination: Vec<f64>,
    /// Names of the feature sets of flows, separated by commas; those of the plan when empty.
    #[serde(default)]
    pub features: String,
    /// What counts as one row of a test.
    #[serde(default)]
    pub unit: Unit,
}

/// Which attacks a model learns that learns attacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Attacks {
    /// Those of the training data.
    #[default]
    OfTraining,
    /// Those of the training data and of all data sets to test on but the one that is tested, at most
    /// 500 of each kind and set, so that one flood does not outweigh all other attacks together.
    OfOtherTests,
}

/// What becomes of rows with equal features.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Duplicates {
    /// All of them stay.
    #[default]
    Keep,
    /// Only the first stays, before the rows are parted.
    Drop,
}

/// A column of the tables for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Metric {
    /// Area under the ROC curve.
    RocAuc,
    /// Average precision.
    PrAuc,
    /// Area under the ROC curve up to a false-alarm rate of 1 %, from 0.5 (chance) to 1 (McClish 1989).
    PartialAuc,
    /// Share of the attacks above the threshold.
    Recall,
    /// The same of kinds of attack that the training rows do not have, where there are such.
    UnseenRecall,
    /// Share of the alerts that are attacks.
    Precision,
    /// Harmonic mean of precision and recall.
    F1,
    /// Matthews' correlation coefficient.
    Mcc,
    /// Mean of recall and of the share of benign rows below the threshold.
    BalancedAccuracy,
    /// Share of the benign rows above the threshold.
    FalseAlarms,
    /// What the best threshold for the test itself finds with no more false alarms than asked for.
    BestRecall,
}

impl Metric {
    pub(crate) fn usual() -> Vec<Self> {
        vec![
            Self::RocAuc,
            Self::PrAuc,
            Self::Recall,
            Self::UnseenRecall,
            Self::F1,
            Self::FalseAlarms,
        ]
    }
}

impl Study {
    /// A study that trains on some data sets and tests on others.
    #[must_use]
    pub fn new(name: impl Into<String>, train: Vec<String>, test: Vec<String>) -> Self {
        Self {
            name: name.into(),
            note: String::new(),
            train,
            test,
            split: None,
            held_out: 0.0,
            attacks: Attacks::OfTraining,
            duplicates: Duplicates::Keep,
            models: Vec::new(),
            rates: Vec::new(),
            contamination: no_contamination(),
            features: String::new(),
            unit: Unit::Flow,
        }
    }

    /// The names of all its data sets, those to train on first.
    pub(crate) fn data(&self) -> impl Iterator<Item = &String> {
        self.train.iter().chain(&self.test)
    }
}

fn no_contamination() -> Vec<f64> {
    vec![0.0]
}
