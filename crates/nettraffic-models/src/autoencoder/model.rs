//! The trained autoencoder: scores, and what each column adds to them.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use pulp::{Arch, NullaryFnOnce};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::network::{Network, Scratch};
use super::stored::Stored;
use super::surprise::{Columns, within};
use crate::{AnomalyModel, ModelError, check};

/// Rows that pass through the network together: their values between layers stay in the
/// first cache.
const BLOCK: usize = 32;

/// From this many rows on, blocks are shared among rayon's threads.
const PARALLEL_ROWS: usize = 16 * BLOCK;

/// Greatest ratio of an error to its expectation that counts.
pub(super) const MAX_RATIO: f64 = 1e30;

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
    /// Squared error relative to its expectation.
    pub(super) fn ratio(&self, value: f32, answer: f32) -> f64 {
        let error = f64::from(value) - f64::from(within(answer, self.lower, self.upper));
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
        let width = self.columns.len();
        let x = check::contiguous_rows(&x, width)?;
        let mut answers = Array2::zeros(x.dim());
        let mut room = Room::new(self);
        let rows = x.as_slice().unwrap_or_default().chunks(BLOCK * width);
        let out = answers.as_slice_mut().unwrap_or_default();
        for (rows, out) in rows.zip(out.chunks_mut(BLOCK * width)) {
            let (columns, answers) = room.answer(&self.network, rows);
            for (answers, out) in answers.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
                columns.clamp(answers, out);
            }
        }
        Ok(answers)
    }

    /// Scores of one block of rows, which lie one after another, and whether all values are finite.
    fn score_block(&self, rows: &[f32], room: &mut Room, scores: &mut [f32]) -> bool {
        let (columns, answers) = room.answer(&self.network, rows);
        Arch::new().dispatch(Judge {
            columns,
            rows,
            answers,
            scores,
        })
    }
}

/// Rows to be compared with their answers, with the vectors of the processor at hand.
struct Judge<'a> {
    columns: &'a Columns,
    rows: &'a [f32],
    answers: &'a [f32],
    scores: &'a mut [f32],
}

impl NullaryFnOnce for Judge<'_> {
    /// Whether all values are finite: they are checked while they are near.
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        let width = self.rows.len() / self.scores.len();
        let rows = self.rows.chunks_exact(width);
        let rows = rows.zip(self.answers.chunks_exact(width));
        for (score, (row, answers)) in self.scores.iter_mut().zip(rows) {
            #[expect(clippy::cast_possible_truncation, reason = "at most ln(1e30)")]
            {
                *score = (self.columns.surprise(row, answers) / width as f64) as f32;
            }
        }
        let mut sound = true;
        for value in self.rows {
            sound &= value.is_finite();
        }
        sound
    }
}

impl AnomalyModel for Autoencoder {
    fn columns(&self) -> usize {
        self.columns.len()
    }

    /// Mean surprise of each row's columns. Many rows are scored in blocks on rayon's threads.
    fn score(&self, x: ArrayView2<'_, f32>) -> Result<Array1<f32>, ModelError> {
        let width = self.columns.len();
        if x.ncols() != width {
            check::rows(x, width)?;
        }
        let rows = x.as_standard_layout();
        let values = rows.as_slice().unwrap_or_default();
        let mut scores = vec![0.0; x.nrows()];
        let score = |room: &mut Room, (rows, scores): (&[f32], &mut [f32])| {
            self.score_block(rows, room, scores)
        };
        let sound = if x.nrows() < PARALLEL_ROWS {
            let blocks = values.chunks(BLOCK * width).zip(scores.chunks_mut(BLOCK));
            let mut room = Room::new(self);
            blocks.fold(true, |sound, block| sound & score(&mut room, block))
        } else {
            let blocks = values.par_chunks(BLOCK * width);
            let blocks = blocks.zip(scores.par_chunks_mut(BLOCK));
            blocks
                .map_init(|| Room::new(self), score)
                .reduce(|| true, |a, b| a & b)
        };
        if !sound {
            check::rows(x, width)?;
        }
        Ok(scores.into())
    }

    fn score_row(&self, row: ArrayView1<'_, f32>) -> Result<f32, ModelError> {
        let row = check::contiguous_row(&row, self.columns.len())?;
        let mut score = 0.0;
        self.score_block(
            row.as_slice().unwrap_or_default(),
            &mut Room::new(self),
            std::slice::from_mut(&mut score),
        );
        Ok(score)
    }

    /// Each column's surprise divided by the number of columns: none is negative, and they
    /// sum to the score, up to rounding.
    fn contributions(&self, row: ArrayView1<'_, f32>) -> Result<Array1<f32>, ModelError> {
        let row = check::contiguous_row(&row, self.columns.len())?;
        let values = row.as_slice().unwrap_or_default();
        let mut room = Room::new(self);
        let (_, answers) = room.answer(&self.network, values);
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
struct Room {
    columns: Columns,
    clamped: Vec<f32>,
    scratch: Scratch,
}

impl Room {
    fn new(model: &Autoencoder) -> Self {
        Self {
            columns: Columns::of(&model.columns),
            clamped: Vec::new(),
            scratch: Scratch::default(),
        }
    }

    /// What the network answers to `rows`, row after row.
    fn answer(&mut self, network: &Network, rows: &[f32]) -> (&Columns, &[f32]) {
        let width = network.width();
        self.clamped.resize(rows.len(), 0.0);
        let clamped = self.clamped.chunks_exact_mut(width);
        for (row, clamped) in rows.chunks_exact(width).zip(clamped) {
            self.columns.clamp(row, clamped);
        }
        let answers = network.forward(&self.clamped, &mut self.scratch);
        (&self.columns, answers)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, Axis, array};
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
