//! What can go wrong in fitting and scoring.

/// Why a model could not be fitted or asked.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// Too few rows to fit on.
    #[error("{what} needs at least {needed} rows to fit on, {found} were given")]
    TooFewRows {
        /// The model or the step.
        what: &'static str,
        /// Least number of rows.
        needed: usize,
        /// Rows given.
        found: usize,
    },
    /// Rows of another width than those that the model was fitted on.
    #[error("rows have {found} columns, the model was fitted on {expected}")]
    Columns {
        /// Columns of the model.
        expected: usize,
        /// Columns of the rows.
        found: usize,
    },
    /// NaN or infinity among the rows.
    #[error("row {row}, column {column} is not a finite number")]
    NotFinite {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
    },
    /// A parameter out of its range.
    #[error("{name} is {value}: {expected}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it must be.
        expected: &'static str,
    },
    /// Training went nowhere: the error became infinite, or no better than without a model.
    #[error("training the {what} did not converge: {reason}")]
    NotConverged {
        /// The model.
        what: &'static str,
        /// What was reached, and what would have been enough.
        reason: String,
    },
    /// The device to train on is not there, or not to be used.
    #[error("there is no graphics processor to train on: {reason}")]
    NoDevice {
        /// What its driver, or the search for one, says.
        reason: String,
    },
    /// Stored parts of a model that do not fit together (a damaged or crafted file).
    #[error("not a sound {what}: {reason}")]
    Invalid {
        /// The model.
        what: &'static str,
        /// What does not fit.
        reason: String,
    },
}
