//! The trained autoencoder: scores, and what each column adds to them.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, Slice};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::network::{Network, Scratch};
use super::stored::Stored;
use crate::{AnomalyModel, ModelError, check};

/// Rows that pass through the network together: their values between layers stay in the
/// first two caches.
const BLOCK: usize = 64;

/// From this many rows on, blocks are shared among rayon's threads.
const PARALLEL_ROWS: usize = 8 * BLOCK;

/// Columns whose surprises are multiplied before one logarithm is taken.
const FACTORS: usize = 8;

/// Greatest ratio of an error to its expectation that counts; the product of `FACTORS` of
/// them is a finite `f64`.
const MAX_RATIO: f64 = 1e30;

/// A network that repeats benign rows through a bottleneck; what it cannot repeat is strange.
///
/// The error of column `j` is compared with the error that benign rows leave there:
///
/// ```text
/// surprise_j = ln(1 + (x_j − x̂_j)² / expected_j)         score = mean of the surprises
/// ```
///
/// where `x̂` is the network's answer and `expected_j` the mean squared error of that column
/// over training rows that the network did not learn from. A column that the network always
/// gets right is strange at a small error, a noisy one only at a great error, and since a
/// surprise grows with the logarithm no single column drowns the others. Scores are ≥ 0,
/// finite for every finite row, and near 0.5 for ordinary rows.
///
/// The network sees each value clamped to the range of the training rows, widened by that
/// range on either side, so that one extreme value does not spoil the answers for the other
/// columns; the error is taken from the value itself.
///
/// Scoring uses a kernel of this crate, not burn: sums run in a fixed order, and a row's
/// score is the same, bit for bit, alone, in any batch and on any number of threads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Autoencoder {
    pub(super) network: Network,
    pub(super) columns: Vec<ColumnRange>,
}

/// What the training rows told about a column.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ColumnRange {
    /// Least value that the network is shown.
    pub(super) lower: f32,
    /// Greatest value that the network is shown.
    pub(super) upper: f32,
    /// Mean squared error on benign rows, above 0.
    pub(super) expected: f32,
}

impl ColumnRange {
    /// `max` and `min` also turn a NaN, which extreme weights might answer, into a number.
    fn clamp(&self, value: f32) -> f32 {
        value.max(self.lower).min(self.upper)
    }

    /// Squared error relative to its expectation.
    fn ratio(&self, value: f32, answer: f32) -> f64 {
        let error = f64::from(value) - f64::from(self.clamp(answer));
        (error * error / f64::from(self.expected)).min(MAX_RATIO)
    }
}

impl Autoencoder {
    /// Widths of the layers from the input to the output, the bottleneck in the middle.
    #[must_use]
    pub fn widths(&self) -> Vec<usize> {
        std::iter::once(self.network.width())
            .chain(self.network.layers().iter().map(|layer| layer.outputs()))
            .collect()
    }

    /// Mean squared error per column that benign rows leave, with which errors are compared.
    pub fn expected_errors(&self) -> impl ExactSizeIterator<Item = f32> + '_ {
        self.columns.iter().map(|column| column.expected)
    }

    /// What the network takes the rows of `x` to be, shape `(rows, columns)`: beside an alert,
    /// the value that it would have found ordinary in each column.
    ///
    /// # Errors
    /// As [`AnomalyModel::score`].
    pub fn reconstruct(&self, x: ArrayView2<'_, f32>) -> Result<Array2<f32>, ModelError> {
        check::rows(x, self.columns.len())?;
        let mut answers = Array2::zeros(x.dim());
        let mut room = Room::default();
        for (rows, mut out) in x
            .axis_chunks_iter(Axis(0), BLOCK)
            .zip(answers.axis_chunks_iter_mut(Axis(0), BLOCK))
        {
            let (_, block) = room.answer(self, rows);
            for (out, (answer, column)) in out
                .iter_mut()
                .zip(block.iter().zip(self.columns.iter().cycle()))
            {
                *out = column.clamp(*answer);
            }
        }
        Ok(answers)
    }

    /// Scores of one block of rows.
    fn score_block(&self, rows: ArrayView2<'_, f32>, room: &mut Room, scores: &mut [f32]) {
        let width = self.columns.len();
        let (values, answers) = room.answer(self, rows);
        for (score, (values, answers)) in scores
            .iter_mut()
            .zip(values.chunks_exact(width).zip(answers.chunks_exact(width)))
        {
            let mut sum = 0.0;
            for ((values, answers), columns) in values
                .chunks(FACTORS)
                .zip(answers.chunks(FACTORS))
                .zip(self.columns.chunks(FACTORS))
            {
                // A logarithm costs far more than a product, and theirs add up to its own.
                let product: f64 = values
                    .iter()
                    .zip(answers)
                    .zip(columns)
                    .map(|((value, answer), column)| 1.0 + column.ratio(*value, *answer))
                    .product();
                sum += product.ln();
            }
            #[expect(clippy::cast_possible_truncation, reason = "at most ln(1e30)")]
            {
                *score = (sum / width as f64) as f32;
            }
        }
    }
}

