//! A set of small numbers.

/// A set of numbers below a bound, one bit each.
#[derive(Clone)]
pub(super) struct BitSet(Vec<u64>);

impl BitSet {
    /// No number yet, all of which will be below `bound`.
    pub(super) fn new(bound: usize) -> Self {
        Self(vec![0; bound.div_ceil(64)])
    }

    pub(super) fn insert(&mut self, number: usize) {
        self.0[number / 64] |= 1 << (number % 64);
    }

    pub(super) fn contains(&self, number: usize) -> bool {
        self.0[number / 64] >> (number % 64) & 1 == 1
    }
}
