//! One tree, laid out as a heap: the children of node `i` are `2 i` and `2 i + 1`.

use rand::Rng;

use super::path::AverageLengths;
use super::sample::Sample;
use super::split::Split;

/// Rows, or trees, that are walked side by side: enough that one's wait for memory hides behind
/// the others.
pub(super) const LANES: usize = 16;

/// A full tree. Where growing stopped early, nodes part nothing down to the bottom: every walk
/// takes the same number of steps, without a branch that could be guessed wrongly.
#[derive(Clone, Debug)]
pub(super) struct Tree<S> {
    height: u32,
    /// Nodes from 1 on; a power of two of them with the unused first.
    splits: Vec<S>,
    /// Training rows at each of the nodes below the splits.
    rows: Vec<u32>,
    /// Expected path length of the training rows of each node, splits first.
    lengths: Vec<f32>,
}

impl<S: Split> Tree<S> {
    /// Grown from `sample`, which has `rows` rows, as far as they differ, but never higher than a
    /// balanced tree: what lies deeper is usual.
    pub(super) fn grow(
        sample: &Sample,
        rows: u32,
        columns_per_split: usize,
        lengths: &AverageLengths,
        rng: &mut impl Rng,
    ) -> Self {
        let leaves = (rows as usize).next_power_of_two();
        let mut growing = Growing {
            sample,
            columns_per_split,
            splits: vec![S::none(); leaves],
            rows: vec![0; leaves],
        };
        let mut members: Vec<u32> = (0..rows).collect();
        growing.grow(1, &mut members, rng);
        Self::new(growing.splits, growing.rows, lengths)
    }

    /// From as many sound splits (the first unused) as counts of rows, a power of two, and none
    /// below a node that parts nothing; `lengths` reach to the sum of the rows.
    pub(super) fn new(splits: Vec<S>, rows: Vec<u32>, lengths: &AverageLengths) -> Self {
        let expected = expected_lengths(&splits, &rows, lengths);
        Self {
            height: splits.len().ilog2(),
            splits,
            rows,
            lengths: expected,
        }
    }

    pub(super) fn splits(&self) -> &[S] {
        &self.splits
    }

    pub(super) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// Expected path length before anything is asked.
    pub(super) fn root_length(&self) -> f64 {
        f64::from(self.lengths[1])
    }

    /// Path length of one row.
    pub(super) fn length(&self, row: &[f32]) -> f32 {
        let mut at = 1;
        for _ in 0..self.height {
            at = self.next(at, |column| row[column as usize]);
        }
        self.lengths[at]
    }

    /// Adds to `sums` the path lengths of [`LANES`] rows, of which `values` has one column after
    /// another.
    pub(super) fn add_lengths(&self, values: &[[f32; LANES]], sums: &mut [f64; LANES]) {
        let mut at = [1; LANES];
        for _ in 0..self.height {
            for (lane, at) in at.iter_mut().enumerate() {
                *at = self.next(*at, |column| values[column as usize][lane]);
            }
        }
        for (sum, at) in sums.iter_mut().zip(at) {
            *sum += f64::from(self.lengths[at]);
        }
    }

    /// Gives each column what its answers took off the expected path length of `row`.
    pub(super) fn credit(&self, row: &[f32], to: &mut [f64]) {
        let mut at = 1;
        while let Some(split) = self.splits.get(at).filter(|split| split.is_some()) {
            let next = self.next(at, |column| row[column as usize]);
            let shorter = f64::from(self.lengths[at]) - f64::from(self.lengths[next]);
            split.credit(row, shorter, to);
            at = next;
        }
    }

    fn next(&self, at: usize, value: impl Fn(u32) -> f32) -> usize {
        2 * at + usize::from(self.splits[at & (self.splits.len() - 1)].is_beyond(value))
    }
}

struct Growing<'a, S> {
    sample: &'a Sample,
    columns_per_split: usize,
    splits: Vec<S>,
    rows: Vec<u32>,
}

impl<S: Split> Growing<'_, S> {
    fn grow(&mut self, at: usize, members: &mut [u32], rng: &mut impl Rng) {
        if at < self.splits.len() && members.len() > 1 {
            let split = S::draw(self.sample, members, self.columns_per_split, rng);
            if let Some(split) = split {
                let near = partition(members, |member| {
                    split.is_beyond(|column| self.sample.value(member, column))
                });
                let (near, far) = members.split_at_mut(near);
                self.splits[at] = split;
                self.grow(2 * at, near, rng);
                self.grow(2 * at + 1, far, rng);
                return;
            }
        }
        let leaf = bottom(at, self.splits.len());
        self.rows[leaf - self.splits.len()] = members.len() as u32;
    }
}

/// The node at the bottom that rows reach from `at` when no node below it parts them.
fn bottom(mut at: usize, leaves: usize) -> usize {
    while at < leaves {
        at *= 2;
    }
    at
}

/// Puts the members beyond the split last; how many are not.
fn partition(members: &mut [u32], is_beyond: impl Fn(u32) -> bool) -> usize {
    let mut near = 0;
    for at in 0..members.len() {
        if !is_beyond(members[at]) {
            members.swap(at, near);
            near += 1;
        }
    }
    near
}

fn expected_lengths<S: Split>(splits: &[S], rows: &[u32], lengths: &AverageLengths) -> Vec<f32> {
    let leaves = splits.len();
    // Rows and the sum of their path lengths, of every node.
    let mut nodes = vec![(0_u32, 0.0_f64); 2 * leaves];
    let mut expected = vec![0.0; 2 * leaves];
    for at in (1..2 * leaves).rev() {
        nodes[at] = if splits.get(at).is_some_and(Split::is_some) {
            let ((near, shorter), (far, longer)) = (nodes[2 * at], nodes[2 * at + 1]);
            (near + far, shorter + longer)
        } else {
            let rows = rows[bottom(at, leaves) - leaves];
            let length = f64::from(at.ilog2()) + lengths.of(rows);
            (rows, length * f64::from(rows))
        };
        let (rows, sum) = nodes[at];
        expected[at] = (sum / f64::from(rows.max(1))) as f32;
    }
    // A walk ends at the bottom, wherever the tree did.
    for at in 1..leaves {
        if !splits[at].is_some() {
            expected[2 * at] = expected[at];
        }
    }
    expected
}
