//! What can go wrong in preparing rows.

use crate::Fingerprint;

/// Why rows could not be prepared.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// There was nothing to learn from.
    #[error("there are no rows to fit the preprocessing on")]
    NoRows,
    /// Columns without information were to be dropped, and no other is there.
    #[error("every column has one value in all rows: dropping them leaves nothing to learn from")]
    NothingVaries,
    /// Rows of another schema than the one that was fitted on.
    #[error("the rows have schema {found}, the preprocessing was fitted on {expected}")]
    Schema {
        /// Schema of the training rows.
        expected: Fingerprint,
        /// Schema of these rows.
        found: Fingerprint,
    },
    /// A row of another length than the training rows.
    #[error("the row has {found} values, the preprocessing was fitted on {expected}")]
    Columns {
        /// Values of a training row.
        expected: usize,
        /// Values of this row.
        found: usize,
    },
    /// NaN or infinity in a row.
    #[error("column {column:?}: {value} is not a finite number")]
    NotFinite {
        /// Name of the column.
        column: String,
        /// The value.
        value: f64,
    },
    /// A stored preprocessor whose parts do not fit together (a damaged or crafted file).
    #[error("not a sound preprocessor: {reason}")]
    Invalid {
        /// What does not fit.
        reason: String,
    },
}
