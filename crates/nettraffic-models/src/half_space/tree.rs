//! One tree, laid out as a heap: the children of node `i` are `2 i` and `2 i + 1`, the root is 1.

use rand::Rng;

use super::space::{Half, Ranges, Split};

/// Fewer reference rows than these in a node say too little to be parted further: a tenth of the
/// paper's windows of 250.
const FEW: u64 = 25;

/// A full tree of halvings, and the rows that came through each node.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Tree {
    /// Of the nodes above the leaves; the first belongs to no node.
    pub(super) splits: Vec<Split>,
    /// Rows of the reference in each node, leaves too; the first is unused.
    pub(super) reference: Vec<u64>,
    /// Rows of the window that is filling.
    pub(super) latest: Vec<u64>,
}

impl Tree {
    /// Halves `space` at random; no rows yet.
    pub(super) fn new(mut space: Ranges, height: u32, rng: &mut impl Rng) -> Self {
        let leaves = 1 << height;
        let none = Split { column: 0, at: 0.0 };
        let mut splits = vec![none; leaves];
        grow(&mut splits, 1, &mut space, rng);
        Self {
            splits,
            reference: vec![0; 2 * leaves],
            latest: vec![0; 2 * leaves],
        }
    }

    /// Counts a row of the window.
    pub(super) fn learn(&mut self, row: &[f32]) {
        let mut at = 1;
        while let Some(split) = self.splits.get(at) {
            self.latest[at] += 1;
            at = next(at, *split, row);
        }
        self.latest[at] += 1;
    }

    /// The window becomes the reference, and an empty one begins.
    pub(super) fn turn(&mut self) {
        std::mem::swap(&mut self.reference, &mut self.latest);
        self.latest.fill(0);
    }

    /// How much rarer, in doublings, reference rows are around `row` than if they were spread over
    /// all space; `credit` is told of each column that was asked what its answer made of that.
    pub(super) fn strangeness(&self, row: &[f32], mut credit: impl FnMut(u32, f32)) -> f32 {
        let mut at = 1;
        let mut sum = 0.0;
        while let Some(split) = self.splits.get(at).filter(|_| self.reference[at] > FEW) {
            let child = next(at, *split, row);
            // Half of the space with half of the rows is as dense as the whole.
            let share = rows(self.reference[child]) / rows(self.reference[at]);
            let rarer = -(2.0 * share).log2() as f32;
            credit(split.column, rarer);
            sum += rarer;
            at = child;
        }
        sum
    }
}

/// A row that never was counts half.
fn rows(count: u64) -> f64 {
    (count as f64).max(0.5)
}

fn next(at: usize, split: Split, row: &[f32]) -> usize {
    2 * at + usize::from(row[split.column as usize] > split.at)
}

fn grow(splits: &mut [Split], at: usize, space: &mut Ranges, rng: &mut impl Rng) {
    if at >= splits.len() {
        return;
    }
    let (split, half): (Split, Half) = space.halve(rng);
    splits[at] = split;
    space.in_halves(half, |space, side| grow(splits, 2 * at + side, space, rng));
}
