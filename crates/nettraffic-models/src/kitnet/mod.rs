//! An ensemble of small autoencoders that a stream teaches, as in KitNET.

mod coder;
mod group;
mod mapping;
mod params;
mod range;
mod sigmoid;
mod stored;
#[cfg(test)]
mod tests;

use ndarray::{Array1, ArrayView1, ArrayView2, Axis};
use nettraffic_features::PreparedMatrix;
use rand::{RngCore, SeedableRng};
use rand_xoshiro::{SplitMix64, Xoshiro256PlusPlus};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{AnomalyModel, Incremental, ModelError, check};

use self::coder::{Coder, Scratch};
use self::group::Group;
use self::params::MAX_GROUP;
use self::range::Ranges;
use self::stored::Stored;

pub use self::params::KitnetParams;

/// Rows that one thread scores at a time, and that all groups learn before the output does.
const BLOCK: usize = 256;

/// An ensemble of small autoencoders, made to score every packet of a fast line (KitNET, Mirsky et
/// al. 2018). Columns that move together form a group with an autoencoder of its own; one more
/// autoencoder knows how badly the groups are reconstructed at the same time. The score is
/// the root mean square of what surprises that last one, 0 and more.
///
/// A row is taught once, by one step down the gradient, in the order of the stream: an
/// [`update`](Incremental::update) goes on where fitting ended. Values count as shares of the range
/// that was seen in teaching. So do the groups' errors; the paper's program lets their range begin
/// at the least one, here it begins at 0. Rows that groups were found by teach too, where the paper
/// leaves them out.
///
/// ```
/// use ndarray::{Array2, array};
/// use nettraffic_features::PreparedMatrix;
/// use nettraffic_models::{AnomalyModel, Incremental, Kitnet};
///
/// // The second column is twice the first.
/// let rows = Array2::from_shape_fn((5_000, 2), |(row, column)| ((row % 100) * (column + 1)) as f32);
/// let rows = PreparedMatrix::new(rows)?;
/// let mut kitnet = Kitnet::params().seed(7).fit(&rows)?;
/// kitnet.update(&rows)?;
/// let [usual, odd] = [array![80.0, 160.0], array![80.0, 10.0]];
/// assert!(kitnet.score_row(odd.view())? > 2.0 * kitnet.score_row(usual.view())?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Kitnet {
    learning_rate: f32,
    columns: Ranges,
    groups: Vec<Group>,
    /// Of the groups' errors.
    errors: Ranges,
    output: Coder,
}

/// What is computed on the way to a score.
struct Work {
    row: Vec<f32>,
    errors: Vec<f32>,
    group: Scratch,
    output: Scratch,
}

impl Kitnet {
    /// Parameters with their defaults, to change and then to fit.
    #[must_use]
    pub fn params() -> KitnetParams {
        KitnetParams::default()
    }

    /// The columns of each group, from 0.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = &[u32]> {
        self.groups.iter().map(|group| group.columns.as_slice())
    }

    fn work(&self) -> Work {
        Work {
            row: vec![0.0; self.columns.len()],
            errors: vec![0.0; self.groups.len()],
            group: Scratch::new(MAX_GROUP),
            output: Scratch::new(self.groups.len()),
        }
    }

    #[inline]
    fn score_values(&self, row: &[f32], work: &mut Work) -> f32 {
        self.columns.scale(row, &mut work.row);
        for (error, group) in work.errors.iter_mut().zip(&self.groups) {
            *error = group.error(&work.row, &mut work.group);
        }
        self.errors.scale_in_place(&mut work.errors);
        self.output.error(&work.errors, &mut work.output)
    }

    /// A group's steps depend on no other group, so each learns the whole block by itself.
    fn learn(&mut self, rows: ArrayView2<'_, f32>) {
        let (count, columns) = rows.dim();
        let mut scaled = vec![0.0; rows.len()];
        for (row, scaled) in rows.outer_iter().zip(scaled.chunks_exact_mut(columns)) {
            let row = row.to_slice().unwrap_or_default();
            self.columns.widen(row);
            self.columns.scale(row, scaled);
        }
        let rate = self.learning_rate;
        let learn = |group: &mut Group| -> Vec<f32> {
            let mut scratch = Scratch::new(MAX_GROUP);
            let rows = scaled.chunks_exact(columns);
            rows.map(|row| group.learn(row, rate, &mut scratch))
                .collect()
        };
        let of_groups: Vec<Vec<f32>> = self.groups.par_iter_mut().map(learn).collect();
        let mut work = self.work();
        for row in 0..count {
            for (error, of_group) in work.errors.iter_mut().zip(&of_groups) {
                *error = of_group[row];
            }
            self.errors.widen(&work.errors);
            self.errors.scale_in_place(&mut work.errors);
            self.output.learn(&work.errors, rate, &mut work.output);
        }
    }
}

