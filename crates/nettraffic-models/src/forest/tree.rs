//! A fitted tree as flat arrays.

/// Rows that walk a tree side by side: enough that one's wait for memory hides behind the others.
pub(super) const LANES: usize = 8;

/// A node. A value above the threshold goes to `child + 1`, any other to `child`.
///
/// A leaf is its own child behind a threshold that nothing exceeds, so that rows which have
/// arrived stay, and rows of different depth can walk in step without a branch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) feature: u32,
    pub(super) threshold: f32,
    pub(super) child: u32,
}

impl Node {
    pub(super) fn leaf(index: u32) -> Self {
        Self {
            feature: 0,
            threshold: f32::INFINITY,
            child: index,
        }
    }

    pub(super) fn is_leaf(&self) -> bool {
        self.threshold == f32::INFINITY
    }

    fn next(&self, row: &[f32]) -> u32 {
        self.child + u32::from(row[self.feature as usize] > self.threshold)
    }
}

/// A tree, its nodes level by level: children come after their parent, so every walk ends.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// Class distribution of the training rows in each node, one after another.
    distributions: Vec<f32>,
    classes: usize,
}

impl Tree {
    /// The caller vouches for children that come after their parent, and `classes`
    /// values for each node.
    pub(super) fn new(nodes: Vec<Node>, distributions: Vec<f32>, classes: usize) -> Self {
        debug_assert_eq!(distributions.len(), nodes.len() * classes);
        Self {
            nodes,
            distributions,
            classes,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub(super) fn distributions(&self) -> &[f32] {
        &self.distributions
    }

    /// Class distribution in a node.
    pub(super) fn distribution(&self, node: u32) -> &[f32] {
        let first = node as usize * self.classes;
        &self.distributions[first..first + self.classes]
    }

    /// The leaf that a row reaches.
    pub(super) fn leaf(&self, row: &[f32]) -> u32 {
        let mut at = 0;
        loop {
            let next = self.nodes[at as usize].next(row);
            if next == at {
                return at;
            }
            at = next;
        }
    }

    /// The leaves that rows reach, as [`Tree::leaf`] tells for each; `starts` says where in `values` the rows begin.
    pub(super) fn leaves(&self, values: &[f32], starts: &[usize; LANES]) -> [u32; LANES] {
        let mut at = [0; LANES];
        loop {
            let mut moved = 0;
            for (at, start) in at.iter_mut().zip(starts) {
                let node = &self.nodes[*at as usize];
                let value = values[start + node.feature as usize];
                let next = node.child + u32::from(value > node.threshold);
                moved |= next ^ *at;
                *at = next;
            }
            if moved == 0 {
                return at;
            }
        }
    }

    /// Each step of a row's walk: the feature that was asked, the node, and the one after it.
    pub(super) fn path<'a>(
        &'a self,
        row: &'a [f32],
    ) -> impl Iterator<Item = (usize, u32, u32)> + 'a {
        let mut at = 0;
        std::iter::from_fn(move || {
            let node = &self.nodes[at as usize];
            let from = at;
            at = node.next(row);
            (at != from).then_some((node.feature as usize, from, at))
        })
    }
}
