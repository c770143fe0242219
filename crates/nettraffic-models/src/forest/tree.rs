//! A fitted tree as flat arrays.

/// Walks that go on side by side: enough that one's wait for memory hides behind the others.
pub(super) const LANES: usize = 8;
/// In place of a class: the leaf has several.
const MIXED: u8 = u8::MAX;

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
    /// The only class of a leaf, if it has a number below 255.
    only: u8,
}

impl Node {
    /// A node that asks whether a row's code for `feature` is above `edge`.
    pub(super) fn split(feature: u16, edge: u8, child: u32) -> Self {
        Self {
            child,
            feature,
            edge,
            only: MIXED,
        }
    }

    /// The leaf of a number, with the shares of its classes.
    pub(super) fn leaf(index: u32, shares: &[f32]) -> Self {
        let only = shares.iter().position(|share| *share == 1.0);
        Self {
            child: index,
            feature: 0,
            edge: u8::MAX,
            only: only.map_or(MIXED, |class| u8::try_from(class).unwrap_or(MIXED)),
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

/// A tree, its nodes level by level: children come after their parent, so every walk ends.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// Class distributions: of each class alone, then of the training rows in each node.
    /// Most leaves are of one class, and those share what is therefore always in the cache.
    distributions: Vec<f32>,
    classes: usize,
}

impl Tree {
    /// The caller vouches for children that come after their parent, and `classes`
    /// values of `distributions` for each node.
    pub(super) fn new(nodes: Vec<Node>, distributions: &[f32], classes: usize) -> Self {
        debug_assert_eq!(distributions.len(), nodes.len() * classes);
        let alone = (0..classes * classes).map(|at| f32::from(u8::from(at % (classes + 1) == 0)));
        Self {
            nodes,
            distributions: alone.chain(distributions.iter().copied()).collect(),
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
        &self.distributions[self.classes * self.classes..]
    }

    /// Class distribution in a node.
    pub(super) fn distribution(&self, node: u32) -> &[f32] {
        let first = node as usize * self.classes;
        &self.distributions()[first..first + self.classes]
    }

    /// Class distribution that a leaf answers with.
    pub(super) fn answer(&self, leaf: u32) -> &[f32] {
        let only = self.nodes[leaf as usize].only;
        let place = if only == MIXED {
            self.classes + leaf as usize
        } else {
            usize::from(only)
        };
        let first = place * self.classes;
        &self.distributions[first..first + self.classes]
    }

    /// The leaves that rows of codes reach; `starts` says where in `codes` the rows begin.
    pub(super) fn leaves(&self, codes: &[u8], starts: &[usize; LANES]) -> [u32; LANES] {
        let nodes = self.nodes.as_slice();
        walk(|lane, at| {
            let node = &nodes[at as usize];
            let code = codes[starts[lane] + usize::from(node.feature)];
            node.child(code > node.edge)
        })
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
