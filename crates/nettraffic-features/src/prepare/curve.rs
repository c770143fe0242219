//! The monotone curves that bring numbers to a common scale.

use serde::{Deserialize, Serialize};

use super::Scale;
use crate::sorted::quantile;

/// Scaled numbers further out than this grow logarithmically, even within the training range.
const KNEE: f64 = 10.0;

/// Interquartile range of a normal distribution with standard deviation 1.
const NORMAL_IQR: f64 = 1.349;

/// Most points of a quantile curve.
const QUANTILES: usize = 256;

/// No curve takes or gives numbers beyond this, so that no step can overflow.
const LIMIT: f64 = 1e200;

/// A curve that never falls. Fitted on values in ascending order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Curve {
    /// The number itself.
    Identity,
    /// `(x − center) / scale`, going on logarithmically below `low` and above `high`.
    Line {
        center: f64,
        scale: f64,
        low: f64,
        high: f64,
    },
    /// Straight lines between points; beyond them logarithmic in units of the whole range.
    Points { x: Vec<f64>, y: Vec<f64> },
}

impl Curve {
    /// Numbers that are on the common scale already: 0 to 1.
    pub(super) const UNIT: Self = Self::Line {
        center: 0.0,
        scale: 1.0,
        low: 0.0,
        high: 1.0,
    };

    /// The curve of that scale for training values in ascending order.
    pub(super) fn fit(sorted: &[f64], scale: Scale) -> Self {
        let (Some(&min), Some(&max)) = (sorted.first(), sorted.last()) else {
            return Self::Identity;
        };
        if is_constant(min, max) && scale != Scale::None {
            return Self::around_constant(min);
        }
        match scale {
            Scale::None => Self::Identity,
            Scale::MinMax => Self::Line {
                center: min,
                scale: max - min,
                low: 0.0,
                high: 1.0,
            },
            Scale::Standard => {
                let (mean, std) = mean_and_std(sorted);
                Self::line_to_knee(mean, std, min, max)
            }
            Scale::Robust => {
                let at = |share| quantile(sorted, share).unwrap_or(min);
                let spread = (at(0.75) - at(0.25)) / NORMAL_IQR;
                let spread = match is_constant(at(0.25), at(0.75)) {
                    true => mean_and_std(sorted).1,
                    false => spread,
                };
                Self::line_to_knee(at(0.5), spread, min, max)
            }
            Scale::Quantile => Self::through_quantiles(sorted),
        }
    }

    /// Where the curve is at `x`: finite for every finite `x` up to `LIMIT`.
    pub(super) fn at(&self, x: f64) -> f64 {
        match self {
            Self::Identity => x,
            Self::Line {
                center,
                scale,
                low,
                high,
            } => soften((x - center) / scale, *low, *high),
            Self::Points { x: xs, y: ys } => {
                let (first, last) = (xs[0], xs[xs.len() - 1]);
                let above = xs.partition_point(|point| *point <= x);
                if above == 0 || above == xs.len() {
                    return soften((x - first) / (last - first), 0.0, 1.0);
                }
                let below = above - 1;
                let part = (x - xs[below]) / (xs[above] - xs[below]);
                ys[below] + part * (ys[above] - ys[below])
            }
        }
    }

    /// Whether the parts of a stored curve fit together.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let sound = |x: f64| x.abs() <= LIMIT;
        match self {
            Self::Identity => Ok(()),
            Self::Line {
                center,
                scale,
                low,
                high,
            } => {
                if !(1e-30..=LIMIT).contains(scale) {
                    return Err("its scale is no positive number");
                }
                if !(sound(*center) && sound(*low) && sound(*high) && low <= high) {
                    return Err("its range is no range of numbers");
                }
                Ok(())
            }
            Self::Points { x, y } => {
                let rises = x.windows(2).all(|pair| pair[0] < pair[1]);
                let never_falls = y.windows(2).all(|pair| pair[0] <= pair[1]);
                let in_range =
                    x.iter().all(|x| sound(*x)) && y.iter().all(|y| (0.0..=1.0).contains(y));
                if x.len() < 2 || x.len() != y.len() || !rises || !never_falls || !in_range {
                    return Err("its points are no rising curve");
                }
                Ok(())
            }
        }
    }

    /// For a column that had one value in training: that value is 0, and every other one shows.
    /// There is no spread to measure with, so the step of 1 is one unit of the column (a byte, a
    /// packet, a second), or a thousandth of the value where that is more.
    fn around_constant(value: f64) -> Self {
        Self::Line {
            center: value,
            scale: f64::max(1.0, value.abs() / 1000.0),
            low: 0.0,
            high: 0.0,
        }
    }

    fn line_to_knee(center: f64, scale: f64, min: f64, max: f64) -> Self {
        Self::Line {
            center,
            scale,
            low: ((min - center) / scale).max(-KNEE),
            high: ((max - center) / scale).min(KNEE),
        }
    }

    /// Values that stand for several quantiles lie in the middle of these, the ends at 0 and 1.
    fn through_quantiles(sorted: &[f64]) -> Self {
        let last = sorted.len().min(QUANTILES).saturating_sub(1).max(1);
        let share = |index: usize| index as f64 / last as f64;
        let points: Vec<f64> = (0..=last)
            .filter_map(|index| quantile(sorted, share(index)))
            .collect();
        let (mut x, mut y) = (Vec::new(), Vec::new());
        let mut from = 0;
        for group in points.chunk_by(|a, b| a == b) {
            let to = from + group.len() - 1;
            x.push(group[0]);
            y.push(f64::midpoint(share(from), share(to)));
            from = to + 1;
        }
        if let [first, .., last] = y.as_mut_slice() {
            (*first, *last) = (0.0, 1.0);
        }
        Self::Points { x, y }
    }
}

/// `z` between `low` and `high`; beyond them the logarithm of the distance, which leaves the
/// line without a kink and grows without end.
fn soften(z: f64, low: f64, high: f64) -> f64 {
    if z > high {
        high + (z - high).ln_1p()
    } else if z < low {
        low - (low - z).ln_1p()
    } else {
        z
    }
}

/// Whether a difference is no more than what rounding leaves.
fn is_constant(min: f64, max: f64) -> bool {
    max - min <= f64::max(1e-12, 1e-9 * min.abs().max(max.abs()))
}

/// Mean and population standard deviation, summed in the order given.
fn mean_and_std(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / n).sqrt())
}
