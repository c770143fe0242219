//! Growing one tree on a bootstrap sample.

use std::mem;
use std::rc::Rc;

use super::bins::BinnedColumn;
use super::bits::BitSet;
use super::random::Draws;
use super::split::{Count, Found, Item, NodeClasses, Split, Splitter, TOGETHER};
use super::tree::{Node, Tree};

/// What all trees of a forest share while they grow.
pub(super) struct Training<'a> {
    pub(super) columns: &'a [BinnedColumn],
    /// Class of each row.
    pub(super) labels: &'a [u16],
    /// What a row of each class weighs.
    pub(super) class_weights: &'a [f64],
    /// Features that a node draws.
    pub(super) features: usize,
    pub(super) max_depth: usize,
    pub(super) min_leaf: usize,
    /// Whether each tree draws its rows, or knows all of them.
    pub(super) bootstrap: bool,
}

/// A tree and what only its growing knows.
pub(super) struct Grown {
    pub(super) tree: Tree,
    pub(super) drawn: BitSet,
    /// Decrease of impurity by each column, in weight of rows.
    pub(super) importance: Vec<f64>,
}

/// A node whose rows are `items[start..end]`.
struct Pending {
    start: usize,
    end: usize,
    depth: usize,
    /// Known from the split that made the node; taken when it is looked at.
    classes: NodeClasses,
    /// Columns of one value among the node's rows, as far as nodes above have found: most columns
    /// of a category soon are, and cost nothing more.
    constant: Rc<BitSet>,
}

/// Grows a tree, node after node and level by level, until leaves are pure or too small.
pub(super) fn grow(training: &Training<'_>, seed: u64) -> Grown {
    let mut draws = Draws::new(seed);
    let (mut items, drawn) = draw_rows(training, &mut draws);
    let mut search = Search {
        training,
        draws,
        order: (0..training.columns.len()).collect(),
        splitter: Splitter::new(training.class_weights, training.min_leaf),
        left: Vec::new(),
    };
    let mut room = items.clone();
    let mut nodes = Vec::new();
    let mut distributions = Vec::new();
    let mut importance = vec![0.0; training.columns.len()];
    let mut pending = vec![Pending {
        start: 0,
        end: items.len(),
        depth: 0,
        classes: search.splitter.classes(&items),
        constant: Rc::new(search.constant_columns()),
    }];
    // The list of pending nodes grows while it is walked.
    while let Some(node) = pending.get_mut(nodes.len()) {
        let (start, end, depth) = (node.start, node.end, node.depth);
        let constant = &mut node.constant;
        let items = &mut items[start..end];
        let classes = mem::take(&mut node.classes);
        distribution(&classes, training.class_weights, &mut distributions);
        let split = if depth < training.max_depth {
            search.split(items, &classes, constant)
        } else {
            None
        };
        let constant = Rc::clone(constant);
        let Some(split) = split else {
            nodes.push(Node::leaf(index(nodes.len())));
            continue;
        };
        // Rounding can leave a gain of zero a little below it.
        importance[split.feature] += (split.purity - classes.purity).max(0.0);
        // At most 65,536 columns.
        let feature = u16::try_from(split.feature).unwrap_or(u16::MAX);
        nodes.push(Node::split(feature, split.edge, index(pending.len())));
        let bins = &training.columns[split.feature].bins;
        let middle = start
            + partition(items, &mut room, |item| {
                bins[item.row as usize] <= split.edge
            });
        let sides = classes.part(&search.left, training.class_weights);
        for ((start, end), classes) in [(start, middle), (middle, end)].into_iter().zip(sides) {
            pending.push(Pending {
                start,
                end,
                depth: depth + 1,
                classes,
                constant: Rc::clone(&constant),
            });
        }
    }
    Grown {
        tree: Tree::new(nodes, &distributions, training.class_weights.len()),
        drawn,
        importance,
    }
}

struct Search<'a> {
    training: &'a Training<'a>,
    draws: Draws,
    /// The columns, of which each node brings its own choice to the front.
    order: Vec<usize>,
    splitter: Splitter<'a>,
    /// Rows of each class on the left of the split that was found last.
    left: Vec<Count>,
}

