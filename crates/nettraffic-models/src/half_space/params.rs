//! What can be chosen before fitting.

use crate::ModelError;

/// Most halvings from the root of a tree to its leaves.
pub(super) const MAX_HEIGHT: u32 = 20;
/// Most nodes of all trees together.
pub(super) const MAX_NODES: usize = 1 << 24;

/// How half-space trees are laid out, checked in [`HalfSpaceTreesParams::fit`]. Defaults: 25
/// trees as in the paper, 10 halvings high, windows of 4,096 rows, seed 42.
#[derive(Clone, Debug, PartialEq)]
pub struct HalfSpaceTreesParams {
    pub(super) trees: usize,
    pub(super) height: u32,
    pub(super) window: u64,
    pub(super) seed: u64,
}

impl Default for HalfSpaceTreesParams {
    fn default() -> Self {
        Self {
            trees: 25,
            height: 10,
            window: 4_096,
            seed: 42,
        }
    }
}

impl HalfSpaceTreesParams {
    /// Number of trees, at least 1.
    #[must_use]
    pub fn trees(mut self, trees: usize) -> Self {
        self.trees = trees;
        self
    }

    /// Halvings from the root of a tree to its leaves, 1 to 20. Memory doubles with each.
    #[must_use]
    pub fn height(mut self, height: u32) -> Self {
        self.height = height;
        self
    }

    /// Rows that an [`update`](crate::Incremental::update) gathers before they become what is
    /// usual, at least 1. Short windows follow change soon, and know little.
    #[must_use]
    pub fn window(mut self, rows: u64) -> Self {
        self.window = rows;
        self
    }

    /// Seed of everything random.
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
        if !(1..=MAX_HEIGHT).contains(&self.height) {
            return out_of_range("height", self.height.to_string(), "1 to 20");
        }
        if !(1..=MAX_NODES >> (self.height + 1)).contains(&self.trees) {
            let expected = "at least 1, and with the height at most 2^24 nodes";
            return out_of_range("trees", self.trees.to_string(), expected);
        }
        if self.window == 0 {
            return out_of_range("window", self.window.to_string(), "at least 1");
        }
        if !(1..=u32::MAX as usize).contains(&columns) {
            return out_of_range("columns", columns.to_string(), "1 to 2^32 - 1");
        }
        if rows == 0 {
            return Err(ModelError::TooFewRows {
                what: "half-space trees",
                needed: 1,
                found: 0,
            });
        }
        Ok(())
    }
}
