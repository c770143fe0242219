//! Fitting a forest.

use std::collections::BTreeSet;

use ndarray::ArrayView2;
use nettraffic_features::PreparedMatrix;
use rayon::prelude::*;

use super::bins::bin_columns;
use super::edges::Edges;
use super::grow::{Grown, Training, grow};
use super::out_of_bag::out_of_bag_error;
use super::params::{MAX_CLASSES, out_of_range};
use super::random::Draws;
use super::score::check_incomplete;
use super::{ClassWeight, RandomForest, RandomForestParams};
use crate::ModelError;

/// Most columns, so that a node numbers them in 16 bits.
pub(super) const MAX_COLUMNS: usize = 1 << 16;
/// Most rows, so that a tree's nodes can be numbered in 32 bits.
const MAX_ROWS: usize = 1 << 31;

impl RandomForestParams {
    /// Grows a forest on `rows`; `labels` holds, for each row, the index of its class in `classes`.
    ///
    /// Runs on the current rayon pool, a tree per task. Takes about one byte per value beside the
    /// rows, and 8 bytes per row for each tree that is growing.
    ///
    /// # Errors
    /// A parameter out of its range; labels that do not fit rows or classes; fewer than two rows,
    /// or rows of one class only (nothing could be told apart); no column; class names that repeat.
    pub fn fit(
        &self,
        rows: &PreparedMatrix,
        labels: &[usize],
        classes: &[String],
    ) -> Result<RandomForest, ModelError> {
        self.grow(rows.view(), labels, classes, false)
    }

    /// [`RandomForestParams::fit`] for rows without preparation, in which NaN says that a value is missing.
    /// The forest then takes such rows also to judge.
    ///
    /// A missing value counts as lower than any other. Where values were missing in fitting, one of the
    /// column's 256 bins is kept for them, so that trees can ask just whether a value is there.
    ///
    /// # Errors
    /// As [`RandomForestParams::fit`]; and an infinite value.
    pub fn fit_incomplete(
        &self,
        rows: ArrayView2<'_, f32>,
        labels: &[usize],
        classes: &[String],
    ) -> Result<RandomForest, ModelError> {
        check_incomplete(&rows, rows.ncols())?;
        self.grow(rows, labels, classes, true)
    }

    /// Grows a forest on rows whose values are finite, or NaN when they may be `missing`.
    fn grow(
        &self,
        rows: ArrayView2<'_, f32>,
        labels: &[usize],
        classes: &[String],
        missing: bool,
    ) -> Result<RandomForest, ModelError> {
        self.check()?;
        let (labels, counts) = check_labels(&rows, labels, classes)?;
        let values = rows.as_standard_layout();
        let values = values.as_slice().unwrap_or_default();
        let class_weights = self.class_weight.of(&counts);

        // The sample for the bins comes last: the trees' seeds stay those of a smaller forest.
        let seeds = Draws::seeds(self.seed, self.trees);
        let columns = bin_columns(values, rows.ncols(), self.seed);
        let training = Training {
            columns: &columns,
            labels: &labels,
            class_weights: &class_weights,
            features: self.max_features.of(rows.ncols()),
            max_depth: self.max_depth,
            min_leaf: self.min_leaf,
            bootstrap: self.bootstrap,
        };
        let grown: Vec<Grown> = seeds
            .par_iter()
            .map(|seed| grow(&training, *seed))
            .collect();
        let out_of_bag_error = out_of_bag_error(&grown, &columns, &labels, classes.len());
        let importance = mean_importance(&grown, rows.ncols());
        let mut trees: Vec<_> = grown.into_iter().map(|grown| grown.tree).collect();
        Ok(RandomForest {
            classes: classes.to_vec(),
            missing,
            edges: Edges::asked(&columns, &mut trees),
            trees,
            importance,
            out_of_bag_error,
        })
    }
}

impl ClassWeight {
    /// What a row of each class weighs, given the rows of each class.
    fn of(self, counts: &[u64]) -> Vec<f64> {
        let present = counts.iter().filter(|count| **count > 0).count();
        let rows: u64 = counts.iter().sum();
        #[expect(clippy::cast_precision_loss, reason = "counts of rows, far below 2^53")]
        let balanced = |count: &u64| rows as f64 / (present as f64 * (*count).max(1) as f64);
        match self {
            Self::None => vec![1.0; counts.len()],
            Self::Balanced => counts.iter().map(balanced).collect(),
        }
    }
}

/// The labels in two bytes each, and the rows of each class.
fn check_labels(
    rows: &ArrayView2<'_, f32>,
    labels: &[usize],
    classes: &[String],
) -> Result<(Vec<u16>, Vec<u64>), ModelError> {
    if rows.nrows() < 2 {
        return Err(ModelError::TooFewRows {
            what: "a random forest",
            needed: 2,
            found: rows.nrows(),
        });
    }
    if rows.nrows() > MAX_ROWS {
        return Err(out_of_range("rows", &rows.nrows(), "at most 2^31"));
    }
    if !(1..=MAX_COLUMNS).contains(&rows.ncols()) {
        return Err(out_of_range("columns", &rows.ncols(), "from 1 to 65536"));
    }
    if labels.len() != rows.nrows() {
        return Err(out_of_range("labels", &labels.len(), "one for each row"));
    }
    check_classes(classes).map_err(|expected| out_of_range("classes", &classes.len(), expected))?;
    let mut counts = vec![0; classes.len()];
    let mut narrow = Vec::with_capacity(labels.len());
    for label in labels {
        match (counts.get_mut(*label), u16::try_from(*label)) {
            (Some(count), Ok(label)) => {
                *count += 1;
                narrow.push(label);
            }
            _ => return Err(out_of_range("label", label, "the index of a class")),
        }
    }
    if counts.iter().filter(|count| **count > 0).count() < 2 {
        return Err(out_of_range(
            "classes among the labels",
            &1,
            "at least two, or there is nothing to tell apart",
        ));
    }
    Ok((narrow, counts))
}

/// What is wrong with the names of classes, if anything is.
pub(super) fn check_classes(classes: &[String]) -> Result<(), &'static str> {
    if !(2..=MAX_CLASSES).contains(&classes.len()) {
        Err("from 2 to 1024 classes")
    } else if classes.iter().collect::<BTreeSet<_>>().len() < classes.len() {
        Err("names that differ")
    } else {
        Ok(())
    }
}

/// Shares of the columns in each tree's decrease of impurity, averaged over trees.
fn mean_importance(grown: &[Grown], columns: usize) -> Vec<f64> {
    let mut mean = vec![0.0; columns];
    for tree in grown {
        add_share(&mut mean, &tree.importance);
    }
    let mut shares = vec![0.0; columns];
    add_share(&mut shares, &mean);
    shares
}

/// Adds `part`, scaled to sum to 1; nothing when it sums to 0.
fn add_share(to: &mut [f64], part: &[f64]) {
    let sum: f64 = part.iter().sum();
    if sum > 0.0 {
        for (to, part) in to.iter_mut().zip(part) {
            *to += part / sum;
        }
    }
}
