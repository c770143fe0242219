//! The range of values that a tree halves again and again.

use ndarray::ArrayView2;
use rand::Rng;

/// Least and largest value of the columns that vary; of all columns, where none does.
#[derive(Clone, Debug)]
pub(super) struct Ranges(Vec<Range>);

#[derive(Clone, Copy, Debug)]
struct Range {
    column: u32,
    low: f64,
    high: f64,
}

impl Ranges {
    /// Of rows, of which there is one or more.
    pub(super) fn of(x: ArrayView2<'_, f32>) -> Self {
        let mut ends = vec![(f32::INFINITY, f32::NEG_INFINITY); x.ncols()];
        for row in x.outer_iter() {
            for ((low, high), value) in ends.iter_mut().zip(row) {
                *low = low.min(*value);
                *high = high.max(*value);
            }
        }
        let all = (0_u32..).zip(ends).map(|(column, (low, high))| Range {
            column,
            low: low.into(),
            high: high.into(),
        });
        let varying: Vec<Range> = all.clone().filter(|range| range.low < range.high).collect();
        Self(if varying.is_empty() {
            all.collect()
        } else {
            varying
        })
    }

    /// A work space around a random place in each range, wide enough to hold all of it
    /// (Tan, Ting and Liu 2011, section 4).
    pub(super) fn work_space(&self, rng: &mut impl Rng) -> Self {
        let around = |range: &Range| {
            let place = range.low + rng.gen_range(0.0..1.0) * (range.high - range.low);
            let reach = 2.0 * (place - range.low).max(range.high - place);
            Range {
                low: place - reach,
                high: place + reach,
                ..*range
            }
        };
        Self(self.0.iter().map(around).collect())
    }

    /// A random column and the middle of its range, and the halves that it parts.
    pub(super) fn halve(&mut self, rng: &mut impl Rng) -> (Split, Half) {
        let place = rng.gen_range(0..self.0.len());
        let Range { column, low, high } = self.0[place];
        let middle = low / 2.0 + high / 2.0;
        let at = middle.clamp(f32::MIN.into(), f32::MAX.into()) as f32;
        (Split { column, at }, Half { place, middle })
    }

    /// What `work` does with the lower half of a range, and then with the upper.
    pub(super) fn in_halves(&mut self, half: Half, mut work: impl FnMut(&mut Self, usize)) {
        let whole = self.0[half.place];
        self.0[half.place].high = half.middle;
        work(self, 0);
        self.0[half.place] = Range {
            low: half.middle,
            ..whole
        };
        work(self, 1);
        self.0[half.place] = whole;
    }
}

/// A range that was chosen, and its middle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Half {
    place: usize,
    middle: f64,
}

/// Where a node halves its space: values above `at` go on to the second child.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Split {
    pub(super) column: u32,
    pub(super) at: f32,
}
