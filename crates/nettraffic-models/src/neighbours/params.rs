//! What can be chosen before fitting.

use crate::ModelError;

/// Most neighbours that a score asks.
pub(super) const MAX_NEIGHBOURS: usize = 1 << 10;
/// Most values that are remembered.
pub(super) const MAX_VALUES: usize = 1 << 28;

/// How a nearest-neighbour model remembers, checked in [`NearestNeighboursParams::fit`]. Defaults:
/// 5 neighbours among at most 16,384 rows, seed 42.
#[derive(Clone, Debug, PartialEq)]
pub struct NearestNeighboursParams {
    pub(super) neighbours: usize,
    pub(super) most_rows: usize,
    pub(super) seed: u64,
}

impl Default for NearestNeighboursParams {
    fn default() -> Self {
        Self {
            neighbours: 5,
            most_rows: 1 << 14,
            seed: 42,
        }
    }
}

impl NearestNeighboursParams {
    /// How many neighbours a score asks, 1 to 1,024: a crowd of strangers is found out as long as
    /// fewer of its rows are among those of training.
    #[must_use]
    pub fn neighbours(mut self, neighbours: usize) -> Self {
        self.neighbours = neighbours;
        self
    }

    /// Training rows to remember at most: where there are more, a sample of them, each set of
    /// rows equally likely. Memory and scoring pay for them.
    #[must_use]
    pub fn most_rows(mut self, rows: usize) -> Self {
        self.most_rows = rows;
        self
    }

    /// Seed of the sample.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Rows to remember of `rows`.
    pub(super) fn check(&self, rows: usize, columns: usize) -> Result<usize, ModelError> {
        let remembered = rows.min(self.most_rows);
        if !(1..=MAX_NEIGHBOURS).contains(&self.neighbours) {
            return Err(out_of_range("neighbours", self.neighbours, "1 to 1,024"));
        }
        if self.most_rows < self.neighbours {
            let expected = "at least as many as neighbours";
            return Err(out_of_range("most_rows", self.most_rows, expected));
        }
        if columns == 0 || remembered.saturating_mul(columns) > MAX_VALUES {
            let expected = "at least 1, and at most 2^28 values with the rows to remember";
            return Err(out_of_range("columns", columns, expected));
        }
        if rows < self.neighbours {
            return Err(ModelError::TooFewRows {
                what: "a nearest-neighbour model",
                needed: self.neighbours,
                found: rows,
            });
        }
        Ok(remembered)
    }
}

fn out_of_range(name: &'static str, value: usize, expected: &'static str) -> ModelError {
    ModelError::Parameter {
        name,
        value: value.to_string(),
        expected,
    }
}
