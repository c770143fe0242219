//! The stored form of a forest, and what is checked in reading it.

use serde::{Deserialize, Serialize};

use crate::ModelError;

use super::params::{MAX_LEAVES, MAX_SAMPLE};
use super::path::AverageLengths;
use super::split::{Plane, Split, Threshold};
use super::tree::Tree;
use super::{IsolationForest, Trees};

/// A forest as it is stored, checked before it becomes one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) columns: usize,
    /// Rows that each tree was grown from.
    pub(super) sample: u32,
    pub(super) trees: StoredTrees,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum StoredTrees {
    Straight(Vec<StoredTree<Threshold>>),
    Slanted(Vec<StoredTree<Plane>>),
}

/// A full tree as a heap, see [`Tree`]; path lengths follow from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredTree<S> {
    /// The nodes that ask, the root first; one less than a power of two.
    pub(super) splits: Vec<S>,
    /// Training rows at each place of the bottom, one more than there are splits.
    pub(super) rows: Vec<u32>,
}

impl From<IsolationForest> for Stored {
    fn from(forest: IsolationForest) -> Self {
        Self {
            columns: forest.columns,
            sample: forest.sample,
            trees: match &forest.trees {
                Trees::Straight(trees) => StoredTrees::Straight(stored(trees)),
                Trees::Slanted(trees) => StoredTrees::Slanted(stored(trees)),
            },
        }
    }
}

impl TryFrom<Stored> for IsolationForest {
    type Error = ModelError;

    fn try_from(stored: Stored) -> Result<Self, ModelError> {
        let Stored {
            columns,
            sample,
            trees,
        } = stored;
        if columns == 0 {
            return Err(unsound("no columns".to_owned()));
        }
        if !(2..=MAX_SAMPLE).contains(&(sample as usize)) {
            return Err(unsound(format!("trees of {sample} rows")));
        }
        let trees = match trees {
            StoredTrees::Straight(trees) => Trees::Straight(sound(trees, columns, sample)?),
            StoredTrees::Slanted(trees) => Trees::Slanted(sound(trees, columns, sample)?),
        };
        Ok(Self::new(columns, sample, trees))
    }
}

fn stored<S: Split>(trees: &[Tree<S>]) -> Vec<StoredTree<S>> {
    let tree = |tree: &Tree<S>| StoredTree {
        splits: tree.splits().iter().skip(1).cloned().collect(),
        rows: tree.rows().to_vec(),
    };
    trees.iter().map(tree).collect()
}

fn sound<S: Split>(
    trees: Vec<StoredTree<S>>,
    columns: usize,
    sample: u32,
) -> Result<Vec<Tree<S>>, ModelError> {
    let leaves = (sample as usize).next_power_of_two();
    if trees.is_empty() || trees.len() > MAX_LEAVES / leaves {
        return Err(unsound(format!("{} trees of {sample} rows", trees.len())));
    }
    if let Some((index, reason)) = trees
        .iter()
        .enumerate()
        .find_map(|(index, tree)| Some((index, tree.fault(columns, sample, leaves)?)))
    {
        return Err(unsound(format!("tree {index}: {reason}")));
    }
    let lengths = AverageLengths::up_to(sample as usize);
    let tree = |tree: StoredTree<S>| {
        let splits = std::iter::once(S::none()).chain(tree.splits).collect();
        Tree::new(splits, tree.rows, &lengths)
    };
    Ok(trees.into_iter().map(tree).collect())
}

impl<S: Split> StoredTree<S> {
    fn fault(&self, columns: usize, sample: u32, leaves: usize) -> Option<&'static str> {
        if self.splits.len() != leaves - 1 || self.rows.len() != leaves {
            return Some("it is not as high as its rows ask");
        }
        if !self.splits.iter().all(|split| split.is_sound(columns)) {
            return Some("a split is not finite, or asks a column that is not there");
        }
        // The parent of node i, from 1, is i / 2.
        let orphan = |at: usize| {
            let node = |at: usize| self.splits[at - 1].is_some();
            node(at) && !node(at / 2)
        };
        if (2..leaves).any(orphan) {
            return Some("a split below a node that parts nothing");
        }
        let rows: u64 = self.rows.iter().map(|rows| u64::from(*rows)).sum();
        if rows != u64::from(sample) {
            return Some("its leaves do not hold the rows that it was grown from");
        }
        None
    }
}

fn unsound(reason: String) -> ModelError {
    ModelError::Invalid {
        what: "isolation forest",
        reason,
    }
}
