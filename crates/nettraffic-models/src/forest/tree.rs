//! A fitted tree as flat arrays.

/// Trees that a single row walks side by side: one's wait for memory hides behind the others.
pub(super) const LANES: usize = 8;
/// Steps that a row takes before it is asked whether it has arrived. Few enough that rows near the root do not
/// wait for long in their leaf, and without a jump, so that the processor starts on the next rows while
/// one waits for its memory.
const ROUND: usize = 4;
/// In place of a pure leaf's distribution: the leaf answers with its own.
const OWN: u8 = u8::MAX;

/// A node. A row whose code for the feature is above `edge` goes to `child + 1`, any other to `child`.
///
/// A leaf is its own child behind an edge that no code exceeds, so that rows which have
/// arrived stay, and rows of different depth can walk in step without a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    child: u32,
    pub(super) feature: u16,
    /// Place of the threshold among the feature's edges; 255 in a leaf.
    pub(super) edge: u8,
    /// Place of a leaf's distribution among those that pure leaves share.
    shared: u8,
}

impl Node {
    /// A node that asks whether a row's code for `feature` is above `edge`.
    pub(super) fn split(feature: u16, edge: u8, child: u32) -> Self {
        Self {
            child,
            feature,
            edge,
            shared: OWN,
        }
    }

    /// The leaf of a number.
    pub(super) fn leaf(index: u32) -> Self {
        Self {
            child: index,
            feature: 0,
            edge: u8::MAX,
            shared: OWN,
        }
    }

    pub(super) fn is_leaf(&self) -> bool {
        self.edge == u8::MAX
    }

    /// The child of values above the edge, or the other one.
    pub(super) fn child(&self, above: bool) -> u32 {
        self.child + u32::from(above)
    }

    fn next(&self, codes: &[u8]) -> u32 {
        self.child(codes[usize::from(self.feature)] > self.edge)
    }
}

/// A row of a block on its way through a tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk {
    row: u32,
    at: u32,
}

impl Walk {
    /// The row of that number, at the root.
    pub(super) fn of(row: u32) -> Self {
        Self { row, at: 0 }
    }
}

/// A tree, its nodes level by level: children come after their parent, so every walk ends.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// Class distributions: those that pure leaves share, then those of the training rows in each node.
    /// Most leaves are pure, and what they share is therefore always in the cache.
    distributions: Vec<f32>,
    /// How many distributions are shared: one for each class of pure leaves, at most [`OWN`].
    shared: usize,
    classes: usize,
}

impl Tree {
    /// The caller vouches for children that come after their parent, and `classes`
    /// values of `distributions` for each node.
    pub(super) fn new(mut nodes: Vec<Node>, distributions: &[f32], classes: usize) -> Self {
        debug_assert_eq!(distributions.len(), nodes.len() * classes);
        let mut places = vec![OWN; classes];
        let mut all = Vec::new();
        let mut next = 0;
        for (node, shares) in nodes.iter_mut().zip(distributions.chunks_exact(classes)) {
            let is_pure = shares.iter().all(|share| *share == 0.0 || *share == 1.0);
            let only = shares.iter().position(|share| *share == 1.0);
            let Some(class) = only.filter(|_| is_pure && node.is_leaf()) else {
                continue;
            };
            if places[class] == OWN && next < OWN {
                places[class] = next;
                next += 1;
                all.extend_from_slice(shares);
            }
            node.shared = places[class];
        }
        all.extend_from_slice(distributions);
        Self {
            nodes,
            distributions: all,
            shared: usize::from(next),
            classes,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub(super) fn nodes_mut(&mut self) -> &mut [Node] {
        &mut self.nodes
    }

    /// Class distributions of the nodes, one after another.
    pub(super) fn distributions(&self) -> &[f32] {
        &self.distributions[self.shared * self.classes..]
    }

    /// Class distribution in a node.
    pub(super) fn distribution(&self, node: u32) -> &[f32] {
        let first = node as usize * self.classes;
        &self.distributions()[first..first + self.classes]
    }

    /// Class distribution that a leaf answers with.
    pub(super) fn answer(&self, leaf: u32) -> &[f32] {
        let shared = self.nodes[leaf as usize].shared;
        let place = if shared == OWN {
            self.shared + leaf as usize
        } else {
            usize::from(shared)
        };
        let first = place * self.classes;
        &self.distributions[first..first + self.classes]
    }

    /// Walks each of `rows`, of `columns` codes each, to its leaf, whose number goes to the row's place in `leaves`.
    /// `rows` serves as room, and is empty then.
    pub(super) fn find_leaves(
        &self,
        codes: &[u8],
        columns: usize,
        rows: &mut Vec<Walk>,
        leaves: &mut [u32],
    ) {
        let nodes = self.nodes.as_slice();
        while !rows.is_empty() {
            let mut walking = 0;
            for index in 0..rows.len() {
                let Walk { row, mut at } = rows[index];
                let first = row as usize * columns;
                let codes = &codes[first..first + columns];
                for _ in 0..ROUND {
                    at = nodes[at as usize].next(codes);
                }
                // Who has arrived is overwritten by who comes next: no jump that could be guessed wrong.
                leaves[row as usize] = at;
                rows[walking] = Walk { row, at };
                walking += usize::from(!nodes[at as usize].is_leaf());
            }
            rows.truncate(walking);
        }
    }

    /// The leaves that one row reaches in several trees.
    pub(super) fn leaves_of(trees: [&Self; LANES], codes: &[u8]) -> [u32; LANES] {
        let nodes = trees.map(|tree| tree.nodes.as_slice());
        walk(|lane, at| nodes[lane][at as usize].next(codes))
    }

    /// Each step of a row's walk: the feature that was asked, the node, and the one after it.
    pub(super) fn path<'a>(
        &'a self,
        codes: &'a [u8],
    ) -> impl Iterator<Item = (usize, u32, u32)> + 'a {
        let mut at = 0;
        std::iter::from_fn(move || {
            let node = &self.nodes[at as usize];
            let from = at;
            at = node.next(codes);
            (at != from).then_some((usize::from(node.feature), from, at))
        })
    }
}

/// Takes steps from the root in all lanes until none moves.
fn walk(next: impl Fn(usize, u32) -> u32) -> [u32; LANES] {
    let mut at = [0; LANES];
    loop {
        let mut moved = 0;
        for (lane, at) in at.iter_mut().enumerate() {
            let after = next(lane, *at);
            moved |= after ^ *at;
            *at = after;
        }
        if moved == 0 {
            return at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree that is no tree, of pure leaves only.
    fn leaves(count: usize, classes: usize) -> Tree {
        let nodes = (0..).map(Node::leaf).take(count).collect();
        let share = |at| f32::from(u8::from(at / classes % classes == at % classes));
        let distributions: Vec<f32> = (0..count * classes).map(share).collect();
        Tree::new(nodes, &distributions, classes)
    }

    #[test]
    fn memory_grows_with_the_nodes_and_not_with_the_square_of_the_classes() {
        assert!(leaves(1, 1_024).distributions.len() <= 2 * 1_024);
        assert!(leaves(2_000, 3).distributions.len() <= 2_003 * 3);
    }

    #[test]
    fn every_leaf_answers_with_its_distribution() {
        for (count, classes) in [(1, 1), (7, 3), (600, 254), (600, 255), (600, 300)] {
            let tree = leaves(count, classes);
            for leaf in (0..).take(count) {
                assert_eq!(
                    tree.answer(leaf),
                    tree.distribution(leaf),
                    "{leaf} of {classes}"
                );
            }
        }
    }
}
