//! One tree on all rows and columns, opened up: what a surrogate is made of.

use ndarray::ArrayView2;

use super::{MaxFeatures, RandomForest};
use crate::ModelError;

/// A step from a node to one of its children: the column's value is above `edge`, or is not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) column: usize,
    pub(crate) edge: f32,
    pub(crate) above: bool,
}

impl RandomForest {
    /// A forest of one tree, which asks each node's best column and knows all rows; NaN is missing.
    pub(crate) fn single(
        rows: ArrayView2<'_, f32>,
        labels: &[usize],
        classes: &[String],
        max_depth: usize,
        min_leaf: usize,
    ) -> Result<Self, ModelError> {
        let mut params = Self::params().trees(1).max_features(MaxFeatures::All);
        params.bootstrap = false;
        let params = params.max_depth(max_depth).min_leaf(min_leaf);
        params.fit_incomplete(rows, labels, classes)
    }

    /// The ways from the first tree's root to its leaves, from low values to high, each with the
    /// leaf's shares of the classes.
    pub(crate) fn ways(&self) -> Vec<(Vec<Step>, &[f32])> {
        let mut ways = Vec::new();
        let Some(tree) = self.trees.first() else {
            return ways;
        };
        let mut open = vec![(0, Vec::new())];
        while let Some((index, way)) = open.pop() {
            let node = &tree.nodes()[index as usize];
            if node.is_leaf() {
                ways.push((way, tree.answer(index)));
                continue;
            }
            let column = usize::from(node.feature);
            for above in [true, false] {
                let mut way: Vec<Step> = way.clone();
                way.push(Step {
                    column,
                    edge: self.edges.each()[column][usize::from(node.edge)],
                    above,
                });
                open.push((node.child(above), way));
            }
        }
        ways
    }
}
