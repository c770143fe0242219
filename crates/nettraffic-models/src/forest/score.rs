//! Class probabilities of rows.

use std::slice;

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::RandomForest;
use super::tree::{LANES, Tree};
use crate::{Classifier, ModelError, check};

/// Rows that go through all trees together: they stay in the cache, and so does the tree.
pub(super) const BLOCK_ROWS: usize = 64;

impl Classifier for RandomForest {
    fn classes(&self) -> &[String] {
        &self.classes
    }

    /// Runs on the current rayon pool when there are more than 64 rows.
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
        let rows = check::contiguous_rows(&x, self.columns())?;
        let mut sums = Array2::zeros((rows.nrows(), self.classes.len()));
        if let (Some(rows), Some(sums)) = (rows.as_slice(), sums.as_slice_mut()) {
            let blocks = sums.chunks_mut(BLOCK_ROWS * self.classes.len());
            let rows = rows.chunks(BLOCK_ROWS * self.columns());
            if blocks.len() > 1 {
                let mut both: Vec<_> = rows.zip(blocks).collect();
                both.par_iter_mut()
                    .for_each(|(rows, sums)| self.add_leaves(rows, sums));
            } else {
                rows.zip(blocks)
                    .for_each(|(rows, sums)| self.add_leaves(rows, sums));
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "at most 10,000 trees")]
        let trees = self.trees.len() as f64;
        sums /= trees;
        Ok(sums)
    }

    /// Adds up, for each row of a block, the distributions of its leaves, in the order of the trees:
    /// what a row gets does not depend on the rows beside it.
    pub(super) fn add_leaves(&self, rows: &[f32], sums: &mut [f64]) {
        for tree in &self.trees {
            let mut lanes = rows.chunks_exact(LANES * self.columns());
            let mut lane_sums = sums.chunks_exact_mut(LANES * self.classes.len());
            for (rows, sums) in lanes.by_ref().zip(lane_sums.by_ref()) {
                let leaves = tree.leaves(rows, &std::array::from_fn(|row| row * self.columns()));
                self.add(tree, &leaves, sums);
            }
            let rest = lanes.remainder().chunks_exact(self.columns());
            let sums = lane_sums
                .into_remainder()
                .chunks_exact_mut(self.classes.len());
            for (row, sums) in rest.zip(sums) {
                self.add(tree, slice::from_ref(&tree.leaf(row)), sums);
            }
        }
    }

    fn add(&self, tree: &Tree, leaves: &[u32], sums: &mut [f64]) {
        for (leaf, sums) in leaves.iter().zip(sums.chunks_exact_mut(self.classes.len())) {
            for (sum, share) in sums.iter_mut().zip(tree.distribution(*leaf)) {
                *sum += f64::from(*share);
            }
        }
    }
}
