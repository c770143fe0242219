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

/// A row of a KDD table: `size` bytes by `protocol`.
pub(crate) fn kdd_row(size: usize, protocol: &str, label: &str) -> String {
    format!(
        "0,{protocol},http,SF,{size},{}0,{label},21\n",
        "0,".repeat(35)
    )
}

/// A KDD table of `benign` rows, and a quarter as many of each attack, which are larger by far.
pub(crate) fn kdd_table(benign: usize, attacks: &[&str]) -> String {
    let usual = (0..benign).map(|row| kdd_row(100 + row * 7 % 50, "tcp", "normal"));
    let odd = attacks.iter().enumerate().flat_map(|(index, attack)| {
        let size = 90_000 * (index + 1);
        (0..benign / 4).map(move |row| kdd_row(size + row, "udp", attack))
    });
    usual.chain(odd).collect()
}
