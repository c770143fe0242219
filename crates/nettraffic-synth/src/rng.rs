//! Seeded randomness with the distributions that traffic needs.
//!
//! Logarithm and exponential are computed here from exactly rounded operations, because those of the
//! platform may differ in the last bit and the same seed must give the same bytes everywhere.

use rand::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::f64::consts::{LN_2, SQRT_2};

/// One stream of random numbers; every source and conversation owns its own.
#[derive(Clone, Debug)]
pub(crate) struct Rng(Xoshiro256PlusPlus);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// The stream number `stream` of a seed, independent of how many others are drawn.
    pub(crate) fn stream(seed: u64, stream: u64) -> Self {
        Self::new(seed ^ stream.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// A new stream for something that this one starts.
    pub(crate) fn child(&mut self) -> Self {
        Self::new(self.0.next_u64())
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in `[0, 1)`.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in `low..=high`.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        let span = u128::from(high.saturating_sub(low)) + 1;
        low + ((u128::from(self.0.next_u64()) * span) >> 64) as u64
    }

    /// Uniform in `low..=high`, for lengths and positions.
    pub(crate) fn size(&mut self, low: usize, high: usize) -> usize {
        self.between(low as u64, high as u64) as usize
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of `choices`, which must not be empty.
    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.size(0, choices.len() - 1)]
    }

    /// One of `choices`, the first ones far more often than the last: popularity is not even.
    pub(crate) fn pick_popular<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let u = self.unit();
        let position = (u * u * u * choices.len() as f64) as usize;
        &choices[position.min(choices.len() - 1)]
    }

    /// Exponential with the given mean.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * ln(1.0 - self.unit())
    }

    /// Log-normal with the given median; `sigma` is the deviation of the logarithm.
    pub(crate) fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        median * exp(sigma * self.normal())
    }

    /// Pareto from `least` upwards with tail index `alpha`, cut off at `most`.
    pub(crate) fn pareto(&mut self, least: f64, alpha: f64, most: f64) -> f64 {
        (least * exp(-ln(1.0 - self.unit()) / alpha)).min(most)
    }

    /// `centre`, give or take the share `spread` of it, uniformly.
    pub(crate) fn around(&mut self, centre: u64, spread: f64) -> u64 {
        (centre as f64 * (1.0 + spread * (2.0 * self.unit() - 1.0))) as u64
    }

    /// Standard normal (Marsaglia's polar method).
    fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let r = x * x + y * y;
            if r > 0.0 && r < 1.0 {
                return x * (-2.0 * ln(r) / r).sqrt();
            }
        }
    }
}

/// Natural logarithm of a positive, normal number.
fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut exponent = ((bits >> 52) & 0x7FF) as i32 - 1023;
    let mut mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    if mantissa > SQRT_2 {
        mantissa *= 0.5;
        exponent += 1;
    }
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let series = (0..12)
        .rev()
        .fold(0.0, |sum, k| sum * square + 1.0 / f64::from(2 * k + 1));
    f64::from(exponent) * LN_2 + 2.0 * s * series
}

/// Exponential of a number between -700 and 700.
fn exp(x: f64) -> f64 {
    let x = x.clamp(-700.0, 700.0);
    let power = (x / LN_2).round();
    let rest = x - power * LN_2;
    let series = (1..18)
        .rev()
        .fold(1.0, |sum, k| 1.0 + sum * rest / f64::from(k));
    series * f64::from_bits(((power as i64 + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithm_and_exponential_agree_with_the_platform() {
        for x in [1e-16, 1e-3, 0.5, 1.0, std::f64::consts::E, 1234.5, 1e18] {
            assert!(
                (ln(x) - x.ln()).abs() < 1e-13 * x.ln().abs().max(1.0),
                "ln {x}"
            );
        }
        for x in [-40.0, -1.0, 0.0, 0.3, 1.0, 20.0, 100.0] {
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-12, "exp {x}");
        }
    }

    #[test]
    fn distributions_have_their_centre() {
        let mut rng = Rng::new(1);
        let n = 20_000;
        let mean = (0..n).map(|_| rng.exponential(5.0)).sum::<f64>() / f64::from(n);
        assert!((mean - 5.0).abs() < 0.2, "exponential mean {mean}");
        let below = (0..n)
            .filter(|_| rng.log_normal(100.0, 1.5) < 100.0)
            .count();
        assert!(
            below.abs_diff(10_000) < 300,
            "log-normal median: {below} below"
        );
        assert!((0..n).all(|_| (3..=7).contains(&rng.between(3, 7))));
        assert!((0..n).all(|_| (2.0..=50.0).contains(&rng.pareto(2.0, 1.1, 50.0))));
    }

    #[test]
    fn streams_of_one_seed_differ() {
        assert_ne!(Rng::stream(7, 0).bits(), Rng::stream(7, 1).bits());
        assert_eq!(Rng::stream(7, 3).bits(), Rng::stream(7, 3).bits());
    }
}
