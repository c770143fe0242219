//! Feature schema, matrices and fitted preprocessing.

mod column;
#[cfg(feature = "flow")]
mod flow;
mod matrix;
mod schema;
mod unit;
#[cfg(feature = "flow")]
mod write;

pub use column::{Column, ColumnKind, Missing};
#[cfg(feature = "flow")]
pub use flow::{Feature, FeatureSet, FlowStatistics, UnknownSet, Value};
pub use matrix::{FeatureMatrix, MatrixError, PreparedMatrix};
pub use schema::{DuplicateColumn, Fingerprint, Schema};
pub use unit::Unit;
#[cfg(feature = "flow")]
pub use write::{FlowFormat, FlowWriter};
