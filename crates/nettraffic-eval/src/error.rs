//! What can go wrong in judging.

/// Why values could not be judged.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EvalError {
    /// Two slices that belong together differ in length.
    #[error("{left_len} {left} but {right_len} {right}: every row needs one of each")]
    Lengths {
        /// What the first slice holds.
        left: &'static str,
        /// Its length.
        left_len: usize,
        /// What the second slice holds.
        right: &'static str,
        /// Its length.
        right_len: usize,
    },
    /// A score that cannot be ordered.
    #[error("the score of row {row} is not a number")]
    NotANumber {
        /// The row, from 0.
        row: usize,
    },
    /// A value that is no probability.
    #[error("{value} in row {row} is not a probability between 0 and 1")]
    NotAProbability {
        /// The row, from 0.
        row: usize,
        /// What stands there.
        value: f64,
    },
    /// A share outside 0 to 1.
    #[error("{value} is not a share between 0 and 1")]
    Share {
        /// The value given.
        value: f64,
    },
    /// A threshold that is NaN.
    #[error("the threshold is not a number")]
    Threshold,
    /// A split that names a row which is not there.
    #[error("the split names row {row}, but there are {rows} rows")]
    NoSuchRow {
        /// The row, from 0.
        row: usize,
        /// Rows there are.
        rows: usize,
    },
    /// More classes than a confusion matrix is made for: its size grows with their square.
    #[error("{classes} classes are too many for a confusion matrix: {limit} at most")]
    TooManyClasses {
        /// Classes there are.
        classes: usize,
        /// The most there may be.
        limit: usize,
    },
    /// More bins than probabilities are ever put into.
    #[error("{bins} bins are too many: {limit} at most")]
    TooManyBins {
        /// Bins asked for.
        bins: usize,
        /// The most there may be.
        limit: usize,
    },
    /// More splits than fit into memory: each of them names every row once.
    #[error(
        "{splits} splits of {rows} rows are too many: splits times rows may be {limit} at most; rows that belong together \
         make fewer splits, and so do folds"
    )]
    TooManySplits {
        /// Splits asked for.
        splits: usize,
        /// Rows that each of them names.
        rows: usize,
        /// The most that their product may be.
        limit: usize,
    },
    /// Fewer than two folds or groups.
    #[error("{groups} groups cannot be put into {folds} folds: two are the least of both")]
    Folds {
        /// Folds asked for.
        folds: usize,
        /// Groups there are.
        groups: usize,
    },
}

/// Refuses slices of different lengths.
pub(crate) fn same_length(
    left: &'static str,
    left_len: usize,
    right: &'static str,
    right_len: usize,
) -> Result<(), EvalError> {
    if left_len == right_len {
        return Ok(());
    }
    Err(EvalError::Lengths {
        left,
        left_len,
        right,
        right_len,
    })
}

/// `part / whole`, `None` when there is nothing to divide by.
///
/// Exact to the last bit as long as both counts stay below 2^53.
pub(crate) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
