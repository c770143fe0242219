//! Class probabilities of rows.

use std::array;

use ndarray::{Array2, ArrayView1, ArrayView2, CowArray, Ix1, Ix2};
use rayon::prelude::*;

use super::RandomForest;
use super::tree::{LANES, Tree, Walk};
use crate::{Classifier, ModelError, check};

/// Codes of the rows that go through all trees together: with a tree they fit into a core's cache.
const BLOCK_CODES: usize = 1 << 17;
/// Columns up to which a single row's codes take no memory from the heap.
const FEW_COLUMNS: usize = 512;

impl Classifier for RandomForest {
    fn classes(&self) -> &[String] {
        &self.classes
    }

    /// Runs on the current rayon pool when there are more rows than a block, which holds 128 KiB of
    /// rows at a byte a column.
    fn probabilities(&self, x: ArrayView2<'_, f32>) -> Result<Array2<f32>, ModelError> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "probabilities need no more digits"
        )]
        Ok(self.mean_leaves(x)?.mapv(|probability| probability as f32))
    }
}

impl RandomForest {
    /// Class probabilities before rounding.
    pub(super) fn mean_leaves(&self, x: ArrayView2<'_, f32>) -> Result<Array2<f64>, ModelError> {
        let rows = self.checked(&x)?;
        let mut sums = Array2::zeros((rows.nrows(), self.classes.len()));
        if let (Some(rows), Some(sums)) = (rows.as_slice(), sums.as_slice_mut()) {
            let block = block_rows(self.columns());
            let blocks = sums.chunks_mut(block * self.classes.len());
            let rows = rows.chunks(block * self.columns());
            if blocks.len() > 1 {
                let mut both: Vec<_> = rows.zip(blocks).collect();
                both.par_iter_mut()
                    .for_each(|(rows, sums)| self.add_rows(rows, sums));
            } else {
                rows.zip(blocks)
                    .for_each(|(rows, sums)| self.add_rows(rows, sums));
            }
        }
        sums /= self.tree_count();
        Ok(sums)
    }

    /// Mean over the trees of one class's share in the leaf that a row reaches; in its last digit
    /// the same as for many rows.
    pub(super) fn mean_share(
        &self,
        row: ArrayView1<'_, f32>,
        class: usize,
    ) -> Result<f64, ModelError> {
        self.with_codes(row, |codes| {
            let mut sum = 0.0;
            for trees in self.trees.chunks(LANES) {
                // A lane without a tree of its own repeats the first one's walk.
                let lanes = array::from_fn(|lane| trees.get(lane).unwrap_or(&trees[0]));
                for (tree, leaf) in trees.iter().zip(Tree::leaves_of(lanes, codes)) {
                    sum += f64::from(tree.answer(leaf)[class]);
                }
            }
            sum / self.tree_count()
        })
    }

    /// Gives `work` the codes of a checked row.
    pub(super) fn with_codes<T>(
        &self,
        row: ArrayView1<'_, f32>,
        work: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, ModelError> {
        let row = self.checked_row(&row)?;
        let row = row.as_slice().unwrap_or_default();
        let (mut few, mut many) = ([0; FEW_COLUMNS], Vec::new());
        let codes = if row.len() <= FEW_COLUMNS {
            &mut few[..row.len()]
        } else {
            many.resize(row.len(), 0);
            many.as_mut_slice()
        };
        self.edges.encode(row, codes);
        Ok(work(codes))
    }

    fn add_rows(&self, rows: &[f32], sums: &mut [f64]) {
        let mut codes = vec![0; rows.len()];
        self.edges.encode(rows, &mut codes);
        self.add_leaves(&codes, sums);
    }

    /// Adds up, for each row of a block, the distributions of its leaves, in the order of the trees:
    /// what a row gets does not depend on the rows beside it.
    pub(super) fn add_leaves(&self, codes: &[u8], sums: &mut [f64]) {
        let mut walks = Walks::default();
        // A block has at most 2^17 rows.
        let rows = u32::try_from(codes.len() / self.columns()).unwrap_or(u32::MAX);
        for tree in &self.trees {
            walks.add_leaves(tree, codes, self.columns(), 0..rows, sums);
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "at most 10,000 trees")]
    pub(super) fn tree_count(&self) -> f64 {
        self.trees.len() as f64
    }

    /// The rows one after another, finite, or missing where the forest knows missing values.
    fn checked<'a>(
        &self,
        x: &'a ArrayView2<'_, f32>,
    ) -> Result<CowArray<'a, f32, Ix2>, ModelError> {
        if self.missing {
            check_incomplete(x, self.columns())?;
            Ok(x.as_standard_layout())
        } else {
            check::contiguous_rows(x, self.columns())
        }
    }

    fn checked_row<'a>(
        &self,
        row: &'a ArrayView1<'_, f32>,
    ) -> Result<CowArray<'a, f32, Ix1>, ModelError> {
        if self.missing {
            check_incomplete(&row.insert_axis(ndarray::Axis(0)), self.columns())?;
            Ok(row.as_standard_layout())
        } else {
            check::contiguous_row(row, self.columns())
        }
    }
}

/// Refuses rows of another width than `columns`, and the first infinite value; NaN is missing.
pub(super) fn check_incomplete(x: &ArrayView2<'_, f32>, columns: usize) -> Result<(), ModelError> {
    if x.ncols() != columns {
        return Err(ModelError::Columns {
            expected: columns,
            found: x.ncols(),
        });
    }
    match x.indexed_iter().find(|(_, value)| value.is_infinite()) {
        Some(((row, column), _)) => Err(ModelError::NotFinite { row, column }),
        None => Ok(()),
    }
}

/// Rows of a block: enough to be worth a tree's way into the cache.
pub(super) fn block_rows(columns: usize) -> usize {
    (BLOCK_CODES / columns.max(1)).max(LANES)
}

/// Rows of a block on their way through one tree after another.
#[derive(Default)]
pub(super) struct Walks {
    rows: Vec<Walk>,
    /// The leaf of each row.
    leaves: Vec<u32>,
}

impl Walks {
    /// Adds the distributions of the leaves that `rows` of a block reach in one tree, in the order of the rows.
    pub(super) fn add_leaves(
        &mut self,
        tree: &Tree,
        codes: &[u8],
        columns: usize,
        rows: impl Iterator<Item = u32> + Clone,
        sums: &mut [f64],
    ) {
        self.rows.extend(rows.clone().map(Walk::of));
        self.leaves.resize(codes.len() / columns, 0);
        tree.find_leaves(codes, columns, &mut self.rows, &mut self.leaves);
        for row in rows {
            let shares = tree.answer(self.leaves[row as usize]);
            let first = row as usize * shares.len();
            for (sum, share) in sums[first..first + shares.len()].iter_mut().zip(shares) {
                *sum += f64::from(*share);
            }
        }
    }
}