impl Search<'_> {
    /// The columns of one bin.
    fn constant_columns(&self) -> BitSet {
        let mut constant = BitSet::new(self.order.len());
        for (index, _) in (self.training.columns.iter().enumerate()).filter(|(_, c)| c.len() < 2) {
            constant.insert(index);
        }
        constant
    }

    /// The best split among the features that the node draws. Adds to `constant` those that turn
    /// out to have one value.
    fn split(
        &mut self,
        items: &[Item],
        node: &NodeClasses,
        constant: &mut Rc<BitSet>,
    ) -> Option<Split> {
        let pure = node.counts.iter().filter(|count| !count.is_zero()).count() < 2;
        if pure || node.rows < (self.training.min_leaf as u64).saturating_mul(2) {
            return None;
        }
        let mut best: Option<Split> = None;
        let mut varied = false;
        let mut drawn = 0;
        let mut together = Vec::with_capacity(TOGETHER);
        loop {
            together.clear();
            while drawn < self.order.len() && together.len() < TOGETHER {
                // Past the intended number, one after another until one varies.
                if drawn >= self.training.features && (varied || !together.is_empty()) {
                    break;
                }
                let feature = self.draw(drawn);
                drawn += 1;
                if !constant.contains(feature) {
                    together.push(feature);
                }
            }
            if together.is_empty() {
                return best;
            }
            self.splitter.fill(&together, self.training.columns, items);
            for (histogram, &feature) in together.iter().enumerate() {
                let column = &self.training.columns[feature];
                match self.splitter.best(histogram, feature, column, items, node) {
                    Found::Constant => Rc::make_mut(constant).insert(feature),
                    Found::TooFewRows => varied = true,
                    Found::Split(split) => {
                        varied = true;
                        if best.is_none_or(|best| split.purity > best.purity) {
                            best = Some(split);
                            self.left.clear();
                            self.left.extend(self.splitter.left_of_best());
                        }
                    }
                }
            }
        }
    }

    /// A column that the node has not drawn yet, put behind the `drawn` ones that it has.
    fn draw(&mut self, drawn: usize) -> usize {
        let choice = drawn + self.draws.below(self.order.len() - drawn);
        self.order.swap(drawn, choice);
        self.order[drawn]
    }
}

/// As many rows as there are, drawn with replacement, or all; in the order of the rows, so that
/// columns are read forwards.
fn draw_rows(training: &Training<'_>, draws: &mut Draws) -> (Vec<Item>, BitSet) {
    let labels = training.labels;
    let mut times = vec![u16::from(!training.bootstrap); labels.len()];
    if training.bootstrap {
        for _ in 0..labels.len() {
            let times = &mut times[draws.below(labels.len())];
            *times = times.saturating_add(1);
        }
    }
    let mut drawn = BitSet::new(labels.len());
    for (row, _) in times.iter().enumerate().filter(|(_, times)| **times > 0) {
        drawn.insert(row);
    }
    let items = (0..)
        .zip(labels.iter().zip(&times))
        .filter(|(_, (_, times))| **times > 0)
        .map(|(row, (class, times))| Item {
            row,
            class: *class,
            times: *times,
        })
        .collect();
    (items, drawn)
}

/// Adds the weighted shares of the classes, which sum to 1.
fn distribution(node: &NodeClasses, weights: &[f64], into: &mut Vec<f32>) {
    let weighted = || {
        node.counts
            .iter()
            .zip(weights)
            .map(|(count, weight)| count.drawn() * weight)
    };
    let sum: f64 = weighted().sum();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "probabilities need no more digits"
    )]
    into.extend(weighted().map(|weight| (weight / sum) as f32));
}

/// Moves the items that go left to the front, keeping the order on both sides, and counts them. `room` holds at
/// least as many.
fn partition(items: &mut [Item], room: &mut [Item], goes_left: impl Fn(&Item) -> bool) -> usize {
    let (mut left, mut right) = (0, 0);
    for index in 0..items.len() {
        let item = items[index];
        let goes_left = goes_left(&item);
        // To both sides, where the next item overwrites it on the wrong one: no jump that could be guessed wrong.
        items[left] = item;
        room[right] = item;
        left += usize::from(goes_left);
        right += usize::from(!goes_left);
    }
    items[left..].copy_from_slice(&room[..right]);
    left
}

/// Rows are counted in `u32`, and a tree has fewer than two nodes for each.
fn index(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
