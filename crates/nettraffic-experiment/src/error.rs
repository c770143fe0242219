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
    /// A capture is both trained and tested on.
    #[error("study {study:?} trains on {} as benign and tests on it: the results would say nothing", capture.display())]
    Leak {
        /// The study.
        study: String,
        /// The capture, as the test names it.
        capture: PathBuf,
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
    /// Training or scoring on a table failed.
    #[error("{context}: {error}")]
    OnTable {
        /// Study, model and seed.
        context: String,
        /// Why.
        error: Box<ExperimentError>,
    },
    /// Training or scoring failed.
    #[error("{context}: {error}")]
    Detect {
        /// Study, model, seed and, where it is about one, test.
        context: String,
        /// Why.
        error: nettraffic_detect::DetectError,
    },
}
