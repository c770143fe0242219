//! How lopsided a series is, without rounding on the way.

/// Count and sums of the first three powers of 32-bit numbers, exact for up to 2³² of them: order
/// and merging change nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PowerSums {
    // 2³² values below 2³² have cubes that sum up to less than 2¹²⁸.
    cubes: u128,
    squares: u128,
    sum: u64,
    count: u64,
}

impl PowerSums {
    /// Takes in one value.
    #[inline]
    pub fn add(&mut self, value: u32) {
        let square = u64::from(value) * u64::from(value);
        self.count += 1;
        self.sum = self.sum.saturating_add(u64::from(value));
        self.squares = self.squares.saturating_add(u128::from(square));
        let cube = u128::from(square) * u128::from(value);
        self.cubes = self.cubes.saturating_add(cube);
    }

    /// The sums over both series.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        Self {
            cubes: self.cubes.saturating_add(other.cubes),
            squares: self.squares.saturating_add(other.squares),
            sum: self.sum.saturating_add(other.sum),
            count: self.count.saturating_add(other.count),
        }
    }

    /// How many values there were.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The skewness of these values as a whole population: the mean cube of `(x − mean) / std`.
    /// Above 0 where few large values stand against many small ones.
    ///
    /// `None` when all values are alike, and for 2³¹ values and more.
    #[must_use]
    pub fn skewness(&self) -> Option<f64> {
        if self.count == 0 || self.count >= 1 << 31 {
            return None;
        }
        // Powers around the integer `q` below the mean, as `sum = q·n + r`: exact, because what
        // wraps in the terms unwraps in their sum, which is below 2³¹ · 2⁹⁶.
        let (q, r) = (self.sum / self.count, self.sum % self.count);
        let [sum, q, r] = [self.sum, q, r].map(u128::from);
        let squares = self.squares.wrapping_sub(q * (sum + r));
        let cubes = self
            .cubes
            .wrapping_sub(self.squares.wrapping_mul(3 * q))
            .wrapping_add((q * q).wrapping_mul(2 * sum + r))
            .cast_signed();
        // And from there to the mean, which lies `shift` higher: 0 to 1.
        let (n, r) = (self.count as f64, r as f64);
        let shift = r / n;
        let variance = (squares as f64 - shift * r) / n;
        let third = (cubes as f64 - 3.0 * shift * squares as f64 + 2.0 * shift * shift * r) / n;
        let skewness = third / (variance * variance.sqrt());
        (variance > 0.0 && skewness.is_finite()).then_some(skewness)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sums(values: &[u32]) -> PowerSums {
        let mut sums = PowerSums::default();
        values.iter().for_each(|value| sums.add(*value));
        sums
    }

    #[test]
    fn hand_made_series() {
        for (values, expected) in [
            (&[][..], None),
            (&[7], None),
            (&[7, 7, 7], None),
            (&[u32::MAX, u32::MAX], None),
            (&[1, 2], Some(0.0)),
            (&[0, 5, 10], Some(0.0)),
            // Mean 1, deviations −1, −1, −1, 3: third moment 6, variance 3.
            (&[0, 0, 0, 4], Some(6.0 / 27_f64.sqrt())),
            (&[4, 4, 4, 0], Some(-6.0 / 27_f64.sqrt())),
            // The same far up: cancellation would leave nothing of it.
            (
                &[4_000_000_000, 4_000_000_000, 4_000_000_000, 4_000_000_004],
                Some(6.0 / 27_f64.sqrt()),
            ),
            (&[0, 0, 0, u32::MAX], Some(6.0 / 27_f64.sqrt())),
        ] {
            let found = sums(values).skewness();
            let near = match (found, expected) {
                (Some(found), Some(expected)) => (found - expected).abs() < 1e-12,
                (found, expected) => found == expected,
            };
            assert!(near, "{values:?}: {found:?}, not {expected:?}");
        }
    }

    #[test]
    fn more_values_than_the_sums_are_exact_for_have_none() {
        let mut many = sums(&[0, u32::MAX]);
        for _ in 0..31 {
            many = many.merged(many);
        }
        assert_eq!((many.count(), many.skewness()), (1 << 32, None));
    }

    proptest! {
        #[test]
        fn agrees_with_two_passes(values in prop::collection::vec(0_u32..100_000, 2..50)) {
            let n = values.len() as f64;
            let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
            let moment = |power| values.iter().map(|v| (f64::from(*v) - mean).powi(power)).sum::<f64>() / n;
            let (variance, third) = (moment(2), moment(3));
            prop_assume!(variance > 1e-6);
            let found = sums(&values).skewness().unwrap_or(f64::NAN);
            prop_assert!((found - third / variance.powf(1.5)).abs() < 1e-6, "{}", found);
        }

        #[test]
        fn is_within_what_so_many_values_can_have(values in prop::collection::vec(any::<u32>(), 2..50)) {
            let n = values.len() as f64;
            let limit = (n - 2.0) / (n - 1.0).sqrt() + 1e-9;
            prop_assert!(sums(&values).skewness().is_none_or(|skewness| skewness.abs() <= limit));
        }

        #[test]
        fn parts_merge_to_the_whole(values in prop::collection::vec(any::<u32>(), 0..20), at in 0_usize..20) {
            let (left, right) = values.split_at(at.min(values.len()));
            prop_assert_eq!(sums(left).merged(sums(right)), sums(&values));
        }
    }
}
