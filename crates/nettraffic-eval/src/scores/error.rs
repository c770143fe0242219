//! What can go wrong in reading scores.

use super::RefusedRow;

/// Why a table of scores cannot be judged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScoreError {
    /// The table is empty.
    #[error("the table is empty: its first line should name the columns")]
    NoHeader,
    /// No column of that name.
    #[error("line 1 names no column {name:?}; it names {}{}", listed(.available), super::header::hint(.name, .available))]
    NoColumn {
        /// The column that was asked for.
        name: String,
        /// Those that are there.
        available: Vec<String>,
    },
    /// Two columns of that name.
    #[error("line 1 names two columns {name:?}: give the one that is meant a name of its own")]
    TwoColumns {
        /// The column that was asked for.
        name: String,
    },
    /// The table is in another form than text.
    #[error("this is no text but {form}: {advice}")]
    NotText {
        /// What it seems to be.
        form: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// A quote opens and does not close: all that follows would be one field.
    #[error("a quote in the row of line {line} is never closed")]
    OpenQuote {
        /// The line that the row begins in.
        line: u64,
    },
    /// No score column was asked for, or one twice.
    #[error("each score column is to be named once, and at least one")]
    ScoreColumns,
    /// Columns of decisions that do not go with those of scores, or one twice.
    #[error(
        "{alerts} columns of decisions do not go with {scores} of scores: one for each score, named once, in the same order"
    )]
    AlertColumns {
        /// Columns of decisions.
        alerts: usize,
        /// Columns of scores.
        scores: usize,
    },
    /// Decisions were to be judged, and there are none.
    #[error("the table was read without a column of decisions")]
    NoDecisions,
    /// No row that can be judged.
    #[error("no row can be judged: {read} read, {unknown} unknown{}", refused_first(.first))]
    NoRows {
        /// Rows read.
        read: u64,
        /// Rows whose label is `unknown`.
        unknown: u64,
        /// The first that was refused.
        first: Option<RefusedRow>,
    },
    /// No row has the label of attacks.
    #[error("no row of column {column:?} is {positive:?}; its labels are {}", listed(.labels))]
    NoPositive {
        /// The label column.
        column: String,
        /// The label that was asked for.
        positive: String,
        /// Those that are there.
        labels: Vec<String>,
    },
    /// No label is known to be benign.
    #[error("no label of column {column:?} says that a row is benign; its labels are {}: name the one of attacks", listed(.labels))]
    NoBenign {
        /// The label column.
        column: String,
        /// The labels that are there.
        labels: Vec<String>,
    },
    /// The table cannot be read.
    #[error(transparent)]
    Read(#[from] csv::Error),
    /// What was asked for cannot be computed.
    #[error(transparent)]
    Eval(#[from] crate::EvalError),
}

/// The first few, quoted, and of each the beginning: what is no table may be one name of gigabytes.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 12;
    const LETTERS: usize = 40;
    let quoted = |name: &String| match name.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{:?}…", &name[..end]),
        None => format!("{name:?}"),
    };
    let shown = names.iter().take(SHOWN).map(quoted);
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}

fn refused_first(first: &Option<RefusedRow>) -> String {
    first.as_ref().map_or(String::new(), |row| {
        format!(", others refused, the first {row}")
    })
}
