//! Which rows are learned from, in which order, with which noise.

use ndarray::ArrayView2;
use rand::RngCore;
use rand::seq::SliceRandom;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::initial::{Purpose, stream, unit};

/// Row numbers, split into those that the network learns from and those held out.
pub(super) struct Split {
    pub(super) learn: Vec<usize>,
    pub(super) held_out: Vec<usize>,
}

impl Split {
    /// Holds out a `share` of `rows`, at least one.
    pub(super) fn new(rows: usize, share: f64, seed: u64) -> Self {
        let mut order: Vec<usize> = (0..rows).collect();
        order.shuffle(&mut stream(seed, Purpose::HeldOut));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a count"
        )]
        let count = ((rows as f64 * share).round() as usize).max(1);
        let learn = order.split_off(count);
        Self {
            learn,
            held_out: order,
        }
    }
}

/// One step's rows: what the network sees and what it should answer, row after row.
pub(super) struct Batch {
    pub(super) rows: usize,
    pub(super) input: Vec<f32>,
    pub(super) target: Vec<f32>,
}

/// Deals the rows in a new order each epoch.
pub(super) struct Batches<'a> {
    x: ArrayView2<'a, f32>,
    rows: Vec<usize>,
    size: usize,
    noise: f32,
    order: Xoshiro256PlusPlus,
    swaps: Xoshiro256PlusPlus,
}

impl<'a> Batches<'a> {
    /// Batches of `size` of the given `rows` of `x`, a share `noise` of whose values is swapped
    /// for the same column of another of these rows.
    pub(super) fn new(
        x: ArrayView2<'a, f32>,
        rows: Vec<usize>,
        size: usize,
        noise: f32,
        seed: u64,
    ) -> Self {
        Self {
            x,
            rows,
            size,
            noise,
            order: stream(seed, Purpose::Order),
            swaps: stream(seed, Purpose::Noise),
        }
    }

    /// Every row once, in a new order; the last batch may be smaller.
    pub(super) fn epoch(&mut self) -> impl Iterator<Item = Batch> + '_ {
        self.rows.shuffle(&mut self.order);
        let (x, rows, noise, swaps) = (self.x, &self.rows, self.noise, &mut self.swaps);
        rows.chunks(self.size).map(move |chunk| {
            let mut target = Vec::with_capacity(chunk.len() * x.ncols());
            for row in chunk {
                target.extend(x.row(*row));
            }
            let mut input = target.clone();
            if noise > 0.0 {
                swap(&mut input, x, rows, noise, swaps);
            }
            Batch {
                rows: chunk.len(),
                input,
                target,
            }
        })
    }
}

/// Gives each value, with probability `noise`, the value that its column has in another row.
fn swap(
    values: &mut [f32],
    x: ArrayView2<'_, f32>,
    rows: &[usize],
    noise: f32,
    rng: &mut impl RngCore,
) {
    // Leaping from swap to swap draws one number for each instead of one for every value:
    // the values left alone between two swaps are geometrically distributed.
    let scale = (1.0 - f64::from(noise)).ln().recip();
    let mut place = leap(scale, rng);
    while let Some(value) = values.get_mut(place) {
        let other = (u64::from(rng.next_u32()) * rows.len() as u64) >> 32;
        *value = x[[rows[other as usize], place % x.ncols()]];
        place += 1 + leap(scale, rng);
    }
}

/// How many values are left alone; `scale` is 1 / ln(1 − noise).
fn leap(scale: f64, rng: &mut impl RngCore) -> usize {
    ((1.0 - f64::from(unit(rng))).ln() * scale) as usize
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn table() -> Array2<f32> {
        Array2::from_shape_fn((100, 3), |(row, column)| (row + 1000 * column) as f32)
    }

    #[test]
    fn a_split_holds_every_row_once_and_depends_on_the_seed_only() {
        let split = Split::new(100, 0.1, 7);
        let mut all = [split.learn.clone(), split.held_out.clone()].concat();
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
        assert_eq!(split.held_out.len(), 10);
        assert_eq!(split.held_out, Split::new(100, 0.1, 7).held_out);
        assert_ne!(split.held_out, Split::new(100, 0.1, 8).held_out);
    }

    #[test]
    fn an_epoch_shows_every_row_once_in_an_order_of_its_own() {
        let x = table();
        let mut batches = Batches::new(x.view(), (0..50).collect(), 16, 0.0, 7);
        let mut first = Vec::new();
        for batch in batches.epoch() {
            assert_eq!(batch.input, batch.target);
            assert_eq!(batch.input.len(), batch.rows * 3);
            first.extend(batch.input);
        }
        let second: Vec<f32> = batches.epoch().flat_map(|batch| batch.input).collect();
        assert_ne!(first, second);
        let mut rows: Vec<f32> = first.chunks_exact(3).map(|row| row[0]).collect();
        rows.sort_by(f32::total_cmp);
        assert_eq!(rows, (0..50_u8).map(f32::from).collect::<Vec<_>>());
    }

    #[test]
    fn noise_swaps_the_asked_share_within_columns_of_the_learned_rows() {
        let x = table();
        let mut batches = Batches::new(x.view(), (0..50).collect(), 7, 0.3, 7);
        let (mut changed, mut all) = (0, 0);
        for _ in 0..100 {
            for batch in batches.epoch() {
                for (place, (seen, true_value)) in batch.input.iter().zip(&batch.target).enumerate()
                {
                    let column = (place % 3) as f32 * 1000.0;
                    assert!((column..column + 50.0).contains(seen), "{seen}");
                    changed += usize::from(seen != true_value);
                    all += 1;
                }
            }
        }
        // One swap in fifty finds the same value again.
        let share = f64::from(changed as u32) / f64::from(all);
        assert!((share - 0.3 * 0.98).abs() < 0.02, "{share}");
    }
}
