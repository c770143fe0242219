//! Isolation forest: a row that random questions soon part from all others is strange.

mod fit;
mod params;
mod path;
mod sample;
mod split;
mod stored;
#[cfg(test)]
mod tests;
mod tree;

use ndarray::{Array1, ArrayView1, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{AnomalyModel, ModelError, check};

use self::path::AverageLengths;
use self::split::{Plane, Split, Threshold};
use self::stored::Stored;
use self::tree::{LANES, Tree};

pub use self::params::IsolationForestParams;

/// Rows that go through all trees together: they stay in the cache, and so does the tree.
const BLOCK: usize = 64;

/// An isolation forest (Liu, Ting and Zhou 2008). Each tree parts a few training rows by random
/// questions until each is alone or the tree is as high as a balanced one; the score of a row is
/// `2^(-h / c)`, from 0 to 1, where `h` is the mean length of its paths and `c` the one to expect:
/// about 0.5 for a row that nothing tells from others, towards 1 the sooner it is alone.
///
/// ```
/// use ndarray::{Array2, array};
/// use nettraffic_features::PreparedMatrix;
/// use nettraffic_models::{AnomalyModel, IsolationForest};
///
/// // Usual rows hold the same number twice.
/// let train = Array2::from_shape_fn((500, 2), |(row, _)| (row % 100) as f32 / 100.0);
/// let forest = IsolationForest::params().seed(7).fit(&PreparedMatrix::new(train)?)?;
/// let scores = forest.score(array![[0.5, 0.5], [0.5, 9.0]].view())?;
/// assert!(scores[1] > scores[0]);
///
/// let reasons = forest.contributions(array![0.5, 9.0].view())?;
/// assert!(reasons[1] > reasons[0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct IsolationForest {
    columns: usize,
    /// Rows that each tree was grown from.
    sample: u32,
    trees: Trees,
    /// Path length to expect of a row that nothing tells from others.
    usual_length: f64,
    /// Mean over trees of the length to expect before anything is asked.
    root_length: f64,
}

#[derive(Clone, Debug)]
enum Trees {
    Straight(Vec<Tree<Threshold>>),
    Slanted(Vec<Tree<Plane>>),
}

impl IsolationForest {
    /// Parameters with their defaults, to change and then to fit.
    #[must_use]
    pub fn params() -> IsolationForestParams {
        IsolationForestParams::default()
    }

    /// Number of trees.
    #[must_use]
    pub fn trees(&self) -> usize {
        match &self.trees {
            Trees::Straight(trees) => trees.len(),
            Trees::Slanted(trees) => trees.len(),
        }
    }

    /// Rows that each tree was grown from.
    #[must_use]
    pub fn rows_per_tree(&self) -> usize {
        self.sample as usize
    }

    /// The score before any column is looked at; it and the
    /// [`contributions`](AnomalyModel::contributions) of a row sum to its score.
    #[must_use]
    pub fn base_score(&self) -> f32 {
        self.strangeness(self.root_length) as f32
    }

    /// From trees grown from `sample` rows each, two or more, whose splits ask `columns`.
    fn new(columns: usize, sample: u32, trees: Trees) -> Self {
        let root_length = match &trees {
            Trees::Straight(trees) => mean(trees, Tree::root_length),
            Trees::Slanted(trees) => mean(trees, Tree::root_length),
        };
        Self {
            columns,
            sample,
            trees,
            usual_length: AverageLengths::up_to(sample as usize).of(sample),
            root_length,
        }
    }

    fn strangeness(&self, length: f64) -> f64 {
        (-length / self.usual_length).exp2()
    }

    fn score_block(&self, rows: &[f32], scores: &mut [f32]) {
        let mut sums = [0.0; BLOCK];
        let sums = &mut sums[..scores.len()];
        match &self.trees {
            Trees::Straight(trees) => add_lengths(trees, rows, self.columns, sums),
            Trees::Slanted(trees) => add_lengths(trees, rows, self.columns, sums),
        }
        let trees = self.trees() as f64;
        for (score, sum) in scores.iter_mut().zip(sums) {
            *score = self.strangeness(*sum / trees) as f32;
        }
    }
}

