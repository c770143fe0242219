//! Rows of a table with what each of them is.

use std::collections::{BTreeMap, HashSet};

use nettraffic_eval::{EvalError, Truth, stratified_split};
use nettraffic_features::{FeatureMatrix, Table};

use super::TableSplit;
use crate::ExperimentError;

/// Raw rows and their truth: `benign`, or the name of an attack.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRows {
    features: FeatureMatrix,
    labels: Vec<String>,
}

impl TableRows {
    /// Rows with one label each: `benign`, or the name of an attack.
    ///
    /// # Errors
    /// Another number of labels than of rows.
    pub fn new(features: FeatureMatrix, labels: Vec<String>) -> Result<Self, ExperimentError> {
        if features.rows() != labels.len() {
            return Err(EvalError::Lengths {
                left: "rows",
                left_len: features.rows(),
                right: "labels",
                right_len: labels.len(),
            }
            .into());
        }
        Ok(Self { features, labels })
    }

    /// The rows of a table whose truth is known, by its first column of labels.
    #[must_use]
    pub fn of_table(table: &Table) -> Self {
        let (mut known, mut labels) = (Vec::new(), Vec::new());
        for row in 0..table.rows() {
            if let Some(is_attack) = table.is_attack(row) {
                let attack = table.label(row).filter(|_| is_attack);
                labels.push(attack.unwrap_or(Truth::Benign.name()).to_owned());
                known.push(row);
            }
        }
        Self {
            features: table.matrix.select(&known),
            labels,
        }
    }

    /// The raw features, one row each.
    #[must_use]
    pub fn features(&self) -> &FeatureMatrix {
        &self.features
    }

    /// What each row is: `benign`, or the name of an attack.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Whether each row is an attack.
    #[must_use]
    pub fn attacks(&self) -> Vec<bool> {
        let benign = Truth::Benign.name();
        self.labels.iter().map(|label| label != benign).collect()
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// How many rows bear each label.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<&str, u64> {
        let mut counts = BTreeMap::new();
        for label in &self.labels {
            *counts.entry(label.as_str()).or_default() += 1;
        }
        counts
    }

    /// The rows at `indices`, in that order.
    ///
    /// # Panics
    /// When an index is not below the number of rows.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        Self {
            features: self.features.select(indices),
            labels: indices
                .iter()
                .map(|row| self.labels[*row].clone())
                .collect(),
        }
    }

    /// Each row once: of rows with equal features the first one stays, with its label, even
    /// where another one has another label.
    #[must_use]
    pub fn without_duplicates(&self) -> Self {
        let mut seen = HashSet::new();
        let first = |row: &usize| seen.insert(self.key(*row));
        let kept: Vec<usize> = (0..self.len()).filter(first).collect();
        self.select(&kept)
    }

    /// The features of a row in a form that equal rows share.
    pub(crate) fn key(&self, row: usize) -> Vec<u64> {
        // Adding 0 makes -0 to 0.
        let values = self.features.row(row);
        values.iter().map(|value| (value + 0.0).to_bits()).collect()
    }

    /// Half of the rows to train, half to test, benign rows and attacks each halved at random.
    ///
    /// # Errors
    /// None that the rows could cause.
    pub fn halves(&self, seed: u64) -> Result<TableSplit, ExperimentError> {
        let split = stratified_split(&self.attacks(), 0.5, seed)?;
        TableSplit::new(self.select(&split.train), self.select(&split.test))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::testing::rows;

    #[test]
    fn of_equal_rows_the_first_stays() -> Result<(), ExperimentError> {
        let made = rows(&[
            ([1.0, 2.0], "benign"),
            ([1.0, 3.0], "scan"),
            ([1.0, 2.0], "flood"),
            ([0.0, 9.0], "benign"),
            ([-0.0, 9.0], "scan"),
            ([1.0, 3.0], "scan"),
        ])?;
        let kept = made.without_duplicates();
        assert_eq!(kept, made.select(&[0, 1, 3]));
        assert_eq!(kept.without_duplicates(), kept);
        Ok(())
    }

    #[test]
    fn halves_share_benign_rows_and_attacks() -> Result<(), ExperimentError> {
        let made: Vec<_> = (0..100)
            .map(|row| {
                (
                    [f64::from(row), 0.0],
                    if row % 5 == 0 { "scan" } else { "benign" },
                )
            })
            .collect();
        let split = rows(&made)?.halves(42)?;
        for part in [split.train(), split.test()] {
            assert_eq!(part.counts(), [("benign", 40), ("scan", 10)].into());
        }
        assert_ne!(rows(&made)?.halves(43)?, split);
        Ok(())
    }

    #[test]
    fn as_many_labels_as_rows_are_needed() -> Result<(), ExperimentError> {
        let made = rows(&[([1.0, 2.0], "benign")])?;
        assert!(TableRows::new(made.features().clone(), Vec::new()).is_err());
        Ok(())
    }
}
