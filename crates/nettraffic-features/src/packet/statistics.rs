//! What is known of a packet's streams once it has been counted.

use std::array::from_fn;

use super::moments::DampedMoments;
use super::pair::{Pair, Way};

/// Deviations below a millionth of a byte come from rounding, and so would their quotient.
const RESOLUTION: f64 = 1.0 / (1_u64 << 20) as f64;

/// The streams that one packet belongs to, each with its statistics at `N` decay rates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Statistics<const N: usize> {
    pub(super) source: Own<N>,
    pub(super) channel: Exchange<N>,
    pub(super) gap: Own<N>,
    pub(super) socket: Exchange<N>,
}

/// A stream by itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Own<const N: usize> {
    pub(super) weight: [f64; N],
    pub(super) mean: [f64; N],
    pub(super) deviation: [f64; N],
}

/// A stream, and what it has to do with the opposite one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exchange<const N: usize> {
    pub(super) own: Own<N>,
    pub(super) magnitude: [f64; N],
    pub(super) radius: [f64; N],
    pub(super) covariance: [f64; N],
    pub(super) correlation: [f64; N],
}

impl<const N: usize> Own<N> {
    #[inline(always)]
    pub(super) fn of(moments: &DampedMoments<N>) -> Self {
        Self {
            weight: moments.weight,
            mean: moments.mean,
            deviation: from_fn(|i| moments.variance[i].sqrt()),
        }
    }
}

impl<const N: usize> Exchange<N> {
    #[inline(always)]
    pub(super) fn of(pair: &Pair<N>, way: Way) -> Self {
        let (own, opposite) = pair.own_and_opposite(way);
        let covariance = *pair.covariance();
        let length = |a: &[f64; N], b: &[f64; N]| -> [f64; N] {
            from_fn(|i| (a[i] * a[i] + b[i] * b[i]).sqrt())
        };
        let (own_stream, opposite_stream) = (Own::of(own), Own::of(opposite));
        Self {
            own: own_stream,
            magnitude: length(&own.mean, &opposite.mean),
            radius: length(&own.variance, &opposite.variance),
            covariance,
            correlation: from_fn(|i| {
                correlation(
                    covariance[i],
                    own_stream.deviation[i],
                    opposite_stream.deviation[i],
                )
            }),
        }
    }
}

/// The two residuals of a product are of different moments, so the covariance may exceed what the
/// deviations allow.
#[inline(always)]
fn correlation(covariance: f64, own: f64, opposite: f64) -> f64 {
    let is_defined = own > RESOLUTION && opposite > RESOLUTION;
    let quotient = (covariance / (own * opposite)).clamp(-1.0, 1.0);
    if is_defined { quotient } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlation_is_held_within_its_range() {
        for (covariance, own, opposite, expected) in [
            (3.0, 2.0, 3.0, 0.5),
            (7.0, 2.0, 3.0, 1.0),
            (-7.0, 2.0, 3.0, -1.0),
            (1e300, 1e-5, 1e-5, 1.0),
            (0.0, 0.0, 0.0, 0.0),
            (1.0, 1e-7, 1e9, 0.0),
            (1.0, 1e9, 1e-7, 0.0),
        ] {
            let found = correlation(covariance, own, opposite);
            assert_eq!(found, expected, "{covariance} of {own} and {opposite}");
        }
    }
}