impl AnomalyModel for Autoencoder {
    fn columns(&self) -> usize {
        self.columns.len()
    }

    /// Mean surprise of each row's columns. Many rows are scored in blocks on rayon's threads.
    fn score(&self, x: ArrayView2<'_, f32>) -> Result<Array1<f32>, ModelError> {
        check::rows(x, self.columns.len())?;
        let mut scores = vec![0.0; x.nrows()];
        let block = |room: &mut Room, (index, scores): (usize, &mut [f32])| {
            let first = index * BLOCK;
            let rows = x.slice_axis(Axis(0), Slice::from(first..first + scores.len()));
            self.score_block(rows, room, scores);
        };
        if x.nrows() < PARALLEL_ROWS {
            let mut room = Room::default();
            for part in scores.chunks_mut(BLOCK).enumerate() {
                block(&mut room, part);
            }
        } else {
            scores
                .par_chunks_mut(BLOCK)
                .enumerate()
                .for_each_init(Room::default, block);
        }
        Ok(scores.into())
    }

    fn score_row(&self, row: ArrayView1<'_, f32>) -> Result<f32, ModelError> {
        check::row(row, self.columns.len())?;
        let mut score = 0.0;
        self.score_block(
            row.insert_axis(Axis(0)),
            &mut Room::default(),
            std::slice::from_mut(&mut score),
        );
        Ok(score)
    }

    /// Each column's surprise divided by the number of columns: none is negative, and they
    /// sum to the score, up to rounding.
    fn contributions(&self, row: ArrayView1<'_, f32>) -> Result<Array1<f32>, ModelError> {
        let rows = row.insert_axis(Axis(0));
        check::rows(rows, self.columns.len())?;
        let mut room = Room::default();
        let (values, answers) = room.answer(self, rows);
        let width = self.columns.len() as f64;
        Ok(values
            .iter()
            .zip(answers)
            .zip(&self.columns)
            .map(|((value, answer), column)| {
                #[expect(clippy::cast_possible_truncation, reason = "at most ln(1e30)")]
                let part = (column.ratio(*value, *answer).ln_1p() / width) as f32;
                part
            })
            .collect())
    }
}

/// Room for one block of rows on its way through the network.
#[derive(Default)]
struct Room {
    values: Vec<f32>,
    clamped: Vec<f32>,
    scratch: Scratch,
}

