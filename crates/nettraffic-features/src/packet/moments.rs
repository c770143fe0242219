//! Weight, mean and variance of values that lose weight with time.

use std::array::from_fn;

use super::half::powers_of_half;

/// What is smaller is zero: in units of packets, bytes or seconds it is nothing, but numbers that
/// go on shrinking become subnormal, and these are slow.
const NOTHING: f64 = 1.0 / (1_u128 << 100) as f64 / (1_u128 << 100) as f64;

/// `value`, or 0 when it is next to nothing.
#[inline(always)]
pub(super) fn or_zero(value: f64) -> f64 {
    if value.abs() < NOTHING { 0.0 } else { value }
}

/// What remains of a weight after some time: 2^(−λ·time), at each decay rate λ.
#[derive(Clone, Copy, Debug)]
pub(super) struct Damping<const N: usize>([f64; N]);

impl<const N: usize> Damping<N> {
    /// `rates` are per nanosecond.
    #[inline]
    pub(super) fn after(nanos: u64, rates: &[f64; N]) -> Self {
        let nanos = nanos as f64;
        Self(powers_of_half(from_fn(|i| rates[i] * nanos)))
    }

    #[inline(always)]
    pub(super) fn apply(&self, values: &mut [f64; N]) {
        *values = from_fn(|i| or_zero(values[i] * self.0[i]));
    }
}

/// Moments of values whose weights halve every 1/λ seconds, at `N` decay rates side by side.
///
/// Kept is not the sum of squares but the variance itself (West 1979): nothing cancels out, equal
/// values have the variance 0, and as time passes only the weight changes.
#[derive(Clone, Copy, Debug)]
pub(super) struct DampedMoments<const N: usize> {
    pub(super) weight: [f64; N],
    pub(super) mean: [f64; N],
    pub(super) variance: [f64; N],
}

impl<const N: usize> DampedMoments<N> {
    pub(super) const NONE: Self = Self {
        weight: [0.0; N],
        mean: [0.0; N],
        variance: [0.0; N],
    };

    #[inline(always)]
    pub(super) fn damp(&mut self, damping: &Damping<N>) {
        damping.apply(&mut self.weight);
    }

    /// Takes in a value of weight 1.
    #[inline(always)]
    pub(super) fn add(&mut self, value: f64) {
        let before = self.weight;
        self.weight = from_fn(|i| before[i] + 1.0);
        let share: [f64; N] = from_fn(|i| 1.0 / self.weight[i]);
        // Not 1 − share, which would round away what little remains after a long silence.
        let kept: [f64; N] = from_fn(|i| before[i] * share[i]);
        let step: [f64; N] = from_fn(|i| value - self.mean[i]);
        // From the nearer of the two: a small mean is no difference of large numbers, and equal
        // values leave it as it is.
        self.mean = from_fn(|i| {
            if kept[i] < share[i] {
                value - kept[i] * step[i]
            } else {
                self.mean[i] + share[i] * step[i]
            }
        });
        self.variance =
            from_fn(|i| or_zero(kept[i] * (self.variance[i] + share[i] * (step[i] * step[i]))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_do_not_deviate() {
        let mut moments = DampedMoments::<2>::NONE;
        for _ in 0..1000 {
            moments.damp(&Damping::after(333_333, &[5e-9, 1e-10]));
            moments.add(1513.0);
        }
        assert_eq!(moments.mean, [1513.0; 2]);
        assert_eq!(moments.variance, [0.0; 2]);
    }

    #[test]
    fn weight_halves_at_the_pace_of_each_rate() {
        let mut moments = DampedMoments::<2>::NONE;
        moments.add(10.0);
        moments.damp(&Damping::after(1_000_000_000, &[1e-9, 2e-9]));
        assert_eq!(moments.weight, [0.5, 0.25]);
        moments.add(40.0);
        assert_eq!(moments.weight, [1.5, 1.25]);
        for (found, expected) in [
            (moments.mean, [30.0, 34.0]),
            (moments.variance, [200.0, 144.0]),
        ] {
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
            }
        }
    }

    /// A gap of three years between two of seven seconds.
    #[test]
    fn a_large_value_that_is_all_but_forgotten_leaves_no_error() {
        let mut moments = DampedMoments::<1>::NONE;
        moments.add(1e8);
        moments.damp(&Damping::after(7_000_000_000, &[5e-9]));
        moments.add(7.0);
        let kept = 1.0 / (2_f64.powi(35) + 1.0);
        let expected = 7.0 + kept * (1e8 - 7.0);
        assert!((moments.mean[0] - expected).abs() < 1e-14, "{moments:?}");
    }

    #[test]
    fn nothing_becomes_subnormal() {
        let mut moments = DampedMoments::<1>::NONE;
        moments.add(1.0);
        moments.add(2.0);
        for _ in 0..100_000 {
            moments.damp(&Damping::after(1, &[0.5]));
            for value in [moments.weight, moments.variance] {
                assert!(value == [0.0] || value[0].is_normal(), "{value:?}");
            }
        }
        assert_eq!(moments.weight, [0.0]);
    }
}
