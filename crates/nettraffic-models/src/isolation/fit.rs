//! From prepared rows to a forest.

use nettraffic_features::PreparedMatrix;
use rand::{RngCore, SeedableRng};
use rand_xoshiro::{SplitMix64, Xoshiro256PlusPlus};
use rayon::prelude::*;

use crate::ModelError;

use super::path::AverageLengths;
use super::sample::Sample;
use super::split::Split;
use super::tree::Tree;
use super::{IsolationForest, IsolationForestParams, Trees};

impl IsolationForestParams {
    /// Grows the forest on rayon's current pool; the result does not depend on its threads. The
    /// cost hardly grows with the rows, of which each tree sees only its sample.
    ///
    /// # Errors
    /// Fewer than two rows; a parameter out of its range.
    pub fn fit(&self, x: &PreparedMatrix) -> Result<IsolationForest, ModelError> {
        let sample = self.check(x.rows(), x.columns())?;
        let x = x.view();
        let x = x.as_standard_layout();
        let values = x.as_slice().unwrap_or_default();
        let trees = if self.columns_per_split == 1 {
            Trees::Straight(self.grow(values, x.ncols(), sample))
        } else {
            Trees::Slanted(self.grow(values, x.ncols(), sample))
        };
        Ok(IsolationForest::new(x.ncols(), sample as u32, trees))
    }

    fn grow<S: Split>(&self, values: &[f32], columns: usize, sample: usize) -> Vec<Tree<S>> {
        let lengths = AverageLengths::up_to(sample);
        let mut seeds = SplitMix64::seed_from_u64(self.seed);
        let seeds: Vec<u64> = (0..self.trees).map(|_| seeds.next_u64()).collect();
        let tree = |seed: &u64| {
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(*seed);
            let rows = Sample::draw(values, columns, sample, &mut rng);
            let split = self.columns_per_split;
            Tree::grow(&rows, sample as u32, split, &lengths, &mut rng)
        };
        seeds.par_iter().map(tree).collect()
    }
}
