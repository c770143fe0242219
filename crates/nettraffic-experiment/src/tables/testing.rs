//! Small tables for tests.

use std::sync::Arc;

use nettraffic_features::{Column, FeatureMatrix, Schema, Unit};

use super::TableRows;
use crate::ExperimentError;

/// Rows of two numbers, each with its label.
pub(crate) fn rows(rows: &[([f64; 2], &str)]) -> Result<TableRows, ExperimentError> {
    let columns = ["a", "b"].map(|name| Column::number(name, Unit::None));
    let schema =
        Schema::new(columns.to_vec()).map_err(|error| ExperimentError::Plan(error.to_string()))?;
    let values = rows.iter().flat_map(|(values, _)| *values).collect();
    let features = FeatureMatrix::from_rows(Arc::new(schema), values)?;
    let labels = rows.iter().map(|(_, label)| (*label).to_owned()).collect();
    TableRows::new(features, labels)
}
