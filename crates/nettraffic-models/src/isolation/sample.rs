//! The rows that one tree is grown from.

use std::collections::BTreeSet;

use rand::Rng;

/// A few rows, copied together.
pub(super) struct Sample {
    values: Vec<f32>,
    columns: usize,
}

impl Sample {
    /// `wanted` of the rows in `values`, every set of them equally likely
    /// (Floyd's algorithm: Bentley and Floyd 1987).
    pub(super) fn draw(values: &[f32], columns: usize, wanted: usize, rng: &mut impl Rng) -> Self {
        let rows = values.len() / columns;
        let mut drawn = BTreeSet::new();
        for last in rows.saturating_sub(wanted)..rows {
            let row = rng.gen_range(0..=last);
            if !drawn.insert(row) {
                drawn.insert(last);
            }
        }
        Self {
            values: drawn
                .into_iter()
                .flat_map(|row| &values[row * columns..][..columns])
                .copied()
                .collect(),
            columns,
        }
    }

    pub(super) fn value(&self, member: u32, column: u32) -> f32 {
        self.values[member as usize * self.columns + column as usize]
    }

    pub(super) fn all_columns(&self) -> Vec<u32> {
        (0..self.columns as u32).collect()
    }

    /// Takes columns out of `left` at random until `members` differ in one: that column, and the
    /// least and the largest of their values.
    pub(super) fn draw_varying(
        &self,
        members: &[u32],
        left: &mut Vec<u32>,
        rng: &mut impl Rng,
    ) -> Option<(u32, f32, f32)> {
        while !left.is_empty() {
            let column = left.swap_remove(rng.gen_range(0..left.len()));
            let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
            for member in members {
                let value = self.value(*member, column);
                low = low.min(value);
                high = high.max(value);
            }
            if low < high {
                return Some((column, low, high));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    #[test]
    fn every_row_is_drawn_equally_often_and_none_twice() {
        let values: Vec<f32> = (0..10_u8).map(f32::from).collect();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let mut counts = [0_u32; 10];
        for _ in 0..10_000 {
            let sample = Sample::draw(&values, 1, 3, &mut rng);
            assert!(sample.values.windows(2).all(|pair| pair[0] < pair[1]));
            assert_eq!(sample.values.len(), 3);
            for value in sample.values {
                counts[value as usize] += 1;
            }
        }
        // Each is binomial around 3,000 with a deviation of 46.
        assert!(counts.iter().all(|n| n.abs_diff(3_000) < 230), "{counts:?}");
    }

    #[test]
    fn only_columns_that_vary_are_drawn() {
        let sample = Sample {
            values: vec![1.0, 5.0, 2.0, 1.0, 6.0, 2.0],
            columns: 3,
        };
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let mut left = sample.all_columns();
        let drawn = sample.draw_varying(&[0, 1], &mut left, &mut rng);
        assert_eq!(drawn, Some((1, 5.0, 6.0)));
        assert_eq!(sample.draw_varying(&[0, 1], &mut left, &mut rng), None);
    }
}
