//! Features that say which row it is.

use super::finding::IdentifierSign;
use super::names;

/// Fewer rows may be all different, or in order, by chance.
const LEAST_ROWS: usize = 100;
/// Share of the rows that have another value, or grow.
const LEAST_SHARE: f64 = 0.99;

/// Looks at the training rows, in their order.
pub(super) fn find(
    rows: &[usize],
    feature: &str,
    value: impl Fn(usize) -> f64,
) -> Option<IdentifierSign> {
    if names::is_identifier(feature) {
        return Some(IdentifierSign::Name);
    }
    let values: Vec<f64> = rows.iter().map(|row| value(*row)).collect();
    if values.len() < LEAST_ROWS || !values.iter().all(|value| value.is_finite()) {
        return None;
    }
    if is_counter(&values) {
        return Some(IdentifierSign::Counter);
    }
    is_nearly_unique(values).then_some(IdentifierSign::NearlyUnique)
}

/// Grows, or falls, at nearly every step.
fn is_counter(values: &[f64]) -> bool {
    let steps = |further: fn(f64, f64) -> bool| {
        let pairs = values.windows(2);
        let taken = pairs.filter(|pair| matches!(pair, [from, to] if further(*from, *to)));
        taken.count() as f64 / (values.len() - 1) as f64
    };
    steps(|from, to| to > from) >= LEAST_SHARE || steps(|from, to| to < from) >= LEAST_SHARE
}

/// Whole numbers, nearly all different, spread evenly: durations and bytes may be all different, but most
/// are small and few are large.
fn is_nearly_unique(mut values: Vec<f64>) -> bool {
    if values.iter().any(|value| value.fract() != 0.0) {
        return false;
    }
    values.sort_unstable_by(f64::total_cmp);
    let rows = values.len() as f64;
    let distinct = values.chunk_by(|a, b| a == b).count() as f64;
    let (Some(least), Some(most)) = (values.first(), values.last()) else {
        return false;
    };
    let range = most - least;
    if distinct < LEAST_SHARE * rows || !(range.is_finite() && range > 0.0) {
        return false;
    }
    // The distance of Kolmogorov and Smirnov from the uniform distribution; 2 / √n is beyond chance.
    let apart = values.iter().enumerate().map(|(place, value)| {
        let expected = (value - least) / range;
        (expected - (place as f64 + 0.5) / rows).abs()
    });
    apart.fold(0.0, f64::max) <= (2.0 / rows.sqrt()).max(0.1)
}
