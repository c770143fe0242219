//! What models did on a table, as data.

use nettraffic_eval::Spread;
use serde::Serialize;

use super::{Judgement, TableSplit};

/// The results of a study on a table.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct TableOutcome {
    /// Heading.
    pub name: String,
    /// What a reader should know before the numbers.
    pub note: String,
    /// False-alarm rates that thresholds were set for.
    pub rates: Vec<f64>,
    /// What was trained and tested on.
    pub counts: TableCounts,
    /// One row per model and share of attacks mixed in.
    pub rows: Vec<TableRow>,
}

/// Rows that were trained and tested on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TableCounts {
    /// Benign rows of the training part.
    pub train_benign: u64,
    /// Attacks of the training part.
    pub train_attacks: u64,
    /// Benign rows that were tested on.
    pub test_benign: u64,
    /// Attacks that were tested on.
    pub test_attacks: u64,
    /// Of the attacks that were tested on, those of a kind that the training part does not have.
    pub unseen_attacks: u64,
    /// Test rows whose features equal those of a training row.
    pub repeated: u64,
}

/// One model on one table.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct TableRow {
    /// The model.
    pub model: String,
    /// Share of attacks that were mixed into its training rows.
    pub contamination: f64,
    /// One run per seed.
    pub runs: Vec<TableRun>,
}

/// One fitted model on one table.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct TableRun {
    /// Seed of the training.
    pub seed: u64,
    /// What its scores are worth.
    #[serde(flatten)]
    pub judgement: Judgement,
}

impl TableCounts {
    pub(crate) fn of(split: &TableSplit) -> Self {
        let count =
            |attacks: &[bool], kind| attacks.iter().filter(|is| **is == kind).count() as u64;
        let (train, test) = (split.train().attacks(), split.test().attacks());
        let unseen = split.unseen_attacks();
        let labels = split.test().labels().iter();
        Self {
            train_benign: count(&train, false),
            train_attacks: count(&train, true),
            test_benign: count(&test, false),
            test_attacks: count(&test, true),
            unseen_attacks: labels
                .filter(|label| unseen.contains(label.as_str()))
                .count() as u64,
            repeated: split.repeated_rows(),
        }
    }
}

impl TableRow {
    /// Mean, least and greatest of a value over the seeds; `None` when a run lacks it.
    #[must_use]
    pub fn spread(&self, value: impl Fn(&Judgement) -> Option<f64>) -> Option<Spread> {
        let values: Option<Vec<f64>> = self.runs.iter().map(|run| value(&run.judgement)).collect();
        Spread::of(&values?)
    }
}
