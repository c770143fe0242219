//! Comparisons: which model finds which attack, on which traffic, how surely.

mod captures;
mod error;
mod labels;
mod leave_out;
mod library;
mod markdown;
mod outcome;
mod plan;
mod run;

pub use captures::{captures_in, read_flows};
pub use error::ExperimentError;
pub use labels::truth;
pub use outcome::{ClassRun, Measured, Outcome, Row, Run, StudyOutcome};
pub use plan::{Plan, Study, Test};
pub use run::run;
