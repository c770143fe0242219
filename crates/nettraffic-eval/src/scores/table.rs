//! Rows of scores and what they really are.

use std::io::Read;

use super::labels::{Labels, truth};
use super::read;
use super::{Judge, RowAccount, ScoreColumns, ScoreError, ScoreReport};
use crate::Truth;

/// Scores of one or more models on the same rows, with what each row really is: read from a table of any
/// tool.
///
/// ```
/// use nettraffic_eval::{Judge, ScoreColumns, ScoreTable};
///
/// let csv = "\
/// flow,score,label
/// 1,0.1,benign
/// 2,0.9,scan
/// 3,0.2,benign
/// 4,oops,benign
/// 5,0.8,unknown
/// ";
/// let table = ScoreTable::read(csv.as_bytes(), &ScoreColumns::new("score", "label"))?;
/// assert_eq!(table.rows().refused[0].to_string(), "line 5: score is \"oops\", not a number");
/// let report = table.judge(&Judge::at_threshold(0.5))?;
/// assert_eq!(report.models[0].area.value, Some(1.0));
/// assert_eq!((report.rows.judged, report.rows.unknown), (3, 1));
/// # Ok::<(), nettraffic_eval::ScoreError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ScoreTable {
    /// Name and scores of each model; higher is stranger, turned round where the table has it so.
    pub(super) models: Vec<(String, Vec<f64>)>,
    /// What each model decided of each row, when columns say it.
    pub(super) decisions: Option<Vec<Vec<bool>>>,
    /// Number of the label of each row.
    pub(super) labels: Vec<usize>,
    pub(super) label_names: Labels,
    pub(super) positive: Option<String>,
    /// Number of the group of each row, when a column says it.
    pub(super) groups: Option<(Vec<usize>, Labels)>,
    /// Time of each row, when a column says it.
    pub(super) times_ns: Option<Vec<i64>>,
    /// What scores were multiplied with so that higher ones are the stranger.
    pub(super) sign: f64,
    /// Whether there are no scores but decisions, 1 and 0.
    pub(super) has_decisions_alone: bool,
    pub(super) rows: RowAccount,
}

impl ScoreTable {
    /// Reads comma-separated text whose first line names the columns, in any order; other columns are
    /// ignored. Rows whose score, decision, label or time cannot be understood are counted and refused, so are
    /// rows with more fields than line 1 has names, since nobody knows which field is whose, and rows whose label is
    /// a mark for nothing (`-`, `?`, `(empty)`, `n/a`, `nan`, `null`); rows labelled `unknown` are counted and left out. An infinite score is read as the greatest
    /// finite one.
    ///
    /// # Errors
    /// The table cannot be read, a column is missing, no row can be judged, or no label tells
    /// attacks from benign rows.
    pub fn read(reader: impl Read, columns: &ScoreColumns) -> Result<Self, ScoreError> {
        read::table(reader, columns)
    }

    /// What became of the rows.
    #[must_use]
    pub fn rows(&self) -> &RowAccount {
        &self.rows
    }

    /// Judges the scores.
    ///
    /// # Errors
    /// A false-alarm rate that is not between 0 and 1, a threshold that is not a number, or decisions that were
    /// not read.
    pub fn judge(&self, judge: &Judge) -> Result<ScoreReport, ScoreError> {
        judge.report(self)
    }

    /// What each judged row is.
    pub(super) fn truths(&self) -> Vec<Truth<'_>> {
        // Once per label, not per row.
        let positive = self.positive.as_deref();
        let names = self.label_names.names().iter();
        let truths: Vec<Truth<'_>> = names.map(|label| truth(label, positive)).collect();
        let of_row = |number: &usize| truths.get(*number).copied().unwrap_or(Truth::Unknown);
        self.labels.iter().map(of_row).collect()
    }
}
