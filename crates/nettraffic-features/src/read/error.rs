//! What can go wrong with a whole table.

use super::Refusal;
use crate::{DuplicateColumn, MatrixError};

/// Why a table could not be read. A row that is wrong is no error: it is in the account.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The input failed.
    #[error("after line {line}: {error}")]
    Io {
        /// Whole lines before it.
        line: u64,
        /// What the system said.
        error: std::io::Error,
    },
    /// There was no line with anything on it.
    #[error("the table is empty")]
    Empty,
    /// The first line is that of no known table.
    #[error("no known table begins with {start:?}")]
    UnknownFormat {
        /// How the first line begins.
        start: String,
    },
    /// The header is damaged.
    #[error("line {line}, the header: {reason}")]
    Header {
        /// Its line.
        line: u64,
        /// What is wrong.
        reason: Refusal,
    },
    /// Rows came before the line that says what they are.
    #[error("line {line}: a row before the names of the columns")]
    NoHeader {
        /// The line of the row.
        line: u64,
    },
    /// Another header in the middle, with other columns.
    #[error("line {line}: the columns change here; read the parts one by one")]
    ColumnsChange {
        /// The line.
        line: u64,
    },
    /// No column of the table is a feature.
    #[error("no column of the table is known as a feature")]
    NoFeatures,
    /// Columns that the given schema needs are not in the table.
    #[error("the table has no column {}", names.join(", "))]
    MissingColumns {
        /// Their names.
        names: Vec<String>,
    },
    /// More rows than may be held in memory.
    #[error("the table has more than {limit} rows: read it in batches")]
    TooManyRows {
        /// The limit.
        limit: usize,
    },
    /// A column and the indicator of another bear one name.
    #[error(transparent)]
    DuplicateColumn(#[from] DuplicateColumn),
    /// A fault of this reader.
    #[error(transparent)]
    Matrix(#[from] MatrixError),
}
