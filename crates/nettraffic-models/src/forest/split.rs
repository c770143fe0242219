//! The best place to split a node by one feature.

use super::bins::{BinnedColumn, midpoint};

/// A training row in a node.
#[derive(Clone, Copy)]
pub(super) struct Item {
    pub(super) row: u32,
    pub(super) class: u16,
    /// How often the tree drew the row.
    pub(super) times: u16,
}

/// Rows of each class in a node, counted as often as drawn, and what they weigh.
pub(super) struct NodeClasses {
    pub(super) counts: Vec<u32>,
    pub(super) rows: u64,
    /// Gini's sum of squared class weights over the whole weight: the node's purity times its weight.
    pub(super) purity: f64,
}

/// A split of one node: rows of a bin up to `bin`, which are the values up to `threshold`, go left.
#[derive(Clone, Copy)]
pub(super) struct Split {
    pub(super) feature: usize,
    pub(super) bin: u8,
    pub(super) threshold: f32,
    /// Purity of both sides together; higher is better.
    pub(super) purity: f64,
}

/// Finds splits, keeping its histogram from one search to the next.
///
/// Class counts are integers and class weights enter only when a boundary is judged, so
/// the result does not depend on the order of rows.
pub(super) struct Splitter<'a> {
    class_weights: &'a [f64],
    min_leaf: u64,
    /// Rows of each class in each bin. All zero between searches.
    histogram: Vec<u32>,
    left: Vec<u32>,
}

impl<'a> Splitter<'a> {
    pub(super) fn new(class_weights: &'a [f64], min_leaf: usize) -> Self {
        let classes = class_weights.len();
        Self {
            class_weights,
            min_leaf: min_leaf as u64,
            histogram: vec![0; 256 * classes],
            left: vec![0; classes],
        }
    }

    pub(super) fn classes(&self, items: &[Item]) -> NodeClasses {
        let mut counts = vec![0; self.class_weights.len()];
        for item in items {
            counts[usize::from(item.class)] += u32::from(item.times);
        }
        NodeClasses {
            rows: counts.iter().map(|count| u64::from(*count)).sum(),
            purity: self.purity(counts.iter().copied()),
            counts,
        }
    }

    /// The best boundary among the bins of `column`; `None` when all rows lie in one bin, or no
    /// boundary leaves enough rows on both sides. Of equally good ones the lowest.
    pub(super) fn best(
        &mut self,
        feature: usize,
        column: &BinnedColumn,
        items: &[Item],
        node: &NodeClasses,
    ) -> Option<Split> {
        let classes = self.class_weights.len();
        let occupied = self.fill(column, items);
        self.left.fill(0);
        let mut left_rows = 0;
        let mut before: Option<usize> = None;
        let mut best: Option<(f64, usize, usize)> = None;
        for bin in occupied.iter() {
            let cells = bin * classes..(bin + 1) * classes;
            if self.histogram[cells.clone()]
                .iter()
                .all(|count| *count == 0)
            {
                continue;
            }
            if let Some(before) = before
                && left_rows >= self.min_leaf
                && node.rows - left_rows >= self.min_leaf
            {
                let purity = self.purity(self.left.iter().copied())
                    + self.purity(
                        self.left
                            .iter()
                            .zip(&node.counts)
                            .map(|(left, all)| all - left),
                    );
                if best.is_none_or(|(best, ..)| purity > best) {
                    best = Some((purity, before, bin));
                }
            }
            for (left, cell) in self.left.iter_mut().zip(&mut self.histogram[cells]) {
                *left += *cell;
                left_rows += u64::from(*cell);
                *cell = 0;
            }
            before = Some(bin);
        }
        // The threshold lies in the middle of the gap that the node's rows leave.
        best.map(|(purity, before, after)| Split {
            feature,
            bin: u8::try_from(before).unwrap_or(u8::MAX),
            threshold: midpoint(column.edges[before], column.edges[after - 1]),
            purity,
        })
    }

    /// Counts the classes per bin, and tells which bins may be occupied.
    fn fill(&mut self, column: &BinnedColumn, items: &[Item]) -> BinSet {
        let classes = self.class_weights.len();
        for item in items {
            let bin = usize::from(column.bins[item.row as usize]);
            self.histogram[bin * classes + usize::from(item.class)] += u32::from(item.times);
        }
        // A node of few rows must not pay for looking at every bin.
        if items.len() < column.len() {
            BinSet::of(items.iter().map(|item| column.bins[item.row as usize]))
        } else {
            BinSet::first(column.len())
        }
    }

    fn purity(&self, counts: impl Iterator<Item = u32>) -> f64 {
        let (mut squares, mut sum) = (0.0, 0.0);
        for (count, weight) in counts.zip(self.class_weights) {
            let weight = f64::from(count) * weight;
            squares += weight * weight;
            sum += weight;
        }
        if sum > 0.0 { squares / sum } else { 0.0 }
    }
}

/// A set of bins.
struct BinSet([u64; 4]);

impl BinSet {
    fn of(bins: impl Iterator<Item = u8>) -> Self {
        let mut words = [0; 4];
        for bin in bins {
            words[usize::from(bin >> 6)] |= 1 << (bin & 63);
        }
        Self(words)
    }

    fn first(count: usize) -> Self {
        Self(std::array::from_fn(|word| {
            match count.saturating_sub(word * 64) {
                0 => 0,
                64.. => u64::MAX,
                bits => (1 << bits) - 1,
            }
        }))
    }

    /// The bins, ascending.
    fn iter(&self) -> impl Iterator<Item = usize> + use<> {
        self.0
            .into_iter()
            .enumerate()
            .flat_map(|(index, mut word)| {
                std::iter::from_fn(move || {
                    let bit = word.trailing_zeros() as usize;
                    (word != 0).then(|| {
                        word &= word - 1;
                        index * 64 + bit
                    })
                })
            })
    }
}
