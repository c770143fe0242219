//! Feature schema, matrices and fitted preprocessing.

mod column;
mod correlations;
#[cfg(feature = "flow")]
mod flow;
mod matrix;
mod prepare;
mod schema;
mod sorted;
mod summary;
mod unit;
#[cfg(feature = "flow")]
mod write;

pub use column::{Column, ColumnKind, Missing};
pub use correlations::Correlations;
#[cfg(feature = "flow")]
pub use flow::{Feature, FeatureSet, FlowStatistics, UnknownSet, Value};
pub use matrix::{FeatureMatrix, MatrixError, PreparedMatrix};
pub use prepare::{HeavyTails, PrepareError, Preprocessor, PreprocessorParams, Scale};
pub use schema::{DuplicateColumn, Fingerprint, Schema};
pub use summary::{ColumnSummary, NumberSummary, Summary};
pub use unit::Unit;
#[cfg(feature = "flow")]
pub use write::{FlowFormat, FlowWriter};
