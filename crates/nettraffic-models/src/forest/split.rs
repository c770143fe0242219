//! The best place to split a node by one feature.

use std::mem;
use std::ops::{AddAssign, Sub};

use super::bins::{BinnedColumn, MAX_BINS};

/// Columns whose histograms are filled in one pass over a node's rows: each waits for its own
/// memory, so together they wait little longer than one.
pub(super) const TOGETHER: usize = 4;

/// A training row in a node.
#[derive(Clone, Copy)]
pub(super) struct Item {
    pub(super) row: u32,
    pub(super) class: u16,
    /// How often the tree drew the row.
    pub(super) times: u16,
}

/// Two counts in one integer, so that one addition adds both: rows, and rows as often as drawn.
/// Exact, as there are at most 2^31 of either.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count(u64);

impl Count {
    fn rows(self) -> u64 {
        self.0 >> 32
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the lower half is the count"
    )]
    pub(super) fn drawn(self) -> f64 {
        f64::from(self.0 as u32)
    }

    pub(super) fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl From<&Item> for Count {
    fn from(item: &Item) -> Self {
        Self(1 << 32 | u64::from(item.times))
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Count {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

/// Rows of each class in a node, and what they weigh.
#[derive(Default)]
pub(super) struct NodeClasses {
    pub(super) counts: Vec<Count>,
    /// Rows, however often each was drawn.
    pub(super) rows: u64,
    /// Gini's sum of squared class weights over the whole weight: the node's purity times its weight.
    pub(super) purity: f64,
}

impl NodeClasses {
    pub(super) fn new(counts: Vec<Count>, class_weights: &[f64]) -> Self {
        Self {
            rows: counts.iter().map(|count| count.rows()).sum(),
            purity: purity(class_weights, counts.iter().copied()),
            counts,
        }
    }

    /// What a split, `left` of which these are, makes of the node: the left side and the right.
    pub(super) fn part(&self, left: &[Count], class_weights: &[f64]) -> [Self; 2] {
        let right = self.counts.iter().zip(left);
        let right = right.map(|(all, left)| *all - *left).collect();
        [left.to_vec(), right].map(|counts| Self::new(counts, class_weights))
    }
}

/// A split of one node: rows of a bin up to `edge`, which are the values up to that edge, go left.
#[derive(Clone, Copy)]
pub(super) struct Split {
    pub(super) feature: usize,
    pub(super) edge: u8,
    /// Purity of both sides together; higher is better.
    pub(super) purity: f64,
}

/// What a search in one column of a node has found.
pub(super) enum Found {
    /// The column has one value among the node's rows.
    Constant,
    /// No boundary leaves enough rows on both sides.
    TooFewRows,
    /// The best boundary, the lowest of equally good ones.
    Split(Split),
}

/// Finds splits, keeping its histograms from one search to the next.
///
/// Counts are integers and class weights enter only when a boundary is judged, so
/// the result does not depend on the order of rows.
pub(super) struct Splitter<'a> {
    class_weights: &'a [f64],
    min_leaf: u64,
    /// For each class, and each of the columns that are searched together, rows in each bin.
    /// All zero between searches. Arrays of 256, so that a byte is always a place in them.
    histograms: Vec<[[Count; MAX_BINS]; TOGETHER]>,
    left: Vec<Count>,
    /// What lies left of the boundary that was found last.
    left_of_best: Vec<Count>,
}

impl<'a> Splitter<'a> {
    pub(super) fn new(class_weights: &'a [f64], min_leaf: usize) -> Self {
        let classes = class_weights.len();
        Self {
            class_weights,
            min_leaf: min_leaf as u64,
            histograms: vec![[[Count::default(); MAX_BINS]; TOGETHER]; classes],
            left: vec![Count::default(); classes],
            left_of_best: vec![Count::default(); classes],
        }
    }

    /// Rows of each class on the left of the split that [`best`](Self::best) found last.
    pub(super) fn left_of_best(&self) -> &[Count] {
        &self.left_of_best
    }

    pub(super) fn classes(&self, items: &[Item]) -> NodeClasses {
        let mut counts = vec![Count::default(); self.class_weights.len()];
        for item in items {
            counts[usize::from(item.class)] += item.into();
        }
        NodeClasses::new(counts, self.class_weights)
    }

    /// Counts the classes in each bin of `features`, at most [`TOGETHER`] of them: histogram `i` is that of
    /// `features[i]`.
    pub(super) fn fill(&mut self, features: &[usize], columns: &[BinnedColumn], items: &[Item]) {
        let bins = |index: usize| columns[features[index]].bins.as_slice();
        match features.len() {
            4 => self.count(std::array::from_fn::<_, 4, _>(bins), items),
            3 => self.count(std::array::from_fn::<_, 3, _>(bins), items),
            2 => self.count(std::array::from_fn::<_, 2, _>(bins), items),
            1 => self.count(std::array::from_fn::<_, 1, _>(bins), items),
            _ => {}
        }
    }

    fn count<const COLUMNS: usize>(&mut self, columns: [&[u8]; COLUMNS], items: &[Item]) {
        // Cut to one length, which is then compared once for all columns: this loop is most of fitting.
        let rows = columns.iter().map(|bins| bins.len()).min().unwrap_or(0);
        let columns = columns.map(|bins| &bins[..rows]);
        for item in items {
            let row = item.row as usize;
            let histograms = &mut self.histograms[usize::from(item.class)];
            for (bins, histogram) in columns.iter().zip(histograms) {
                histogram[usize::from(bins[row])] += item.into();
            }
        }
    }

    /// The best boundary in a filled histogram, which is emptied.
    pub(super) fn best(
        &mut self,
        histogram: usize,
        feature: usize,
        column: &BinnedColumn,
        items: &[Item],
        node: &NodeClasses,
    ) -> Found {
        let Self {
            class_weights,
            min_leaf,
            histograms,
            left,
            left_of_best,
        } = self;
        // A node of few rows must not pay for looking at every bin.
        let occupied = if items.len() < column.len() {
            BinSet::of(items.iter().map(|item| column.bins[item.row as usize]))
        } else {
            BinSet::first(column.len())
        };
        left.fill(Count::default());
        let mut left_rows = 0;
        let mut varied = false;
        let mut before: Option<usize> = None;
        let mut best: Option<(f64, usize, usize)> = None;
        for bin in occupied.iter() {
            let cells = || histograms.iter().map(|of_class| of_class[histogram][bin]);
            if cells().all(Count::is_zero) {
                continue;
            }
            varied |= before.is_some();
            if let Some(before) = before
                && left_rows >= *min_leaf
                && node.rows - left_rows >= *min_leaf
            {
                let right = node
                    .counts
                    .iter()
                    .zip(&*left)
                    .map(|(all, left)| *all - *left);
                let purity =
                    purity(class_weights, left.iter().copied()) + purity(class_weights, right);
                if best.is_none_or(|(best, ..)| purity > best) {
                    best = Some((purity, before, bin));
                    left_of_best.copy_from_slice(left);
                }
            }
            for (left, of_class) in left.iter_mut().zip(&mut *histograms) {
                let cell = mem::take(&mut of_class[histogram][bin]);
                *left += cell;
                left_rows += cell.rows();
            }
            before = Some(bin);
        }
        // The middle one of the edges in the gap that the node's rows leave.
        match best {
            Some((purity, before, after)) => Found::Split(Split {
                feature,
                // Fewer than 255, as the last bin has no upper edge.
                edge: u8::try_from(usize::midpoint(before, after - 1)).unwrap_or(u8::MAX),
                purity,
            }),
            None if varied => Found::TooFewRows,
            None => Found::Constant,
        }
    }
}

fn purity(class_weights: &[f64], counts: impl Iterator<Item = Count>) -> f64 {
    let (mut squares, mut sum) = (0.0, 0.0);
    for (count, weight) in counts.zip(class_weights) {
        let weight = count.drawn() * weight;
        squares += weight * weight;
        sum += weight;
    }
    if sum > 0.0 { squares / sum } else { 0.0 }
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
