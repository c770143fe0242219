//! Count, mean, spread and range of integers, without rounding.

/// Moments of a series of integers, kept exactly: the order of values and the way in which
/// a series is split and merged cannot change them.
///
/// Sums saturate at the end of their range, which takes more than 2⁶⁴ bytes or
/// 584 years of nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moments {
    count: u64,
    sum: u64,
    sum_of_squares: u128,
    min: u64,
    max: u64,
}

impl Default for Moments {
    fn default() -> Self {
        Self {
            count: 0,
            sum: 0,
            sum_of_squares: 0,
            // Identities of `min` and `max`: a step needs no "is this the first?".
            min: u64::MAX,
            max: 0,
        }
    }
}

impl Moments {
    /// The moments of a series that was summed up elsewhere; with a count of 0 the rest means nothing.
    pub(super) fn of(count: u64, sum: u64, sum_of_squares: u128, range: (u64, u64)) -> Self {
        match count {
            0 => Self::default(),
            _ => Self {
                count,
                sum,
                sum_of_squares,
                min: range.0,
                max: range.1,
            },
        }
    }

    /// Takes in one value.
    #[inline]
    pub fn add(&mut self, value: u64) {
        self.count += 1;
        self.sum = self.sum.saturating_add(value);
        let square = u128::from(value) * u128::from(value);
        self.sum_of_squares = self.sum_of_squares.saturating_add(square);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// The moments of both series together.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        Self {
            count: self.count.saturating_add(other.count),
            sum: self.sum.saturating_add(other.sum),
            sum_of_squares: self.sum_of_squares.saturating_add(other.sum_of_squares),
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }

    /// How many values there were.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Their sum.
    #[must_use]
    pub const fn sum(&self) -> u64 {
        self.sum
    }

    /// The sum of their squares.
    #[must_use]
    pub const fn sum_of_squares(&self) -> u128 {
        self.sum_of_squares
    }

    /// The smallest value; `None` without values.
    #[must_use]
    pub fn min(&self) -> Option<u64> {
        (self.count > 0).then_some(self.min)
    }

    /// The largest value; `None` without values.
    #[must_use]
    pub fn max(&self) -> Option<u64> {
        (self.count > 0).then_some(self.max)
    }

    /// The mean; `None` without values.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The variance of these values as a whole population; `None` without values.
    #[must_use]
    pub fn population_variance(&self) -> Option<f64> {
        self.variance_over(self.count)
    }

    /// The unbiased estimate from a sample; `None` with fewer than two values.
    #[must_use]
    pub fn sample_variance(&self) -> Option<f64> {
        self.variance_over(self.count.saturating_sub(1))
    }

    /// Square root of [`Moments::population_variance`].
    #[must_use]
    pub fn population_std(&self) -> Option<f64> {
        self.population_variance().map(f64::sqrt)
    }

    /// Square root of [`Moments::sample_variance`].
    #[must_use]
    pub fn sample_std(&self) -> Option<f64> {
        self.sample_variance().map(f64::sqrt)
    }

    fn variance_over(&self, divisor: u64) -> Option<f64> {
        (divisor > 0).then(|| self.squared_deviations() / divisor as f64)
    }

    /// `Σ(x − mean)²`, rounded once, at the very end.
    ///
    /// With `sum = q·n + r` the squares around the integer `q` are `D = Σx² − q·(sum + r)`,
    /// and around the mean they are `D − r²/n`: integers all the way, and none needs more
    /// than 128 bits, where `n·Σx² − sum²` would.
    fn squared_deviations(&self) -> f64 {
        if self.count == 0 {
            return 0.0;
        }
        // Divided while they have 64 bits: a division of 128 costs as much as all the rest.
        let (q, r) = (self.sum / self.count, self.sum % self.count);
        let [n, sum, q, r] = [self.count, self.sum, q, r].map(u128::from);
        let around_q = self.sum_of_squares.saturating_sub(q * (sum + r));
        match around_q.checked_mul(n) {
            Some(scaled) => scaled.saturating_sub(r * r) as f64 / n as f64,
            // Beyond 2⁶⁴ the fraction of `r²/n` is below the last bit of an `f64`.
            None => around_q.saturating_sub(r * r / n) as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moments(values: &[u64]) -> Moments {
        let mut moments = Moments::default();
        values.iter().for_each(|value| moments.add(*value));
        moments
    }

    #[test]
    fn hand_made_series() {
        for (values, mean, population, sample, range) in [
            (&[][..], None, None, None, None),
            (&[7], Some(7.0), Some(0.0), None, Some((7, 7))),
            (&[0, 0], Some(0.0), Some(0.0), Some(0.0), Some((0, 0))),
            (
                &[2, 4, 4, 4, 5, 5, 7, 9],
                Some(5.0),
                Some(4.0),
                Some(32.0 / 7.0),
                Some((2, 9)),
            ),
            (&[1, 2], Some(1.5), Some(0.25), Some(0.5), Some((1, 2))),
            // Cancellation would leave nothing of this spread.
            (
                &[1 << 60, (1 << 60) + 2],
                Some(((1_u64 << 60) + 1) as f64),
                Some(1.0),
                Some(2.0),
                Some((1 << 60, (1 << 60) + 2)),
            ),
        ] {
            let m = moments(values);
            assert_eq!(m.mean(), mean, "mean of {values:?}");
            assert_eq!(m.population_variance(), population, "{values:?}");
            assert_eq!(m.sample_variance(), sample, "{values:?}");
            assert_eq!(m.min().zip(m.max()), range, "range of {values:?}");
        }
    }

    #[test]
    fn the_ends_of_the_range_give_finite_numbers() {
        for values in [&[u64::MAX][..], &[u64::MAX; 3], &[0, u64::MAX]] {
            let m = moments(values);
            assert!(m.population_std().is_some_and(f64::is_finite), "{values:?}");
        }
        assert_eq!(moments(&[0, u64::MAX]).max(), Some(u64::MAX));
    }

    proptest! {
        #[test]
        fn agrees_with_two_passes(values in prop::collection::vec(0_u64..1 << 40, 1..50)) {
            let n = values.len() as f64;
            let mean = values.iter().sum::<u64>() as f64 / n;
            let squares: f64 = values.iter().map(|v| (*v as f64 - mean).powi(2)).sum();
            let m = moments(&values);
            prop_assert_eq!(m.mean(), Some(mean));
            let variance = m.population_variance().unwrap();
            prop_assert!((variance - squares / n).abs() <= 1e-9 * (1.0 + squares / n));
        }

        #[test]
        fn parts_merge_to_the_whole(values in prop::collection::vec(0_u64..1 << 40, 0..20), at in 0_usize..20) {
            let (left, right) = values.split_at(at.min(values.len()));
            prop_assert_eq!(moments(left).merged(moments(right)), moments(&values));
        }

        #[test]
        fn is_shifted_with_its_values(values in prop::collection::vec(0_u64..1000, 2..20), by in 0_u64..1 << 50) {
            let shifted: Vec<u64> = values.iter().map(|v| v + by).collect();
            prop_assert_eq!(moments(&shifted).sample_variance(), moments(&values).sample_variance());
        }
    }
}
