//! Scores of any tool, from a table of text.

mod columns;
mod error;
mod header;
mod judge;
mod labels;
mod model;
mod read;
mod report;
mod table;
mod text;

pub use columns::ScoreColumns;
pub use error::ScoreError;
pub use judge::Judge;
pub use report::{
    AlarmPace, ClassReport, Comparison, Estimate, GroupReport, ModelReport, PrecisionAt, RecallAt,
    RefusedRow, RowAccount, ScoreReport,
};
pub use table::ScoreTable;
