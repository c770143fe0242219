//! What can be chosen before fitting.

use crate::ModelError;

/// Most rows that one tree is grown from, which bounds its height.
pub(super) const MAX_SAMPLE: usize = 1 << 16;
/// Most leaves of all trees together, as if each tree were full.
pub(super) const MAX_LEAVES: usize = 1 << 24;
/// Most columns that one split asks.
pub(super) const MAX_SPLIT_COLUMNS: usize = 256;

/// How an isolation forest is grown, checked in [`IsolationForestParams::fit`]. Defaults: 100 trees
/// of 256 rows each, as the paper found enough; one column a split; seed 42.
#[derive(Clone, Debug, PartialEq)]
pub struct IsolationForestParams {
    pub(super) trees: usize,
    pub(super) rows_per_tree: usize,
    pub(super) columns_per_split: usize,
    pub(super) seed: u64,
}

impl Default for IsolationForestParams {
    fn default() -> Self {
        Self {
            trees: 100,
            rows_per_tree: 256,
            columns_per_split: 1,
            seed: 42,
        }
    }
}

impl IsolationForestParams {
    /// Number of trees, at least 1. More of them make scores steadier, not better.
    #[must_use]
    pub fn trees(mut self, trees: usize) -> Self {
        self.trees = trees;
        self
    }

    /// Rows drawn without replacement for each tree, 2 to 65,536; all of them where there are
    /// fewer. More rows tell finer groups of usual traffic apart, and let strangers that come in
    /// crowds hide.
    #[must_use]
    pub fn rows_per_tree(mut self, rows: usize) -> Self {
        self.rows_per_tree = rows;
        self
    }

    /// Columns that each split asks, 1 to 256; fewer where fewer of them vary. With two or more, a
    /// split is a slanted plane: the extended isolation forest (Hariri, Carrasco Kind and Brunner
    /// 2019), whose scores do not favour the directions of the axes, at as many times the cost.
    #[must_use]
    pub fn columns_per_split(mut self, columns: usize) -> Self {
        self.columns_per_split = columns;
        self
    }

    /// Seed of everything random.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Rows of each tree, where there are `rows` to draw from.
    pub(super) fn check(&self, rows: usize, columns: usize) -> Result<usize, ModelError> {
        within("columns", columns, 1..=u32::MAX as usize, "1 to 2^32 - 1")?;
        within(
            "columns_per_split",
            self.columns_per_split,
            1..=MAX_SPLIT_COLUMNS,
            "1 to 256",
        )?;
        within(
            "rows_per_tree",
            self.rows_per_tree,
            2..=MAX_SAMPLE,
            "2 to 65,536",
        )?;
        if rows < 2 {
            return Err(ModelError::TooFewRows {
                what: "an isolation forest",
                needed: 2,
                found: rows,
            });
        }
        let sample = self.rows_per_tree.min(rows);
        let most = MAX_LEAVES / sample.next_power_of_two();
        within(
            "trees",
            self.trees,
            1..=most,
            "at least 1, and with rows_per_tree at most 2^24 leaves",
        )?;
        Ok(sample)
    }
}

fn within(
    name: &'static str,
    value: usize,
    range: std::ops::RangeInclusive<usize>,
    expected: &'static str,
) -> Result<(), ModelError> {
    if range.contains(&value) {
        return Ok(());
    }
    Err(ModelError::Parameter {
        name,
        value: value.to_string(),
        expected,
    })
}
