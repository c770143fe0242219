//! Numbers on a common scale.

use ndarray::ArrayView1;
use ndarray_stats::SummaryStatisticsExt;
use serde::{Deserialize, Serialize};

use super::curve::Curve;
use super::{HeavyTails, PreprocessorParams};
use crate::sorted::{quantile, sorted};
use crate::{Column, ColumnKind, Unit};

/// Skewness of an exponential distribution: what is above has a heavy tail.
const SKEWNESS: f64 = 2.0;

/// Whatever is larger counts as this large, so that its square is a number still.
const HUGE: f64 = 1e150;

/// Smallest unit of a logarithm.
const SMALLEST_UNIT: f64 = 1e-12;

/// A number's way to the common scale: a logarithm where it helps, then a curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Number {
    /// Of `ln(1 + x / unit)`.
    log_unit: Option<f64>,
    curve: Curve,
}

impl Number {
    pub(super) fn fit(
        values: ArrayView1<'_, f64>,
        column: &Column,
        params: PreprocessorParams,
    ) -> Self {
        // 0 and 1 are on the common scale already, like the columns of categories.
        if column.kind == ColumnKind::Indicator || column.unit == Unit::Flag {
            return Self {
                log_unit: None,
                curve: Curve::UNIT,
            };
        }
        let mut values = sorted(values);
        values.iter_mut().for_each(|x| *x = x.clamp(-HUGE, HUGE));
        let log_unit = match params.heavy_tails {
            HeavyTails::Log if column.unit != Unit::Ratio => log_unit(&values),
            _ => None,
        };
        if let Some(unit) = log_unit {
            values.iter_mut().for_each(|x| *x = signed_log(*x, unit));
        }
        Self {
            log_unit,
            curve: Curve::fit(&values, params.scale),
        }
    }

    pub(super) fn encode(&self, x: f64) -> f32 {
        let x = x.clamp(-HUGE, HUGE);
        let x = self.log_unit.map_or(x, |unit| signed_log(x, unit));
        self.curve.at(x).clamp(f32::MIN.into(), f32::MAX.into()) as f32
    }

    #[cfg(test)]
    pub(super) fn stored(log_unit: Option<f64>, curve: Curve) -> Self {
        Self { log_unit, curve }
    }

    pub(super) fn check(&self) -> Result<(), &'static str> {
        let unit = self.log_unit.unwrap_or(1.0);
        if !(SMALLEST_UNIT..=1.0).contains(&unit) {
            return Err("its logarithm has no unit");
        }
        self.curve.check()
    }
}

/// The unit of the logarithm for values in ascending order; `None` where they have no heavy tail.
fn log_unit(sorted: &[f64]) -> Option<f64> {
    let (min, max) = (*sorted.first()?, *sorted.last()?);
    if min < 0.0 || min == max {
        return None;
    }
    // Relative to the largest, so that no third power overflows.
    let relative: ndarray::Array1<f64> = sorted.iter().map(|x| x / max).collect();
    // Of columns that are constant but for rounding it is not a number, and no heavy tail.
    let heavy = relative
        .skewness()
        .is_ok_and(|skewness| skewness > SKEWNESS);
    let positive = &sorted[sorted.partition_point(|x| *x <= 0.0)..];
    let unit = quantile(positive, 0.1)?.clamp(SMALLEST_UNIT, 1.0);
    heavy.then_some(unit)
}

fn signed_log(x: f64, unit: f64) -> f64 {
    (x.abs() / unit).ln_1p().copysign(x)
}
