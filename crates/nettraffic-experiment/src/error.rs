//! What can go wrong in a comparison.

use std::path::PathBuf;

/// Why a comparison could not be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExperimentError {
    /// The plan is no sound one.
    #[error("the plan cannot be used: {0}")]
    Plan(String),
    /// A file or folder could not be read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A file is no flow table that is known.
    #[error("{}: {error}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// Where and why.
        error: nettraffic_features::TableError,
    },
    /// A row of a table is damaged.
    #[error("{}: {row}", path.display())]
    RefusedRow {
        /// The file.
        path: PathBuf,
        /// Where and why.
        row: nettraffic_features::RefusedRow,
    },
    /// Rows could not be prepared for models.
    #[error(transparent)]
    Prepare(#[from] nettraffic_features::PrepareError),
    /// A model refused parameters or rows.
    #[error(transparent)]
    Model(#[from] nettraffic_models::ModelError),
    /// A capture is damaged.
    #[error(transparent)]
    Capture(#[from] nettraffic_capture::CaptureError),
    /// A file is both trained and tested on.
    #[error(
        "study {study:?}: {trained:?} and {tested:?} share a file: it would be trained and tested on, and the results say nothing"
    )]
    Leak {
        /// The study.
        study: String,
        /// The data set to train on.
        trained: String,
        /// The data set to test on.
        tested: String,
    },
    /// A row lacks a key that the plan asks for, or has one that is no number.
    #[error("{}: line {line}: the column {column:?} holds no such value, or the table has no such identifying column", path.display())]
    Key {
        /// The table.
        path: PathBuf,
        /// The column.
        column: String,
        /// The line, from 1.
        line: u64,
    },
    /// Label rules are wrong.
    #[error("{}: {error}", path.display())]
    Labels {
        /// The file of rules.
        path: PathBuf,
        /// Where and why.
        error: nettraffic_eval::LabelError,
    },
    /// Scores and truth do not fit together.
    #[error(transparent)]
    Eval(#[from] nettraffic_eval::EvalError),
    /// No feature set of that name.
    #[error(transparent)]
    Features(#[from] nettraffic_features::UnknownSet),
    /// A row of flows is not finite.
    #[error(transparent)]
    Matrix(#[from] nettraffic_features::MatrixError),
    /// No synthetic scenario of that name.
    #[error(transparent)]
    Scenario(#[from] nettraffic_synth::UnknownScenario),
    /// A model learns attacks, and there are none.
    #[error("it learns from benign rows and attacks, and the training rows lack one of them")]
    NoAttacks,
    /// A detector scores flows.
    #[error("a detector scores flows, and these rows are none")]
    NoFlows,
    /// A detector refused parameters or flows.
    #[error(transparent)]
    Detect(#[from] nettraffic_detect::DetectError),
    /// Fitting or scoring failed.
    #[error("{unit}: {error}")]
    Unit {
        /// Study, model, seed and, where it is about one, test.
        unit: String,
        /// Why.
        error: Box<ExperimentError>,
    },
}
