//! How one model fared.

use serde::Serialize;

use super::{Curve, Measure};

/// How one model fared in a study, over all seeds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ModelOutcome {
    /// Name of the model, with what sets it apart from others.
    pub name: String,
    /// Whether it is a trivial one, which others are to be held against: a single feature, chance.
    pub is_trivial: bool,
    /// How it did: the names of the first model's measures head the columns.
    pub measures: Vec<Measure>,
    /// Recall against the false-alarm rate.
    pub roc: Option<Curve>,
    /// Precision against recall.
    pub pr: Option<Curve>,
    /// Classes against verdicts.
    pub confusion: Option<Confusion>,
    /// Recall of each class of attack.
    pub recall: Vec<ClassRecall>,
    /// Probabilities that it gave, against what was.
    pub calibration: Vec<CalibrationPoint>,
    /// What its features count, most important first.
    pub importance: Vec<Importance>,
    /// What the importance of features is a share of, and over how many runs: a sentence; empty where nothing is to say.
    pub importance_of: String,
    /// How long it took and how large it is; only where that was measured.
    pub timing: Vec<Measure>,
}

/// How many rows of each class were taken for which.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Confusion {
    /// Names of the verdicts: the columns.
    pub verdicts: Vec<String>,
    /// Name of each class with the numbers of its rows by verdict.
    pub classes: Vec<(String, Vec<u64>)>,
}

/// How many rows of a class were found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ClassRecall {
    /// The class.
    pub class: String,
    /// Test rows of it.
    pub rows: u64,
    /// Whether no row of it is trained on.
    pub is_new: bool,
    /// Share that was found, 0 to 1, per seed; `None` where undefined.
    pub recall: Vec<Option<f64>>,
}

/// Rows that were given about the same probability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct CalibrationPoint {
    /// Mean probability that they were given.
    pub predicted: f64,
    /// Share of them that are attacks.
    pub observed: f64,
    /// How many they are.
    pub rows: u64,
}

/// What a feature counts in a model.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Importance {
    /// The feature.
    pub feature: String,
    /// How much it counts: a share of what all features do, 0 to 1.
    pub mean: f64,
    /// Standard deviation over seeds.
    pub spread: Option<f64>,
}

impl ModelOutcome {
    /// A model of which nothing is known yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }
}

impl ClassRecall {
    /// The mean over the seeds where it is defined.
    pub(crate) fn mean(&self) -> Option<f64> {
        let finite = |value: &f64| value.is_finite();
        let defined: Vec<f64> = self
            .recall
            .iter()
            .flatten()
            .copied()
            .filter(finite)
            .collect();
        super::measure::mean(&defined)
    }
}
