//! One figure over several seeds.

use serde::Serialize;

/// Mean, spread and range of one figure measured several times, say with several seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Spread {
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation of the sample (n − 1); `None` of a single value.
    pub deviation: Option<f64>,
    /// Least value.
    pub min: f64,
    /// Greatest value.
    pub max: f64,
    /// Number of values.
    pub n: u64,
}

impl Spread {
    /// `None` without values, or when one of them is not finite.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        if values.is_empty() || !values.iter().all(|value| value.is_finite()) {
            return None;
        }
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Some(Self {
            mean,
            deviation: (values.len() > 1).then(|| (squares / (n - 1.0)).sqrt()),
            min: values.iter().copied().fold(f64::INFINITY, f64::min),
            max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            n: values.len() as u64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_mean_and_range() {
        let spread = Spread::of(&[0.5, 0.75, 0.25]).unwrap();
        assert_eq!(
            (spread.mean, spread.min, spread.max, spread.n),
            (0.5, 0.25, 0.75, 3)
        );
        assert_eq!(spread.deviation, Some(0.25));
        assert_eq!(Spread::of(&[1.0]).and_then(|one| one.deviation), None);
        assert_eq!(Spread::of(&[]), None);
        assert_eq!(Spread::of(&[1.0, f64::NAN]), None);
    }
}
