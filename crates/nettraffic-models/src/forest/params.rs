//! What can be chosen before fitting.

use crate::ModelError;

/// Most trees of a forest.
pub(super) const MAX_TREES: usize = 10_000;
/// Most classes of a forest.
pub(super) const MAX_CLASSES: usize = 1_024;
/// Depth at which every tree ends, so that a stored forest has bounded work per row.
pub(super) const MAX_DEPTH: usize = 256;

/// How a forest is grown. Defaults: 100 trees, seed 42, depth limited by
/// the rows only (at most 256), leaves of one row, √columns features a node, classes weighing by their rows.
#[derive(Clone, Debug, PartialEq)]
pub struct RandomForestParams {
    pub(super) trees: usize,
    pub(super) seed: u64,
    pub(super) max_depth: usize,
    pub(super) min_leaf: usize,
    pub(super) max_features: MaxFeatures,
    pub(super) class_weight: ClassWeight,
    /// Whether each tree draws its rows, or knows all of them.
    pub(super) bootstrap: bool,
}

impl Default for RandomForestParams {
    fn default() -> Self {
        Self {
            trees: 100,
            seed: 42,
            max_depth: MAX_DEPTH,
            min_leaf: 1,
            max_features: MaxFeatures::Sqrt,
            class_weight: ClassWeight::None,
            bootstrap: true,
        }
    }
}

/// How many features each node draws to look for its split.
///
/// A node in which none of them varies goes on drawing until one does.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum MaxFeatures {
    /// The square root of the number of columns, rounded down (Breiman's choice for classes).
    Sqrt,
    /// This share of the columns, above 0 and at most 1, rounded down and at least one.
    Share(f64),
    /// This many; more than there are columns means all of them.
    Count(usize),
    /// Every column: bagged trees.
    All,
}

/// What a row of a class weighs, in choosing splits and in the leaves' distributions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClassWeight {
    /// Every row weighs 1.
    None,
    /// Every class weighs the same in total, however few rows it has.
    Balanced,
}

impl RandomForestParams {
    /// Number of trees, 1 to 10,000.
    #[must_use]
    pub fn trees(mut self, trees: usize) -> Self {
        self.trees = trees;
        self
    }

    /// Seed of every random choice.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Most splits between a tree's root and a leaf, 1 to 256.
    #[must_use]
    pub fn max_depth(mut self, depth: usize) -> Self {
        self.max_depth = depth;
        self
    }

    /// Least rows in a leaf, at least 1; a row counts once, however often the tree drew it.
    #[must_use]
    pub fn min_leaf(mut self, rows: usize) -> Self {
        self.min_leaf = rows;
        self
    }

    /// Features that each node draws.
    #[must_use]
    pub fn max_features(mut self, features: MaxFeatures) -> Self {
        self.max_features = features;
        self
    }

    /// What a row of a class weighs.
    #[must_use]
    pub fn class_weight(mut self, weight: ClassWeight) -> Self {
        self.class_weight = weight;
        self
    }

    /// The first parameter out of its range.
    pub(super) fn check(&self) -> Result<(), ModelError> {
        let range = |name, value: usize, most, expected| {
            if (1..=most).contains(&value) {
                Ok(())
            } else {
                Err(out_of_range(name, &value, expected))
            }
        };
        range("trees", self.trees, MAX_TREES, "from 1 to 10000")?;
        range("max_depth", self.max_depth, MAX_DEPTH, "from 1 to 256")?;
        range("min_leaf", self.min_leaf, usize::MAX, "at least 1")?;
        match self.max_features {
            MaxFeatures::Count(0) => Err(out_of_range("max_features", &0, "at least 1")),
            MaxFeatures::Share(share) if !(share > 0.0 && share <= 1.0) => Err(out_of_range(
                "max_features",
                &share,
                "a share above 0 and at most 1",
            )),
            _ => Ok(()),
        }
    }
}

impl MaxFeatures {
    /// Features to draw of `columns`, from 1 to `columns`.
    pub(super) fn of(self, columns: usize) -> usize {
        let features = match self {
            Self::Sqrt => columns.isqrt(),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a share of a number of columns, far below 2^53"
            )]
            Self::Share(share) => (share * columns as f64) as usize,
            Self::Count(count) => count,
            Self::All => columns,
        };
        features.clamp(1, columns.max(1))
    }
}

/// An error that names the parameter and its value.
pub(super) fn out_of_range(
    name: &'static str,
    value: &dyn std::fmt::Display,
    expected: &'static str,
) -> ModelError {
    ModelError::Parameter {
        name,
        value: value.to_string(),
        expected,
    }
}
