//! The moments of small integers in little room.

use super::Moments;

/// [`Moments`] of a series of at most 2³² − 1 integers of 32 bits, as exact as those while no value is above
/// 65,535, which no packet's length is but in crafted jumbograms; beyond, the sum of squares may saturate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmallMoments {
    sum: u64,
    sum_of_squares: u64,
    count: u32,
    min: u32,
    max: u32,
}

impl Default for SmallMoments {
    fn default() -> Self {
        Self {
            sum: 0,
            sum_of_squares: 0,
            count: 0,
            min: u32::MAX,
            max: 0,
        }
    }
}

impl SmallMoments {
    #[inline]
    pub(super) fn add(&mut self, value: u32) {
        let wide = u64::from(value);
        // A record ends before it has more packets.
        self.count = self.count.wrapping_add(1);
        self.sum += wide;
        self.sum_of_squares = self.sum_of_squares.saturating_add(wide * wide);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// The same in the general form, from which all statistics are computed.
    #[must_use]
    pub fn moments(&self) -> Moments {
        let range = (self.min.into(), self.max.into());
        Moments::of(
            self.count.into(),
            self.sum,
            self.sum_of_squares.into(),
            range,
        )
    }

    /// How many values there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count.into()
    }

    /// Their sum.
    #[must_use]
    pub const fn sum(&self) -> u64 {
        self.sum
    }

    /// The smallest value; `None` without values.
    #[must_use]
    pub fn min(&self) -> Option<u64> {
        self.moments().min()
    }

    /// The largest value; `None` without values.
    #[must_use]
    pub fn max(&self) -> Option<u64> {
        self.moments().max()
    }

    /// The mean; `None` without values.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        self.moments().mean()
    }

    /// The standard deviation of these values as a whole population; `None` without values.
    #[must_use]
    pub fn population_std(&self) -> Option<f64> {
        self.moments().population_std()
    }

    /// The estimate from a sample; `None` with fewer than two values.
    #[must_use]
    pub fn sample_std(&self) -> Option<f64> {
        self.moments().sample_std()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn small_moments_are_the_moments(values in prop::collection::vec(0_u32..65_536, 0..30)) {
            let mut small = SmallMoments::default();
            let mut moments = Moments::default();
            for value in values {
                small.add(value);
                moments.add(value.into());
            }
            prop_assert_eq!(small.moments(), moments);
        }
    }

    #[test]
    fn large_values_saturate() {
        let mut small = SmallMoments::default();
        (0..3).for_each(|_| small.add(u32::MAX));
        assert_eq!(small.moments().sum_of_squares(), u64::MAX.into());
        assert!(small.population_std().is_some_and(f64::is_finite));
    }
}
