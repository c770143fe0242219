//! What every model can do.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

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

    /// What each column adds to the score of one row: positive makes it stranger.
    /// Where the model allows it they sum to the score (each model says so).
    ///
    /// # Errors
    /// As [`AnomalyModel::score`].
    fn contributions(&self, row: ArrayView1<'_, f32>) -> Result<Array1<f32>, ModelError>;
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
