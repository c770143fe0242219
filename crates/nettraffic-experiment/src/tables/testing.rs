//! Small tables for tests.

use std::sync::Arc;

use nettraffic_features::{Column, FeatureMatrix, Schema, Unit};

use super::TableRows;

/// Rows of two numbers, each with its label.
pub(crate) fn rows(rows: &[([f64; 2], &str)]) -> TableRows {
    let columns = ["a", "b"].map(|name| Column::number(name, Unit::None));
    let schema = Schema::new(columns.to_vec()).unwrap();
    let values = rows.iter().flat_map(|(values, _)| *values).collect();
    let features = FeatureMatrix::from_rows(Arc::new(schema), values).unwrap();
    let labels = rows.iter().map(|(_, label)| (*label).to_owned()).collect();
    TableRows::new(features, labels).unwrap()
}