impl AnomalyModel for IsolationForest {
    fn columns(&self) -> usize {
        self.columns
    }

    /// Runs on the current rayon pool when there are more than 64 rows.
    fn score(&self, x: ArrayView2<'_, f32>) -> Result<Array1<f32>, ModelError> {
        let x = check::contiguous_rows(&x, self.columns)?;
        let values = x.as_slice().unwrap_or_default();
        let mut scores = vec![0.0; x.nrows()];
        if scores.len() <= BLOCK {
            self.score_block(values, &mut scores);
        } else {
            let blocks = values.par_chunks(BLOCK * self.columns);
            let scores = scores.par_chunks_mut(BLOCK);
            blocks
                .zip(scores)
                .for_each(|(rows, scores)| self.score_block(rows, scores));
        }
        Ok(Array1::from_vec(scores))
    }

    fn score_row(&self, row: ArrayView1<'_, f32>) -> Result<f32, ModelError> {
        let row = check::contiguous_row(&row, self.columns)?;
        let mut score = [0.0];
        self.score_block(row.as_slice().unwrap_or_default(), &mut score);
        Ok(score[0])
    }

    /// What each column's answers took off the path length to expect, tree by tree (the walk of
    /// Saabas 2014 through expected path lengths), scaled to sum to the score less
    /// [`IsolationForest::base_score`]. A slanted split credits the columns that pulled the row to
    /// its side, by how much they did.
    fn contributions(&self, row: ArrayView1<'_, f32>) -> Result<Array1<f32>, ModelError> {
        let row = check::contiguous_row(&row, self.columns)?;
        let row = row.as_slice().unwrap_or_default();
        let mut credits = vec![0.0; self.columns];
        match &self.trees {
            Trees::Straight(trees) => trees.iter().for_each(|tree| tree.credit(row, &mut credits)),
            Trees::Slanted(trees) => trees.iter().for_each(|tree| tree.credit(row, &mut credits)),
        }
        let trees = self.trees() as f64;
        let shorter = credits.iter().sum::<f64>() / trees;
        // The score is b 2^(s / c) for a path shorter by s: its slope, or at 0 its tangent.
        let rate = std::f64::consts::LN_2 / self.usual_length;
        let slope = if shorter == 0.0 {
            rate
        } else {
            (rate * shorter).exp_m1() / shorter
        };
        let scale = self.strangeness(self.root_length) * slope / trees;
        Ok(credits.into_iter().map(|c| (c * scale) as f32).collect())
    }
}

/// Adds up the path lengths of each row, always in the order of the trees: what a row gets does
/// not depend on the rows beside it.
fn add_lengths<S: Split>(trees: &[Tree<S>], rows: &[f32], columns: usize, sums: &mut [f64]) {
    let (groups, alone) = rows.split_at(rows.len() / columns / LANES * LANES * columns);
    let mut turned = Vec::with_capacity(groups.len() / LANES);
    for group in groups.chunks_exact(LANES * columns) {
        let column = |column| std::array::from_fn(|lane| group[lane * columns + column]);
        turned.extend((0..columns).map(column));
    }
    let (in_groups, rest) = sums.as_chunks_mut();
    for tree in trees {
        for (group, sums) in turned.chunks_exact(columns).zip(&mut *in_groups) {
            tree.add_lengths(group, sums);
        }
    }
    for (row, sum) in alone.chunks_exact(columns).zip(rest) {
        for tree in trees {
            *sum += f64::from(tree.length(row));
        }
    }
}

fn mean<T>(items: &[T], of: impl Fn(&T) -> f64) -> f64 {
    items.iter().map(of).sum::<f64>() / items.len() as f64
}

impl PartialEq for IsolationForest {
    fn eq(&self, other: &Self) -> bool {
        Stored::from(self.clone()) == Stored::from(other.clone())
    }
}
