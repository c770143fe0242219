//! Ranges that widen with what was seen, and values as shares of them.

use serde::{Deserialize, Serialize};

/// What lies further from 0 counts as this far: differences and their quotients stay numbers.
const FAR: f32 = 1e30;

/// Most ranges that a value can lie outside; it keeps squares and their sums far from overflow.
pub(super) const MOST: f32 = 1e6;

/// A column that never varied has no range to compare with; this share of its size stands for it,
/// well above what rounding to `f32` does.
const LEAST_SHARE: f32 = 1e-4;
const LEAST: f32 = 1e-9;

/// The least and the largest value of each column so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Ranges {
    pub(super) low: Vec<f32>,
    pub(super) high: Vec<f32>,
}

impl Ranges {
    /// Of one row, whose values are finite.
    pub(super) fn at(row: &[f32]) -> Self {
        let ends: Vec<f32> = row.iter().map(|value| held(*value)).collect();
        Self {
            low: ends.clone(),
            high: ends,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.low.len()
    }

    /// Takes in a row of finite values.
    pub(super) fn widen(&mut self, row: &[f32]) {
        for ((low, high), value) in self.low.iter_mut().zip(&mut self.high).zip(row) {
            let value = held(*value);
            *low = if value < *low { value } else { *low };
            *high = if value > *high { value } else { *high };
        }
    }

    /// Where the values of a row lie in their ranges: 0 at the lower end, 1 at the upper, and
    /// beyond them outside; finite for finite values.
    #[inline]
    pub(super) fn scale(&self, row: &[f32], scaled: &mut [f32]) {
        let ends = self.low.iter().zip(&self.high);
        for ((scaled, value), (low, high)) in scaled.iter_mut().zip(row).zip(ends) {
            *scaled = share(held(*value), *low, *high);
        }
    }

    /// [`Ranges::scale`], of values that are not needed any more.
    #[inline]
    pub(super) fn scale_in_place(&self, row: &mut [f32]) {
        let ends = self.low.iter().zip(&self.high);
        for (value, (low, high)) in row.iter_mut().zip(ends) {
            *value = share(held(*value), *low, *high);
        }
    }

    /// What is wrong with stored ranges.
    pub(super) fn fault(&self) -> Option<&'static str> {
        let is_sound = |(low, high): (&f32, &f32)| low <= high && *low >= -FAR && *high <= FAR;
        if self.low.len() != self.high.len() {
            Some("a range with one end")
        } else if !self.low.iter().zip(&self.high).all(is_sound) {
            Some("a range that is none")
        } else {
            None
        }
    }
}

#[inline(always)]
fn held(value: f32) -> f32 {
    value.clamp(-FAR, FAR)
}

#[inline(always)]
fn share(value: f32, low: f32, high: f32) -> f32 {
    let size = if high > -low { high } else { -low };
    let least = LEAST + LEAST_SHARE * size.abs();
    let range = high - low;
    let range = if range > 0.0 { range } else { least };
    ((value - low) / range).clamp(-MOST, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shares_of_the_range_so_far() {
        let mut ranges = Ranges::at(&[1.0, 5.0, -2.0]);
        ranges.widen(&[3.0, 5.0, -6.0]);
        let mut scaled = [0.0; 3];
        for (row, expected) in [
            ([1.0, 5.0, -6.0], [0.0, 0.0, 0.0]),
            ([3.0, 5.0, -2.0], [1.0, 0.0, 1.0]),
            ([2.0, 5.0, 0.0], [0.5, 0.0, 1.5]),
            ([-1.0, 5.0, -8.0], [-1.0, 0.0, -0.5]),
            ([f32::MAX, 1e20, f32::MIN], [MOST, MOST, -MOST]),
        ] {
            ranges.scale(&row, &mut scaled);
            assert_eq!(scaled, expected, "{row:?}");
        }
        // No range: a ten-thousandth of the value stands for it.
        ranges.scale(&[1.0, 5.01, -2.0], &mut scaled);
        assert!((scaled[1] - 20.0).abs() < 0.1, "{scaled:?}");
    }

    #[test]
    fn the_widest_range_there_is_stays_a_number() {
        let mut ranges = Ranges::at(&[f32::MIN, 0.0]);
        ranges.widen(&[f32::MAX, f32::MIN_POSITIVE]);
        assert_eq!(ranges.fault(), None);
        let mut scaled = [0.0; 2];
        for (value, expected) in [(f32::MIN, 0.0), (0.0, 0.5), (f32::MAX, 1.0)] {
            ranges.scale(&[value, 1.0], &mut scaled);
            assert_eq!(scaled, [expected, MOST]);
        }
    }
}
