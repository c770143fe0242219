//! Half-space trees: a row in a part of space where few rows were of late is strange.

mod params;
mod space;
mod stored;
#[cfg(test)]
mod tests;
mod tree;

use ndarray::{Array1, ArrayView1, ArrayView2};
use nettraffic_features::PreparedMatrix;
use rand::{RngCore, SeedableRng};
use rand_xoshiro::{SplitMix64, Xoshiro256PlusPlus};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{AnomalyModel, Incremental, ModelError, check};

use self::space::Ranges;
use self::stored::Stored;
use self::tree::Tree;

pub use self::params::HalfSpaceTreesParams;

/// Rows that one thread scores at a time; fewer rows than two such blocks stay on the caller's.
const BLOCK: usize = 256;

/// Half-space trees for streams (Tan, Ting and Liu 2011). Each tree halves the range of the
/// training rows at random, whatever rows come, and counts those in each part: scoring and
/// learning take the same few steps for ever.
///
/// What is usual are the rows of the reference: those of training first, and then of the last full
/// window of an [`update`](Incremental::update). The score is how much rarer they are around a
/// row than if they were spread evenly, in doublings, as the mean over the trees: below 0 in
/// the midst of them. The paper adds up densities, of which a few large ones drown the others; the
/// mean of logarithms has every tree's voice, and comes apart by column.
///
/// ```
/// use ndarray::{Array2, array};
/// use nettraffic_features::PreparedMatrix;
/// use nettraffic_models::{AnomalyModel, HalfSpaceTrees, Incremental};
///
/// let rows = |at| PreparedMatrix::new(Array2::from_shape_fn((500, 2), |(i, _)| at + (i % 50) as f32));
/// let mut trees = HalfSpaceTrees::params().window(500).seed(7).fit(&rows(0.0)?)?;
/// let row = array![80.0, 80.0];
/// let before = trees.score_row(row.view())?;
/// trees.update(&rows(50.0)?)?;
/// assert!(trees.score_row(row.view())? < before - 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct HalfSpaceTrees {
    columns: usize,
    /// Rows of a full window.
    window: u64,
    /// Rows in the window that is filling, fewer than that.
    filled: u64,
    trees: Vec<Tree>,
}

impl HalfSpaceTrees {
    /// Parameters with their defaults, to change and then to fit.
    #[must_use]
    pub fn params() -> HalfSpaceTreesParams {
        HalfSpaceTreesParams::default()
    }

    /// Rows still to come until the window is full and becomes what is usual.
    #[must_use]
    pub fn rows_to_turn(&self) -> u64 {
        self.window - self.filled
    }

    fn score_values(&self, row: &[f32]) -> f32 {
        let trees = self.trees.iter();
        let sum: f64 = trees
            .map(|tree| f64::from(tree.strangeness(row, |_, _| ())))
            .sum();
        (sum / self.trees.len() as f64) as f32
    }

    fn learn(&mut self, values: &[f32]) {
        let columns = self.columns;
        let learn = |tree: &mut Tree| {
            for row in values.chunks_exact(columns) {
                tree.learn(row);
            }
        };
        self.trees.par_iter_mut().for_each(learn);
    }
}

impl HalfSpaceTreesParams {
    /// Lays out trees over the ranges of `x` and makes all of its rows the reference, on rayon's
    /// current pool; the result does not depend on its threads.
    ///
    /// # Errors
    /// No rows; a parameter out of its range.
    pub fn fit(&self, x: &PreparedMatrix) -> Result<HalfSpaceTrees, ModelError> {
        self.check(x.rows(), x.columns())?;
        let ranges = Ranges::of(x.view());
        let mut seeds = SplitMix64::seed_from_u64(self.seed);
        let seeds: Vec<u64> = (0..self.trees).map(|_| seeds.next_u64()).collect();
        let tree = |seed: &u64| {
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(*seed);
            Tree::new(ranges.work_space(&mut rng), self.height, &mut rng)
        };
        let mut model = HalfSpaceTrees {
            columns: x.columns(),
            window: self.window,
            filled: 0,
            trees: seeds.par_iter().map(tree).collect(),
        };
        let x = x.view();
        model.learn(x.as_standard_layout().as_slice().unwrap_or_default());
        model.trees.iter_mut().for_each(Tree::turn);
        Ok(model)
    }
}

impl Incremental for HalfSpaceTrees {
    /// Counts the rows in the window; whenever that is full, it becomes the reference. In however
    /// many parts rows come, the model is the same.
    fn update(&mut self, x: &PreparedMatrix) -> Result<(), ModelError> {
        let x = x.view();
        let x = check::contiguous_rows(&x, self.columns)?;
        let mut values = x.as_slice().unwrap_or_default();
        while !values.is_empty() {
            let rows = (values.len() / self.columns) as u64;
            let now = rows.min(self.rows_to_turn());
            let (fitting, rest) = values.split_at(now as usize * self.columns);
            self.learn(fitting);
            self.filled += now;
            if self.filled == self.window {
                self.trees.iter_mut().for_each(Tree::turn);
                self.filled = 0;
            }
            values = rest;
        }
        Ok(())
    }
}

impl AnomalyModel for HalfSpaceTrees {
    fn columns(&self) -> usize {
        self.columns
    }

    /// Many rows are scored on rayon's current pool.
    fn score(&self, x: ArrayView2<'_, f32>) -> Result<Array1<f32>, ModelError> {
        let x = check::contiguous_rows(&x, self.columns)?;
        let rows = x
            .as_slice()
            .unwrap_or_default()
            .par_chunks_exact(self.columns);
        let scores = rows.with_min_len(BLOCK).map(|row| self.score_values(row));
        Ok(Array1::from_vec(scores.collect()))
    }

    fn score_row(&self, row: ArrayView1<'_, f32>) -> Result<f32, ModelError> {
        let row = check::contiguous_row(&row, self.columns)?;
        Ok(self.score_values(row.as_slice().unwrap_or_default()))
    }

    /// What each column's answers made of the score, as the mean over the trees: they sum to it
    /// (up to single precision).
    fn contributions(&self, row: ArrayView1<'_, f32>) -> Result<Array1<f32>, ModelError> {
        let row = check::contiguous_row(&row, self.columns)?;
        let row = row.as_slice().unwrap_or_default();
        let mut sums = vec![0.0; self.columns];
        for tree in &self.trees {
            tree.strangeness(row, |column, rarer| {
                sums[column as usize] += f64::from(rarer);
            });
        }
        let trees = self.trees.len() as f64;
        Ok(sums.into_iter().map(|sum| (sum / trees) as f32).collect())
    }
}
