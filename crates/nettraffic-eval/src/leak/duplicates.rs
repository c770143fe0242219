//! Test rows that repeat training rows.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

use super::check::Sides;

/// How many test rows have the very values of a training row. 0.0 and -0.0 are one value, and so are
/// missing ones.
pub(super) fn repeated(
    sides: Sides<'_>,
    columns: usize,
    value: &impl Fn(usize, usize) -> f64,
) -> u64 {
    if columns == 0 {
        return 0;
    }
    let bits = |row, column| bits(value(row, column));
    let hash = |row| {
        let mut hasher = DefaultHasher::new();
        (0..columns).for_each(|column| hasher.write_u64(bits(row, column)));
        hasher.finish()
    };
    let same = |a, b| (0..columns).all(|column| bits(a, column) == bits(b, column));
    let mut known: HashMap<u64, Vec<usize>> = HashMap::new();
    for &row in sides.train {
        let alike = known.entry(hash(row)).or_default();
        if !alike.iter().any(|&other| same(row, other)) {
            alike.push(row);
        }
    }
    let repeats = |row: &&usize| {
        let alike = known.get(&hash(**row));
        alike.is_some_and(|alike| alike.iter().any(|&other| same(**row, other)))
    };
    sides.test.iter().filter(repeats).count() as u64
}

/// Equal for what counts as one value.
fn bits(value: f64) -> u64 {
    if value.is_nan() {
        f64::NAN.to_bits()
    } else {
        (value + 0.0).to_bits()
    }
}
