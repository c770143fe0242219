//! What every model can do.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use nettraffic_features::PreparedMatrix;

use crate::ModelError;

/// A fitted model that tells how strange a row is.
pub trait AnomalyModel: Send + Sync {
    /// Number of columns that a row must have.
    fn columns(&self) -> usize;

    /// One score per row of `x`, shape `(rows, columns)`: finite, higher is stranger.
    /// A row's score does not depend on the rows beside it.
    ///
    /// # Errors
    /// Another number of columns, or a value that is not finite.
    fn score(&self, x: ArrayView2<'_, f32>) -> Result<Array1<f32>, ModelError>;

    /// The score of one row, the very number that [`AnomalyModel::score`] gives it in any batch.
    ///
    /// # Errors
    /// As [`AnomalyModel::score`].
    fn score_row(&self, row: ArrayView1<'_, f32>) -> Result<f32, ModelError> {
        let scores = self.score(row.insert_axis(Axis(0)))?;
        Ok(scores.first().copied().unwrap_or_default())
    }

    /// What each column adds to the score of one row: positive makes it stranger.
    /// Where the model allows it they sum to the score (each model says so).
    ///
    /// # Errors
    /// As [`AnomalyModel::score`].
    fn contributions(&self, row: ArrayView1<'_, f32>) -> Result<Array1<f32>, ModelError>;
}

/// A fitted model that learns on from further rows, in time that does not grow with those before.
pub trait Incremental {
    /// Learns from the rows of `x` in their order. The same rows give the same model, in however
    /// many parts they come, unless the model says otherwise.
    ///
    /// # Errors
    /// Another number of columns; then the model stays as it was.
    fn update(&mut self, x: &PreparedMatrix) -> Result<(), ModelError>;
}

/// A fitted model that tells which class a row belongs to.
pub trait Classifier: Send + Sync {
    /// Names of the classes, in the order of the probability columns.
    fn classes(&self) -> &[String];

    /// Probabilities of the classes, shape `(rows, classes)`; each row sums to 1.
    ///
    /// # Errors
    /// Another number of columns, or a value that is not finite.
    fn probabilities(&self, x: ArrayView2<'_, f32>) -> Result<Array2<f32>, ModelError>;
}
