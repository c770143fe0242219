//! What can be chosen before fitting.

use crate::ModelError;

/// Most columns of a row, most of a group.
pub(super) const MAX_COLUMNS: usize = 2_048;
pub(super) const MAX_GROUP: usize = 64;

/// How a [`Kitnet`](super::Kitnet) is laid out and taught, checked in
/// [`KitnetParams::fit`]. Defaults, those of the paper and its program: groups of at most 10, hidden
/// layers of three quarters of their inputs, steps of 0.1, columns grouped by the first 5,000 rows;
/// seed 42.
#[derive(Clone, Debug, PartialEq)]
pub struct KitnetParams {
    pub(super) group: usize,
    pub(super) mapping_rows: usize,
    pub(super) hidden_ratio: f64,
    pub(super) learning_rate: f32,
    pub(super) seed: u64,
}

impl Default for KitnetParams {
    fn default() -> Self {
        Self {
            group: 10,
            mapping_rows: 5_000,
            hidden_ratio: 0.75,
            learning_rate: 0.1,
            seed: 42,
        }
    }
}

impl KitnetParams {
    /// Most columns that one autoencoder looks at, 1 to 64.
    #[must_use]
    pub fn groups_of(mut self, columns: usize) -> Self {
        self.group = columns;
        self
    }

    /// Rows from the first on whose correlations group the columns, at least 2; all rows where
    /// there are fewer.
    #[must_use]
    pub fn mapping_rows(mut self, rows: usize) -> Self {
        self.mapping_rows = rows;
        self
    }

    /// Hidden units of each autoencoder as a share of its inputs, above 0 and up to 1.
    #[must_use]
    pub fn hidden_ratio(mut self, ratio: f64) -> Self {
        self.hidden_ratio = ratio;
        self
    }

    /// Length of each step down the gradient, above 0 and up to 1.
    #[must_use]
    pub fn learning_rate(mut self, rate: f32) -> Self {
        self.learning_rate = rate;
        self
    }

    /// Seed of the first weights.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    pub(super) fn check(&self, rows: usize, columns: usize) -> Result<(), ModelError> {
        let out_of_range = |name, value: String, expected| {
            Err(ModelError::Parameter {
                name,
                value,
                expected,
            })
        };
        if !(1..=MAX_GROUP).contains(&self.group) {
            return out_of_range("groups_of", self.group.to_string(), "1 to 64");
        }
        if self.mapping_rows < 2 {
            return out_of_range("mapping_rows", self.mapping_rows.to_string(), "at least 2");
        }
        if !(self.hidden_ratio > 0.0 && self.hidden_ratio <= 1.0) {
            let value = self.hidden_ratio.to_string();
            return out_of_range("hidden_ratio", value, "above 0, up to 1");
        }
        if !is_rate(self.learning_rate) {
            let value = self.learning_rate.to_string();
            return out_of_range("learning_rate", value, "above 0, up to 1");
        }
        if !(1..=MAX_COLUMNS).contains(&columns) {
            return out_of_range("columns", columns.to_string(), "1 to 2,048");
        }
        if rows < 2 {
            return Err(ModelError::TooFewRows {
                what: "ensemble of autoencoders",
                needed: 2,
                found: rows,
            });
        }
        Ok(())
    }
}

pub(super) fn is_rate(rate: f32) -> bool {
    rate > 0.0 && rate <= 1.0
}
