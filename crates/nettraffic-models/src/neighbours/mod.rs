//! Nearest neighbours: a row far from all that training had is strange.

mod distance;
mod nearest;
mod params;
mod sample;
#[cfg(test)]
mod tests;
mod tree;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use nettraffic_features::PreparedMatrix;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{AnomalyModel, ModelError, check};

use self::distance::square;
use self::nearest::Nearest;
use self::params::{MAX_NEIGHBOURS, MAX_VALUES};
use self::tree::BallTree;

pub use self::params::NearestNeighboursParams;

/// Rows that one thread scores at a time; fewer rows than two such blocks stay on the caller's.
const BLOCK: usize = 64;

/// Remembered training rows. The score of a row is its mean distance to the nearest of them
/// (Angiulli and Pizzuti 2002, divided by their number): 0 where training had it often enough, no
/// upper end.
///
/// The neighbours are exact, found with a ball tree (Omohundro 1989): on rows that gather, a small
/// part of all distances is computed.
///
/// ```
/// use ndarray::array;
/// use nettraffic_features::PreparedMatrix;
/// use nettraffic_models::{AnomalyModel, NearestNeighbours};
///
/// let train = PreparedMatrix::new(array![[0.0, 0.0], [0.0, 2.0], [9.0, 9.0]])?;
/// let model = NearestNeighbours::params().neighbours(2).fit(&train)?;
/// let row = array![0.0, 1.0];
/// assert_eq!(model.score_row(row.view())?, 1.0);
/// assert_eq!(model.contributions(row.view())?, array![0.0, 1.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct NearestNeighbours {
    parts: Parts,
    tree: BallTree,
}

/// A model as it is stored, checked before it becomes one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Parts {
    neighbours: usize,
    /// In the order of training.
    rows: Array2<f32>,
}

impl NearestNeighbours {
    /// Parameters with their defaults, to change and then to fit.
    #[must_use]
    pub fn params() -> NearestNeighboursParams {
        NearestNeighboursParams::default()
    }

    /// The remembered rows, in the order of training.
    #[must_use]
    pub fn rows(&self) -> ArrayView2<'_, f32> {
        self.parts.rows.view()
    }

    /// How many neighbours a score asks.
    #[must_use]
    pub fn neighbours(&self) -> usize {
        self.parts.neighbours
    }

    fn score_values(&self, row: &[f32], nearest: &mut Nearest) -> f32 {
        nearest.clear();
        self.tree.search(row, nearest);
        let distances = nearest.found().iter().map(|(squared, _)| squared.sqrt());
        finite(distances.sum::<f64>() / self.parts.neighbours as f64)
    }
}

impl NearestNeighboursParams {
    /// Remembers rows of `x`.
    ///
    /// # Errors
    /// Fewer rows than neighbours; a parameter out of its range.
    pub fn fit(&self, x: &PreparedMatrix) -> Result<NearestNeighbours, ModelError> {
        let remembered = self.check(x.rows(), x.columns())?;
        let x = x.view();
        let x = x.as_standard_layout();
        let values = x.as_slice().unwrap_or_default();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(self.seed);
        let taken = sample::sample(values, x.ncols(), remembered, &mut rng);
        let rows = Array2::from_shape_vec((remembered, x.ncols()), taken);
        NearestNeighbours::try_from(Parts {
            neighbours: self.neighbours,
            rows: rows.map_err(|error| unsound(error.to_string()))?,
        })
    }
}

impl AnomalyModel for NearestNeighbours {
    fn columns(&self) -> usize {
        self.parts.rows.ncols()
    }

    /// Many rows are scored on rayon's current pool.
    fn score(&self, x: ArrayView2<'_, f32>) -> Result<Array1<f32>, ModelError> {
        let x = check::contiguous_rows(&x, self.columns())?;
        let rows = x
            .as_slice()
            .unwrap_or_default()
            .par_chunks_exact(self.columns());
        let scores = rows.with_min_len(BLOCK).map_init(
            || Nearest::new(self.parts.neighbours),
            |nearest, row| self.score_values(row, nearest),
        );
        Ok(Array1::from_vec(scores.collect()))
    }

    fn score_row(&self, row: ArrayView1<'_, f32>) -> Result<f32, ModelError> {
        let row = check::contiguous_row(&row, self.columns())?;
        let mut nearest = Nearest::new(self.parts.neighbours);
        Ok(self.score_values(row.as_slice().unwrap_or_default(), &mut nearest))
    }

    /// The part of each neighbour's squared distance that belongs to a column, divided by the
    /// distance, and the mean of that over the neighbours: they sum to the score (up to single
    /// precision) and are never negative.
    fn contributions(&self, row: ArrayView1<'_, f32>) -> Result<Array1<f32>, ModelError> {
        let row = check::contiguous_row(&row, self.columns())?;
        let row = row.as_slice().unwrap_or_default();
        let mut nearest = Nearest::new(self.parts.neighbours);
        self.tree.search(row, &mut nearest);
        let mut parts = vec![0.0; row.len()];
        for (squared, index) in nearest.found() {
            let distance = squared.sqrt();
            // A neighbour in the same place adds nothing.
            if distance > 0.0 {
                for ((part, a), b) in parts.iter_mut().zip(row).zip(self.tree.row(*index)) {
                    *part += square(*a, *b) / distance;
                }
            }
        }
        let mean = |part: f64| finite(part / self.parts.neighbours as f64);
        Ok(parts.into_iter().map(mean).collect())
    }
}

impl TryFrom<Parts> for NearestNeighbours {
    type Error = ModelError;

    fn try_from(parts: Parts) -> Result<Self, ModelError> {
        let (rows, columns) = parts.rows.dim();
        if columns == 0 || parts.rows.len() > MAX_VALUES {
            return Err(unsound(format!("{rows} rows of {columns} columns")));
        }
        if !(1..=MAX_NEIGHBOURS.min(rows)).contains(&parts.neighbours) {
            let neighbours = parts.neighbours;
            return Err(unsound(format!(
                "{neighbours} neighbours among {rows} rows"
            )));
        }
        let values = parts.rows.as_standard_layout();
        let values = values.as_slice().unwrap_or_default();
        if !values.iter().all(|value| value.is_finite()) {
            return Err(unsound("a row is not finite".to_owned()));
        }
        let tree = BallTree::new(values, columns);
        Ok(Self { parts, tree })
    }
}

impl From<NearestNeighbours> for Parts {
    fn from(model: NearestNeighbours) -> Self {
        model.parts
    }
}

impl PartialEq for NearestNeighbours {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}

fn unsound(reason: String) -> ModelError {
    ModelError::Invalid {
        what: "nearest-neighbour model",
        reason,
    }
}

/// Distances beyond single precision, of rows around 1e38, end at its largest number.
fn finite(value: f64) -> f32 {
    value.min(f32::MAX.into()) as f32
}
