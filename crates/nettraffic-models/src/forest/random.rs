//! Seeded draws, the same on every machine and in every version of the generator's crate.

use rand_xoshiro::rand_core::{RngCore, SeedableRng};
use rand_xoshiro::{SplitMix64, Xoshiro256PlusPlus};

/// A generator for one tree, or for one other independent piece of work.
pub(super) struct Draws(Xoshiro256PlusPlus);

impl Draws {
    /// `count` seeds, one for each piece of work, of which the first do not depend on `count`.
    pub(super) fn seeds(master: u64, count: usize) -> Vec<u64> {
        let mut seeds = SplitMix64::seed_from_u64(master);
        (0..count).map(|_| seeds.next_u64()).collect()
    }

    pub(super) fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// A number from 0 to `bound` − 1; 0 when `bound` is 0.
    ///
    /// The high half of a product (Lemire 2019) without its rejection step: the bias is
    /// below `bound` / 2^64, far too small to be seen in any forest.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let product = u128::from(self.0.next_u64()) * bound as u128;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the high half is below `bound`"
        )]
        let drawn = (product >> 64) as usize;
        drawn
    }

    /// Puts `items` into a random order (Fisher and Yates).
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
