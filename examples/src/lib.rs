//! What the tools share: exit codes, input, output, progress, and the way from verdicts to
//! the views of a report.

mod alerts;
mod failure;
mod input;
mod output;
mod progress;
mod report;
mod summary;

pub use alerts::AlertRecord;
pub use failure::{Failure, run_tool};
pub use input::{read_rules, source};
pub use output::{Output, write_file};
pub use progress::Progress;
pub use report::ReportBuilder;
pub use summary::Summary;
