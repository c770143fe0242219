//! Which columns a forest relies on, asked of given rows.

use nettraffic_features::PreparedMatrix;
use rayon::prelude::*;

use super::RandomForest;
use super::out_of_bag::most_probable;
use super::params::out_of_range;
use super::random::Draws;
use super::score::block_rows;
use crate::ModelError;

impl RandomForest {
    /// How much the balanced accuracy (mean recall of the classes among `labels`) falls when a
    /// column's values are shuffled among the rows, one value per column, averaged over
    /// `repeats` shuffles (Breiman 2001, section 10, on rows of the caller's choice: take rows
    /// that the forest was not fitted on).
    ///
    /// Columns that tell the same, such as the columns of one category, stand in for each other
    /// and each look unimportant. May be a little below 0 by chance; exactly 0 for a column that no tree asks.
    /// Costs `repeats` predictions of all rows per column, on the current rayon pool.
    ///
    /// # Errors
    /// Another number of columns; no rows; labels that do not fit rows or classes; `repeats` of 0.
    pub fn permutation_importance(
        &self,
        rows: &PreparedMatrix,
        labels: &[usize],
        repeats: usize,
        seed: u64,
    ) -> Result<Vec<f64>, ModelError> {
        if rows.columns() != self.columns() {
            return Err(ModelError::Columns {
                expected: self.columns(),
                found: rows.columns(),
            });
        }
        if rows.rows() == 0 {
            return Err(ModelError::TooFewRows {
                what: "permutation importance",
                needed: 1,
                found: 0,
            });
        }
        if labels.len() != rows.rows() {
            return Err(out_of_range("labels", &labels.len(), "one for each row"));
        }
        if let Some(label) = labels.iter().find(|label| **label >= self.classes.len()) {
            return Err(out_of_range("label", label, "the index of a class"));
        }
        if repeats == 0 {
            return Err(out_of_range("repeats", &repeats, "at least 1"));
        }
        let view = rows.view();
        let values = view.as_standard_layout();
        let mut codes = vec![0; values.len()];
        (self.edges).encode(values.as_slice().unwrap_or_default(), &mut codes);
        let unchanged = self.balanced_accuracy(&codes, labels, None);
        Ok(Draws::seeds(seed, self.columns())
            .into_par_iter()
            .enumerate()
            .map(|(column, seed)| {
                if self.edges.each()[column].is_empty() {
                    return 0.0;
                }
                let mut draws = Draws::new(seed);
                let mut order: Vec<usize> = (0..rows.rows()).collect();
                let falls = (0..repeats).map(|_| {
                    draws.shuffle(&mut order);
                    unchanged - self.balanced_accuracy(&codes, labels, Some((column, &order)))
                });
                #[expect(clippy::cast_precision_loss, reason = "a small number of repeats")]
                let mean = falls.sum::<f64>() / repeats as f64;
                mean
            })
            .collect())
    }

    /// Mean recall of the classes among `labels`, with one column taken from the rows in another order.
    fn balanced_accuracy(
        &self,
        codes: &[u8],
        labels: &[usize],
        shuffled: Option<(usize, &[usize])>,
    ) -> f64 {
        let (columns, classes) = (self.columns(), self.classes.len());
        let mut of_class = vec![0_u64; classes];
        let mut right = vec![0_u64; classes];
        let mut rows = Vec::new();
        let mut sums = Vec::new();
        let block_rows = block_rows(columns);
        for (block, labels) in labels.chunks(block_rows).enumerate() {
            let first = block * block_rows;
            rows.clear();
            rows.extend_from_slice(&codes[first * columns..(first + labels.len()) * columns]);
            if let Some((column, order)) = shuffled {
                for (row, other) in rows.chunks_exact_mut(columns).zip(&order[first..]) {
                    row[column] = codes[other * columns + column];
                }
            }
            sums.clear();
            sums.resize(labels.len() * classes, 0.0);
            self.add_leaves(&rows, &mut sums);
            for (sums, label) in sums.chunks_exact(classes).zip(labels) {
                of_class[*label] += 1;
                right[*label] += u64::from(most_probable(sums) == *label);
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "counts of rows, far below 2^53")]
        let recalls: Vec<f64> = (right.iter().zip(&of_class))
            .filter(|(_, rows)| **rows > 0)
            .map(|(right, rows)| *right as f64 / *rows as f64)
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "at most 1,024 classes")]
        let classes = recalls.len().max(1) as f64;
        recalls.iter().sum::<f64>() / classes
    }
}
