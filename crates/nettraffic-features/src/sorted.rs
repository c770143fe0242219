//! Order statistics of a column.

use ndarray::ArrayView1;

/// The values of a column in ascending order.
pub(crate) fn sorted(column: ArrayView1<'_, f64>) -> Vec<f64> {
    let mut values = column.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// The quantile at `share` (0 to 1) of values in ascending order, interpolated linearly
/// (Hyndman and Fan 1996, type 7). `None` without values.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share.clamp(0.0, 1.0) * last as f64;
    let (below, part) = (place as usize, place.fract());
    let (low, high) = (sorted[below], sorted[(below + 1).min(last)]);
    if part == 0.0 {
        return Some(low);
    }
    // In this form equal values are met exactly, and rounding does not lead past the upper one.
    Some((low + (high - low) * part).min(high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_neighbours() {
        let values = [1.0, 2.0, 4.0, 8.0];
        for (share, expected) in [
            (0.0, 1.0),
            (0.5, 3.0),
            (1.0, 8.0),
            (1.0 / 6.0, 1.5),
            (2.0 / 3.0, 4.0),
            (-1.0, 1.0),
            (2.0, 8.0),
        ] {
            assert_eq!(quantile(&values, share), Some(expected), "{share}");
        }
        assert_eq!(quantile(&[7.0], 0.3), Some(7.0));
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[f64::MIN, f64::MAX], 0.0), Some(f64::MIN));
        assert!(quantile(&[f64::MIN, f64::MAX], 0.9).is_some_and(f64::is_finite));
    }
}
