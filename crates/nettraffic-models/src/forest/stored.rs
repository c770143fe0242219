//! The stored form of a forest, and what is checked in reading it.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::RandomForest;
use super::edges::Edges;
use super::fit::{MAX_COLUMNS, check_classes};
use super::params::{MAX_DEPTH, MAX_TREES};
use super::tree::{Node, Tree};
use crate::ModelError;

/// How far from 1 the sum of a distribution may be: 1,024 roundings to `f32`, with room.
const SUM_TOLERANCE: f32 = 1e-3;

#[derive(Serialize, Deserialize)]
struct StoredForest {
    classes: Vec<String>,
    /// Whether NaN is a missing value.
    missing: bool,
    /// For each column, ascending, what its nodes compare with.
    edges: Vec<Vec<f32>>,
    importance: Vec<f64>,
    out_of_bag_error: Option<f64>,
    trees: Vec<StoredTree>,
}

/// Nodes level by level. Children are not stored: those of the k-th node that splits are the nodes
/// 2k + 1 and 2k + 2, so no stored tree can have a cycle, or a node of two parents.
#[derive(Serialize, Deserialize)]
struct StoredTree {
    /// For each node 0 for a leaf, else 1 + the column that it asks.
    columns: Vec<u32>,
    /// For each node that splits, in order, the place of its threshold among the column's edges.
    edges: Vec<u8>,
    /// For each node the shares of the classes.
    distributions: Vec<f32>,
}

impl Serialize for RandomForest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        StoredForest {
            classes: self.classes.clone(),
            missing: self.missing,
            edges: self.edges.each().to_vec(),
            importance: self.importance.clone(),
            out_of_bag_error: self.out_of_bag_error,
            trees: self.trees.iter().map(StoredTree::from).collect(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RandomForest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(StoredForest::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl From<&Tree> for StoredTree {
    fn from(tree: &Tree) -> Self {
        let splits = || tree.nodes().iter().filter(|node| !node.is_leaf());
        let column = |node: &Node| match node.is_leaf() {
            true => 0,
            false => u32::from(node.feature) + 1,
        };
        Self {
            columns: tree.nodes().iter().map(column).collect(),
            edges: splits().map(|node| node.edge).collect(),
            distributions: tree.distributions().to_vec(),
        }
    }
}

impl TryFrom<StoredForest> for RandomForest {
    type Error = ModelError;

    fn try_from(stored: StoredForest) -> Result<Self, ModelError> {
        let StoredForest {
            classes,
            missing,
            edges,
            importance,
            out_of_bag_error,
            trees,
        } = stored;
        check_classes(&classes).map_err(|expected| unsound(format!("not {expected}")))?;
        require((1..=MAX_COLUMNS).contains(&edges.len()), || {
            format!("{} columns", edges.len())
        })?;
        require(importance.len() == edges.len(), || {
            format!("{} importances", importance.len())
        })?;
        let edges = Edges::new(edges, missing)
            .ok_or_else(|| unsound("edges that do not ascend".to_owned()))?;
        let share = |value: f64| (0.0..=1.0 + f64::from(SUM_TOLERANCE)).contains(&value);
        require(importance.iter().copied().all(share), || {
            "an importance that is no share".to_owned()
        })?;
        require(out_of_bag_error.is_none_or(share), || {
            "an out-of-bag error that is no share".to_owned()
        })?;
        require((1..=MAX_TREES).contains(&trees.len()), || {
            format!("{} trees", trees.len())
        })?;
        let trees = trees
            .into_iter()
            .enumerate()
            .map(|(index, tree)| {
                tree.check(&edges, classes.len())
                    .map_err(|reason| unsound(format!("tree {index}: {reason}")))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            classes,
            missing,
            edges,
            trees,
            importance,
            out_of_bag_error,
        })
    }
}

impl StoredTree {
    /// The tree, unless its parts do not fit together.
    fn check(self, edges: &Edges, classes: usize) -> Result<Tree, String> {
        let count = self.columns.len();
        if u32::try_from(count).is_err() {
            return Err(format!("{count} nodes"));
        }
        if Some(self.distributions.len()) != count.checked_mul(classes) {
            return Err(format!(
                "{} shares for {count} nodes",
                self.distributions.len()
            ));
        }
        if !self
            .distributions
            .chunks_exact(classes)
            .all(is_distribution)
        {
            return Err("shares of classes that do not sum to 1".to_owned());
        }
        let mut asked = self.edges.iter();
        let mut depths = vec![0_usize];
        let mut nodes = Vec::with_capacity(count);
        for (index, column) in (0_u32..).zip(&self.columns) {
            // Children wait in line behind all nodes before them: a node that none has announced has no parent.
            let Some(&depth) = depths.get(nodes.len()) else {
                return Err(format!("node {index} has no parent"));
            };
            let Some(feature) = column.checked_sub(1) else {
                nodes.push(Node::leaf(index));
                continue;
            };
            let Some(column) = edges.each().get(feature as usize) else {
                return Err(format!("node {index} asks column {feature}"));
            };
            let Some(edge) = asked
                .next()
                .filter(|edge| usize::from(**edge) < column.len())
            else {
                return Err(format!("node {index} has no edge"));
            };
            if depth >= MAX_DEPTH {
                return Err(format!("more than {MAX_DEPTH} splits deep"));
            }
            let child = u32::try_from(depths.len()).map_err(|_| "too many nodes".to_owned())?;
            depths.extend([depth + 1; 2]);
            let feature = u16::try_from(feature).map_err(|_| "too many columns".to_owned())?;
            nodes.push(Node::split(feature, *edge, child));
        }
        if depths.len() != count || asked.next().is_some() {
            return Err(format!("{count} nodes, {} announced", depths.len()));
        }
        Ok(Tree::new(nodes, &self.distributions, classes))
    }
}

fn is_distribution(shares: &[f32]) -> bool {
    shares.iter().all(|share| (0.0..=1.0).contains(share))
        && (shares.iter().sum::<f32>() - 1.0).abs() <= SUM_TOLERANCE
}

fn require(sound: bool, reason: impl FnOnce() -> String) -> Result<(), ModelError> {
    if sound {
        Ok(())
    } else {
        Err(unsound(reason()))
    }
}

fn unsound(reason: String) -> ModelError {
    ModelError::Invalid {
        what: "random forest",
        reason,
    }
}
