//! Training on rows some of which may be attacks.

use nettraffic_features::PreparedMatrix;

use crate::{AnomalyModel, ModelError};

/// Leaves out the strangest share of the training rows, in the hope that attacks are among them.
///
/// Only ever on request, because it is a bet. A row that is strange in training is more often
/// a rare benign one than an attack, and attacks that come in crowds are not strange to a model
/// that was fitted on them: with k-means on NSL-KDD, the strangest 5 % of the training rows hold
/// nine tenths of the attacks where 1 % was mixed in, a quarter where it was 5 %, and a seventh
/// where it was 10 %.
///
/// The rows that a threshold is set on are mixed just as much, which puts it beyond the attacks
/// among them. [`Trim::left_out`] finds their strangest too; leaving these out raises the
/// false-alarm rate by about the share.
///
/// ```
/// use ndarray::Array2;
/// use nettraffic_features::PreparedMatrix;
/// use nettraffic_models::{KMeans, Metric, Trim};
///
/// // 98 rows near 0, and two far off.
/// let rows = Array2::from_shape_fn((100, 2), |(row, column)| match row {
///     0 | 50 => 100.0 + row as f32,
///     _ => ((row * 7 + column) % 10) as f32 / 10.0,
/// });
/// let params = KMeans::params(1).metric(Metric::Euclidean);
/// let trimmed = Trim::strangest(0.02)?.fit(&PreparedMatrix::new(rows)?, |rows| params.fit(rows))?;
/// assert_eq!(trimmed.left_out, [0, 50]);
/// assert!(trimmed.model.centroids()[[0, 0]] < 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trim {
    share: f64,
}

/// A model fitted on what trimming left.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Trimmed<M> {
    /// Fitted without the rows left out.
    pub model: M,
    /// Indices of the training rows left out, ascending.
    pub left_out: Vec<usize>,
}

impl Trim {
    /// Leaves out the strangest `share` of the rows, rounded down.
    ///
    /// # Errors
    /// A share that is not from 0 to below 1.
    pub fn strangest(share: f64) -> Result<Self, ModelError> {
        if (0.0..1.0).contains(&share) {
            return Ok(Self { share });
        }
        Err(ModelError::Parameter {
            name: "share of rows to trim",
            value: share.to_string(),
            expected: "0 to below 1",
        })
    }

    /// Fits on all rows, leaves out those that this first model scores highest, and fits again on
    /// the others: `fit` is called twice. Preprocessing was fitted on all rows and stays; where
    /// that matters, fit it anew on the rows that [`Trim::left_out`] spares.
    ///
    /// # Errors
    /// What `fit` and the first model's scoring return.
    pub fn fit<M: AnomalyModel, E: From<ModelError>>(
        self,
        rows: &PreparedMatrix,
        fit: impl Fn(&PreparedMatrix) -> Result<M, E>,
    ) -> Result<Trimmed<M>, E> {
        let first = fit(rows)?;
        let scores = first.score(rows.view())?.to_vec();
        let left_out = self.left_out(&scores);
        if left_out.is_empty() {
            let model = first;
            return Ok(Trimmed { model, left_out });
        }
        let kept: Vec<usize> = (0..rows.rows())
            .filter(|row| left_out.binary_search(row).is_err())
            .collect();
        let model = fit(&rows.select(&kept))?;
        Ok(Trimmed { model, left_out })
    }

    /// Which rows with these scores are left out, ascending: of equal scores the later rows. NaN
    /// counts as highest.
    #[must_use]
    pub fn left_out(self, scores: &[f32]) -> Vec<usize> {
        // A hair more, so that 0.07 of 100 is 7.
        let number = (scores.len() as f64 * self.share * (1.0 + 1e-12)) as usize;
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|a, b| {
            let (a, b) = (scores[*a], scores[*b]);
            a.is_nan().cmp(&b.is_nan()).then(a.total_cmp(&b))
        });
        let mut left_out = order.split_off(scores.len() - number);
        left_out.sort_unstable();
        left_out
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use proptest::prelude::*;

    use super::*;
    use crate::{KMeans, Metric};

    #[test]
    fn the_highest_scores_are_left_out() -> Result<(), ModelError> {
        for (share, scores, expected) in [
            (0.0, &[3.0, 1.0][..], &[][..]),
            (0.49, &[3.0, 1.0], &[]),
            (0.5, &[3.0, 1.0], &[0]),
            (0.5, &[2.0, 5.0, 5.0, 1.0], &[1, 2]),
            (0.25, &[2.0, 5.0, 5.0, 1.0], &[2]),
            (0.25, &[2.0, f32::NAN, f32::INFINITY, 1.0], &[1]),
            (0.9, &[], &[]),
        ] {
            assert_eq!(
                Trim::strangest(share)?.left_out(scores),
                expected,
                "{share}"
            );
        }
        assert_eq!(Trim::strangest(0.07)?.left_out(&[1.0; 100]).len(), 7);
        for share in [-0.1, 1.0, f64::NAN] {
            let found = Trim::strangest(share);
            assert!(
                matches!(found, Err(ModelError::Parameter { .. })),
                "{share}"
            );
        }
        Ok(())
    }

    #[test]
    fn a_trimmed_model_is_one_fitted_on_the_rows_that_stay()
    -> Result<(), Box<dyn std::error::Error>> {
        let rows = Array2::from_shape_fn((200, 3), |(r, c)| ((r * 31 + c * 17) % 97) as f32);
        let rows = PreparedMatrix::new(rows)?;
        let params = KMeans::params(4).metric(Metric::Euclidean);
        let trimmed = Trim::strangest(0.1)?.fit(&rows, |rows| params.fit(rows))?;
        assert_eq!(trimmed.left_out.len(), 20);
        let kept: Vec<usize> = (0..200).filter(|r| !trimmed.left_out.contains(r)).collect();
        assert_eq!(trimmed.model, params.fit(&rows.select(&kept))?);
        let whole = Trim::strangest(0.0)?.fit(&rows, |rows| params.fit(rows))?;
        assert_eq!(whole.model, params.fit(&rows)?);
        Ok(())
    }

    proptest! {
        #[test]
        fn no_row_that_stays_scores_higher_than_one_left_out(
            scores in prop::collection::vec(any::<f32>().prop_filter("a number", |s| !s.is_nan()), 0..50),
            share in 0.0..0.99,
        ) {
            let left_out = Trim::strangest(share)?.left_out(&scores);
            let is_out = |row: &usize| left_out.contains(row);
            let (out, kept): (Vec<usize>, Vec<usize>) = (0..scores.len()).partition(is_out);
            prop_assert_eq!(out.len(), (scores.len() as f64 * share) as usize);
            let lowest = out.iter().map(|row| scores[*row]).fold(f32::INFINITY, f32::min);
            prop_assert!(kept.iter().all(|row| scores[*row] <= lowest));
        }
    }
}
