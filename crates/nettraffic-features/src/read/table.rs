//! A table that was read.

use super::{LabelColumn, TableAccount, TextColumn};
use crate::FeatureMatrix;

/// Rows of a flow table: features, labels, and who they are about, each apart.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Table {
    /// The features.
    pub matrix: FeatureMatrix,
    /// What the rows really are; the column that says most comes first. Empty when the table
    /// has no labels.
    pub labels: Vec<LabelColumn>,
    /// Addresses, ports, times, ids: text as it stands in the table.
    pub identity: Vec<TextColumn>,
    /// The line of each row in the table, from 1.
    pub lines: Vec<u64>,
    /// What became of everything that was read so far.
    pub account: TableAccount,
}

impl Table {
    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// The label of a row in the first column of labels.
    #[must_use]
    pub fn label(&self, row: usize) -> Option<&str> {
        self.labels.first()?.get(row)
    }

    /// The column of labels of that name.
    #[must_use]
    pub fn label_column(&self, name: &str) -> Option<&LabelColumn> {
        self.labels.iter().find(|column| column.name() == name)
    }

    /// The identifying column of that name.
    #[must_use]
    pub fn identity_column(&self, name: &str) -> Option<&TextColumn> {
        self.identity.iter().find(|column| column.name() == name)
    }

    /// Whether a row is an attack: `false` where its first label is one of the data sets' words
    /// for benign traffic (`benign`, `normal`, `background`, in any case), `None` where it has
    /// none or a word for that (`No Label`, `NeedManualLabel`, `-`).
    #[must_use]
    pub fn is_attack(&self, row: usize) -> Option<bool> {
        let label = self.label(row)?;
        let is = |words: &[&str]| words.iter().any(|word| label.eq_ignore_ascii_case(word));
        if is(&["no label", "needmanuallabel", "unknown", "-"]) {
            return None;
        }
        Some(!is(&["benign", "normal", "background"]))
    }
}
