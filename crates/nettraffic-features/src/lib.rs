//! Feature schema, matrices and fitted preprocessing.

mod matrix;
mod schema;

pub use matrix::{FeatureMatrix, MatrixError, PreparedMatrix};
pub use schema::{Column, ColumnKind, DuplicateColumn, Fingerprint, Missing, Schema, Unit};
