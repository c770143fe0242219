//! Histograms: a row is as strange as its values are rare, each column for itself.

mod density;
mod params;
mod steps;
mod tail;
#[cfg(test)]
mod tests;

use ndarray::{Array1, ArrayView1, ArrayView2};
use nettraffic_features::PreparedMatrix;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{AnomalyModel, ModelError, check};

use self::steps::Steps;

pub use self::params::{HistogramParams, Rarity};

/// Rows that one thread scores at a time; fewer rows than two such blocks stay on the caller's.
const BLOCK: usize = 256;

/// The baseline beside which every other model has to stand: columns know nothing of each other,
/// and the score is the sum of how rare the value of each is ([`Rarity`]), in natural
/// logarithms of a share: 0 where every value is the most usual one, and no upper end but that a
/// value which training never had counts as half a row.
///
/// ```
/// use ndarray::array;
/// use nettraffic_features::PreparedMatrix;
/// use nettraffic_models::{AnomalyModel, Histogram};
///
/// let train = PreparedMatrix::new(array![[0.0, 1.0], [0.0, 1.0], [0.0, 1.0], [1.0, 1.0]])?;
/// let model = Histogram::params().bins(2).fit(&train)?;
/// let row = array![1.0, 1.0];
/// assert_eq!(model.score_row(row.view())?, 3.0_f32.ln());
/// assert_eq!(model.contributions(row.view())?, array![3.0_f32.ln(), 0.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Histogram {
    /// One for each column.
    columns: Vec<Steps>,
}

impl Histogram {
    /// Parameters with their defaults, to change and then to fit.
    #[must_use]
    pub fn params() -> HistogramParams {
        HistogramParams::default()
    }

    fn score_values(&self, row: &[f32]) -> f32 {
        let heights = self.heights(row);
        heights.map(f64::from).sum::<f64>() as f32
    }

    fn heights(&self, row: &[f32]) -> impl Iterator<Item = f32> {
        let columns = self.columns.iter().zip(row);
        columns.map(|(steps, value)| steps.height(*value))
    }
}

impl HistogramParams {
    /// Fits the model on `x`, column by column on rayon's current pool; the result does not depend
    /// on its threads. [`Rarity::Tail`] sorts each column.
    ///
    /// # Errors
    /// No rows or no columns; a parameter out of its range.
    pub fn fit(&self, x: &PreparedMatrix) -> Result<Histogram, ModelError> {
        self.check(x.rows(), x.columns())?;
        let x = x.view();
        let fit = |column: usize| {
            let values = x.column(column).to_vec();
            match self.rarity {
                Rarity::Density => density::steps(&values, self.bins),
                Rarity::Tail => tail::steps(values),
            }
        };
        Ok(Histogram {
            columns: (0..x.ncols()).into_par_iter().map(fit).collect(),
        })
    }
}

impl AnomalyModel for Histogram {
    fn columns(&self) -> usize {
        self.columns.len()
    }

    /// Many rows are scored on rayon's current pool.
    fn score(&self, x: ArrayView2<'_, f32>) -> Result<Array1<f32>, ModelError> {
        let x = check::contiguous_rows(&x, self.columns())?;
        let rows = x
            .as_slice()
            .unwrap_or_default()
            .par_chunks_exact(self.columns());
        let scores = rows.with_min_len(BLOCK).map(|row| self.score_values(row));
        Ok(Array1::from_vec(scores.collect()))
    }

    fn score_row(&self, row: ArrayView1<'_, f32>) -> Result<f32, ModelError> {
        let row = check::contiguous_row(&row, self.columns())?;
        Ok(self.score_values(row.as_slice().unwrap_or_default()))
    }

    /// How rare each value is. They sum to the score, exactly but for its one rounding.
    fn contributions(&self, row: ArrayView1<'_, f32>) -> Result<Array1<f32>, ModelError> {
        let row = check::contiguous_row(&row, self.columns())?;
        Ok(self.heights(row.as_slice().unwrap_or_default()).collect())
    }
}

/// A model as it is stored, checked before it becomes one.
#[derive(Deserialize)]
struct Stored {
    columns: Vec<Steps>,
}

impl TryFrom<Stored> for Histogram {
    type Error = ModelError;

    fn try_from(stored: Stored) -> Result<Self, ModelError> {
        let Stored { columns } = stored;
        let unsound = |reason| ModelError::Invalid {
            what: "histogram model",
            reason,
        };
        if columns.is_empty() {
            return Err(unsound("no columns".to_owned()));
        }
        match columns.iter().position(|steps| !steps.is_sound()) {
            None => Ok(Self { columns }),
            Some(column) => Err(unsound(format!("the steps of column {column} do not fit"))),
        }
    }
}