impl Room {
    /// The values of `rows` and what the network answers, row after row.
    fn answer(&mut self, model: &Autoencoder, rows: ArrayView2<'_, f32>) -> (&[f32], &[f32]) {
        self.values.clear();
        self.clamped.clear();
        for row in rows.rows() {
            self.values.extend(row);
            self.clamped.extend(
                row.iter()
                    .zip(&model.columns)
                    .map(|(value, column)| column.clamp(*value)),
            );
        }
        let answers = model.network.forward(&self.clamped, &mut self.scratch);
        (&self.values, answers)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use proptest::prelude::*;

    use super::super::dense::Dense;
    use super::*;

    /// Four columns through one unit that repeats their mean.
    fn mean_of_four() -> Autoencoder {
        Autoencoder {
            network: Network::new(vec![
                Dense::new(4, vec![0.25; 4], vec![0.0]).unwrap(),
                Dense::new(1, vec![1.0; 4], vec![0.0; 4]).unwrap(),
            ])
            .unwrap(),
            columns: [0.01, 0.01, 0.01, 1.0]
                .map(|expected| ColumnRange {
                    lower: -1.0,
                    upper: 2.0,
                    expected,
                })
                .to_vec(),
        }
    }

    fn rows(count: usize) -> Array2<f32> {
        Array2::from_shape_fn((count, 4), |(row, column)| {
            ((row * 7 + column * 13) % 31) as f32 / 10.0 - 1.0
        })
    }

    #[test]
    fn a_score_is_the_mean_log_ratio_of_errors_to_their_expectation() {
        let model = mean_of_four();
        // The mean is 0.5; errors 0.5, 0.5, 0.5 and −1.5 … against 0.1, 0.1, 0.1 and 1.
        let x = array![[0.0, 0.0, 0.0, 2.0], [0.7, 0.7, 0.7, 0.7]];
        let expected = (3.0 * 26.0_f32.ln() + 3.25_f32.ln()) / 4.0;
        let scores = model.score(x.view()).unwrap();
        assert!((scores[0] - expected).abs() < 1e-6, "{scores}");
        assert!(scores[1].abs() < 1e-6, "{scores}");
        assert_eq!(
            model.reconstruct(x.view()).unwrap(),
            array![[0.5; 4], [0.7; 4]]
        );
    }

    #[test]
    fn the_network_sees_extremes_clamped_and_the_error_sees_them_whole() {
        let model = mean_of_four();
        let x = array![[0.0, 0.0, 0.0, 1e9], [0.0, 0.0, 0.0, 1e12]];
        // Clamped to 2 the mean is 0.5, and the other columns stay as strange as they were.
        let near = model.contributions(x.row(0)).unwrap();
        let far = model.contributions(x.row(1)).unwrap();
        assert_eq!(near.to_vec()[..3], far.to_vec()[..3]);
        assert!((far[3] - near[3] - 2.0 * 1000_f32.ln() / 4.0).abs() < 1e-4);
    }

    #[test]
    fn a_row_scores_the_same_alone_in_a_batch_and_on_any_number_of_threads() {
        let model = mean_of_four();
        let x = rows(3 * PARALLEL_ROWS + 7);
        let pool = |threads| {
            rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap()
        };
        let one = pool(1).install(|| model.score(x.view()).unwrap());
        let two = pool(2).install(|| model.score(x.view()).unwrap());
        assert_eq!(one, two);
        for (row, score) in x.rows().into_iter().zip(&one) {
            assert_eq!(model.score_row(row).unwrap(), *score);
            assert_eq!(model.score(row.insert_axis(Axis(0))).unwrap()[0], *score);
        }
        // The same rows, laid out column by column.
        let transposed = x.t().as_standard_layout().into_owned();
        assert_eq!(model.score(transposed.t()).unwrap(), one);
    }

    #[test]
    fn rows_that_do_not_fit_are_refused_with_their_place() {
        let model = mean_of_four();
        assert_eq!(
            model.score(Array2::zeros((1, 3)).view()),
            Err(ModelError::Columns {
                expected: 4,
                found: 3
            })
        );
        let mut x = rows(3);
        x[[2, 1]] = f32::NAN;
        let place = ModelError::NotFinite { row: 2, column: 1 };
        assert_eq!(model.score(x.view()), Err(place.clone()));
        assert_eq!(model.reconstruct(x.view()), Err(place));
        let place = ModelError::NotFinite { row: 0, column: 1 };
        assert_eq!(model.score_row(x.row(2)), Err(place));
        assert!(matches!(
            model.score_row(array![0.0, 0.0, 0.0].view()),
            Err(ModelError::Columns { .. })
        ));
        assert_eq!(model.score(Array2::zeros((0, 4)).view()).unwrap().len(), 0);
    }

    proptest! {
        #[test]
        fn finite_rows_have_finite_scores_and_contributions_that_sum_to_them(
            row in prop::array::uniform4(prop::num::f32::ANY.prop_filter("finite", |v| v.is_finite()))
        ) {
            let model = mean_of_four();
            let row = ndarray::arr1(&row);
            let score = model.score(row.view().insert_axis(Axis(0))).unwrap()[0];
            let parts = model.contributions(row.view()).unwrap();
            prop_assert!(score.is_finite() && score >= 0.0);
            prop_assert!(parts.iter().all(|part| *part >= 0.0));
            prop_assert!((parts.sum() - score).abs() <= 1e-5 * score.max(1.0));
        }
    }
}