impl KitnetParams {
    /// Groups the columns by the first rows of `x`, and learns from all of its rows in their order,
    /// on rayon's current pool; the result does not depend on its threads.
    ///
    /// # Errors
    /// Fewer than two rows; a parameter out of its range.
    pub fn fit(&self, x: &PreparedMatrix) -> Result<Kitnet, ModelError> {
        self.check(x.rows(), x.columns())?;
        let rows = x.view();
        let (first, _) = rows.split_at(Axis(0), self.mapping_rows.min(x.rows()));
        let groups = mapping::groups(first, self.group);
        let mut seeds = SplitMix64::seed_from_u64(self.seed);
        let mut coder = |inputs| {
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(seeds.next_u64());
            Coder::new(inputs, self.hidden_ratio, &mut rng)
        };
        let of_columns = |columns: Vec<u32>| {
            let coder = coder(columns.len());
            Group { columns, coder }
        };
        let groups: Vec<Group> = groups.into_iter().map(of_columns).collect();
        let mut model = Kitnet {
            learning_rate: self.learning_rate,
            columns: Ranges::at(x.row(0).to_slice().unwrap_or_default()),
            errors: Ranges::at(&vec![0.0; groups.len()]),
            output: coder(groups.len()),
            groups,
        };
        model.update(x)?;
        Ok(model)
    }
}

impl Incremental for Kitnet {
    /// One step of learning for each row. The columns stay grouped as they are.
    fn update(&mut self, x: &PreparedMatrix) -> Result<(), ModelError> {
        let x = x.view();
        let x = check::contiguous_rows(&x, self.columns.len())?;
        for block in x.axis_chunks_iter(Axis(0), BLOCK) {
            self.learn(block);
        }
        Ok(())
    }
}

impl AnomalyModel for Kitnet {
    fn columns(&self) -> usize {
        self.columns.len()
    }

    /// Many rows are scored on rayon's current pool.
    fn score(&self, x: ArrayView2<'_, f32>) -> Result<Array1<f32>, ModelError> {
        let x = check::contiguous_rows(&x, self.columns.len())?;
        let values = x.as_slice().unwrap_or_default();
        let rows = values.par_chunks_exact(self.columns.len());
        let scores = rows
            .with_min_len(BLOCK)
            .map_init(|| self.work(), |work, row| self.score_values(row, work));
        Ok(Array1::from_vec(scores.collect()))
    }

    fn score_row(&self, row: ArrayView1<'_, f32>) -> Result<f32, ModelError> {
        let row = check::contiguous_row(&row, self.columns.len())?;
        let row = row.as_slice().unwrap_or_default();
        Ok(self.score_values(row, &mut self.work()))
    }

    /// Each group's share of the squares under the root, divided among its columns as the squares of
    /// their own errors are: they sum to the score (up to single precision), and none is negative.
    fn contributions(&self, row: ArrayView1<'_, f32>) -> Result<Array1<f32>, ModelError> {
        let row = check::contiguous_row(&row, self.columns.len())?;
        let mut work = self.work();
        let score = self.score_values(row.as_slice().unwrap_or_default(), &mut work);
        let mut parts = Array1::zeros(self.columns.len());
        let whole = score * self.groups.len() as f32;
        if whole == 0.0 {
            return Ok(parts);
        }
        for (group, surprise) in self.groups.iter().zip(work.output.errors()) {
            let of_group = surprise * surprise / whole;
            group.error(&work.row, &mut work.group);
            let errors = || group.columns.iter().zip(work.group.errors());
            let sum: f32 = errors().map(|(_, error)| error * error).sum();
            for (column, error) in errors() {
                let share = if sum > 0.0 {
                    error * error / sum
                } else {
                    1.0 / group.columns.len() as f32
                };
                parts[*column as usize] = of_group * share;
            }
        }
        Ok(parts)
    }
}
