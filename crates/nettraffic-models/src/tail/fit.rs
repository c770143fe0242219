//! Fitting a tail by maximum likelihood.

use super::Tail;

/// Fewer excesses than this tell a size, and no shape.
const FEWEST: usize = 10;
/// Heavier tails have no use: such scores should be taken as logarithms.
const HEAVIEST: f64 = 2.0;

/// By how much the highest of ascending `scores` exceed the one below them, ascending and above 0,
/// and that one. So many are taken as grow like the square root of the number of scores.
pub(crate) fn excesses(sorted: &[f32]) -> (f32, Vec<f64>) {
    let peaks = 2.0 * (sorted.len() as f64).sqrt();
    let start = sorted.len().saturating_sub(peaks as usize + 1);
    let over = sorted.get(start).copied().unwrap_or_default();
    let excesses = sorted[start..]
        .iter()
        .map(|s| f64::from(*s) - f64::from(over))
        .filter(|excess| *excess > 0.0)
        .collect();
    (over, excesses)
}

impl Tail {
    /// The likeliest tail of ascending `excesses` with a shape from 0 to 2; exponential where
    /// these are too few to tell a shape, `None` where there are none.
    ///
    /// With `θ = shape / scale` the likeliest shape is the mean of `ln(1 + θx)`, so that one
    /// search over `θ` is enough (Grimshaw 1993).
    pub(crate) fn fit(excesses: &[f64]) -> Option<Self> {
        let middle = *excesses.get(excesses.len() / 2)?;
        let mean = mean(excesses, |x| x);
        let exponential = Self {
            scale: mean,
            shape: 0.0,
        };
        if excesses.len() < FEWEST {
            return Some(exponential);
        }
        // In units of the median excess, θ is 2^shape - 1 on the spot.
        let at = |theta: f64| {
            let shape = self::mean(excesses, |x| (theta * x / middle).ln_1p());
            let scale = shape / theta;
            (
                -scale.ln() - shape - 1.0,
                Self {
                    scale: scale * middle,
                    shape,
                },
            )
        };
        let most = 2.0 * (HEAVIEST.exp2() - 1.0);
        let steps = 48;
        let grid = |step: i32| most * (f64::from(step) / f64::from(steps)).powi(2);
        let best = (1..=steps).max_by(|a, b| at(grid(*a)).0.total_cmp(&at(grid(*b)).0))?;
        let theta = peak(grid(best - 1), grid((best + 1).min(steps)), |theta| {
            at(theta).0
        });
        let (likelihood, tail) = at(theta);
        let flat = -(mean / middle).ln() - 1.0;
        if flat >= likelihood {
            return Some(exponential);
        }
        Some(Self {
            shape: tail.shape.min(HEAVIEST),
            ..tail
        })
    }
}

fn mean(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    values.iter().map(|x| of(*x)).sum::<f64>() / values.len() as f64
}

/// Where `f` is highest between `low` and `high`, by golden sections.
fn peak(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    for _ in 0..40 {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if f(left) < f(right) {
            low = left;
        } else {
            high = right;
        }
    }
    (low + high) / 2.0
}
