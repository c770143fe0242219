//! What can go wrong in reading label rules.

/// Why label rules could not be read, and where.
#[derive(Debug, thiserror::Error)]
#[error("label rules, line {line}: {kind}")]
#[non_exhaustive]
pub struct LabelError {
    /// Line of the file, from 1; the header is line 1.
    pub line: u64,
    /// What is wrong there.
    #[source]
    pub kind: LabelErrorKind,
}

/// What is wrong with a line of label rules.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabelErrorKind {
    /// The header names no such column (or there is no header at all).
    #[error("the header has no column {0:?}")]
    NoColumn(&'static str),
    /// The header names a column twice.
    #[error("the header has two columns {0:?}")]
    TwoColumns(&'static str),
    /// The line ends before a column that it needs.
    #[error("the line ends before its {0:?}")]
    Short(&'static str),
    /// A field that cannot be understood.
    #[error("{column} is {value:?}, not {expected}")]
    Field {
        /// The column.
        column: &'static str,
        /// What stands there, cut to 80 characters.
        value: String,
        /// What may stand there.
        expected: &'static str,
    },
    /// The end is earlier than the start: such a rule could never match.
    #[error("the end is earlier than the start")]
    EndBeforeStart,
    /// The reader failed.
    #[error(transparent)]
    Read(#[from] std::io::Error),
    /// The text is longer than any label file (64 MiB).
    #[error("the text is longer than 64 MiB")]
    TooLong,
    /// The text is not CSV in UTF-8.
    #[error(transparent)]
    Csv(#[from] csv::Error),
}

impl LabelErrorKind {
    pub(super) fn field(column: &'static str, value: &str, expected: &'static str) -> Self {
        Self::Field {
            column,
            value: value.chars().take(80).collect(),
            expected,
        }
    }

    pub(super) fn at(self, line: u64) -> LabelError {
        LabelError { line, kind: self }
    }
}
