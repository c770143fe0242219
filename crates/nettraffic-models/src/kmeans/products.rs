//! Which centroid is nearest, for many rows at once: one product of matrices in single precision.

use ndarray::{Array2, ArrayView2};
use pulp::{Simd, WithSimd};

use crate::panels::{LANES, Panels, ROWS, dispatch};

/// Rows in one product: these, what they are compared to and the outcome fit a core's first cache.
pub(super) const TILE: usize = 64;
/// Squared lengths from which single precision may overflow.
const TOO_LONG: f64 = 1e36;

/// Centroids, ready for products.
#[derive(Clone, Debug)]
pub(super) struct Products {
    /// Shape `(clusters, columns)`.
    centroids: Array2<f32>,
    /// Half of each squared length, less the products with a row.
    panels: Panels,
    /// The greatest squared length of a centroid.
    longest: f64,
}

/// What a product told about a tile of rows. To be used again, so that tiles allocate nothing.
#[derive(Debug, Default)]
pub(super) struct Tile {
    /// For each row and cluster half of the squared distance, less half of the row's squared length;
    /// then infinities, up to a multiple of [`LANES`].
    brackets: Vec<f32>,
    /// The cluster of each row that is nearest up to rounding, the first of equals.
    pub(super) nearest: Vec<u32>,
    /// Its bracket.
    pub(super) least: Vec<f32>,
    /// Squared length of each row.
    pub(super) lengths: Vec<f32>,
    /// Whether the cluster is the nearest beyond the doubt that rounding leaves, in single precision
    /// here and in double precision wherever distances are computed from these centroids.
    pub(super) is_sure: Vec<bool>,
}

impl Products {
    pub(super) fn new(centroids: Array2<f32>) -> Self {
        let squares = centroids.outer_iter().map(|c| {
            let square = |c: &f32| f64::from(*c) * f64::from(*c);
            c.iter().map(square).sum::<f64>()
        });
        let squares: Vec<f64> = squares.collect();
        let halves: Vec<f32> = squares.iter().map(|s| (s / 2.0) as f32).collect();
        let weights = centroids.t().mapv(|value| -value);
        let weights = weights.as_standard_layout();
        let weights = weights.as_slice().unwrap_or_default();
        Self {
            panels: Panels::new(weights, &halves, f32::INFINITY),
            longest: squares.iter().copied().fold(0.0, f64::max),
            centroids,
        }
    }

    pub(super) fn centroids(&self) -> ArrayView2<'_, f32> {
        self.centroids.view()
    }

    pub(super) fn into_centroids(self) -> Array2<f32> {
        self.centroids
    }

    /// Compares the rows of `values`, at most [`TILE`] of them, with every centroid.
    pub(super) fn compare(&self, values: &[f32], tile: &mut Tile) {
        dispatch(Compare {
            products: self,
            values,
            tile,
        });
    }

    /// What rounding may change in a bracket of a row of that squared length, and twice as much.
    #[inline(always)]
    fn doubt(&self, length: f32) -> f64 {
        // |x|² and |c|² together bound what is summed. A sum of n + 1 terms is off by at most n + 1 units of
        // rounding times the sum of their absolute values (Higham 2002, section 3.1), which is at most
        // both squares' sum. Twice as much, as EPSILON is two units, leaves room for the rounding of centroids,
        // halves and lengths.
        let terms = (self.centroids.ncols() + 8) as f64;
        let lengths = f64::from(length) + self.longest;
        terms
            * (lengths * (f64::from(f32::EPSILON) + 2.0 * f64::EPSILON)
                + f64::from(f32::MIN_POSITIVE))
    }
}

/// A comparison, for the vectors of the processor at hand.
struct Compare<'a> {
    products: &'a Products,
    values: &'a [f32],
    tile: &'a mut Tile,
}

impl WithSimd for Compare<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            products,
            values,
            tile,
        } = self;
        let (clusters, columns) = products.centroids.dim();
        let rows = values.len() / columns;
        let width = products.panels.outputs();
        tile.brackets.resize(rows * width, 0.0);
        tile.nearest.resize(rows, 0);
        tile.least.resize(rows, 0.0);
        tile.lengths.resize(rows, 0.0);
        tile.is_sure.resize(rows, false);

        let (together, single) = values.split_at(rows / ROWS * ROWS * columns);
        let (to_together, to_single) = tile.brackets.split_at_mut(rows / ROWS * ROWS * width);
        let to_together = to_together.chunks_exact_mut(ROWS * width);
        for (rows, to) in together.chunks_exact(ROWS * columns).zip(to_together) {
            let mut each = [rows; ROWS];
            for (row, values) in each.iter_mut().zip(rows.chunks_exact(columns)) {
                *row = values;
            }
            write_sums(simd, &products.panels, each, to);
        }
        let to_single = to_single.chunks_exact_mut(width);
        for (row, to) in single.chunks_exact(columns).zip(to_single) {
            write_sums(simd, &products.panels, [row], to);
        }

        for (row, values) in values.chunks_exact(columns).enumerate() {
            let (brackets, _) = tile.brackets[row * width..][..width].as_chunks();
            let length = squared_length(values);
            let least = least(brackets);
            let doubt = products.doubt(length);
            // Brackets up to here may be the least one.
            let limit = (f64::from(least) + 2.0 * doubt) as f32;
            let (count, sum) = places(brackets, limit);
            // Written so that nothing undefined passes.
            let is_sure = count == 1 && f64::from(length) + products.longest < TOO_LONG;
            let nearest = if count == 1 {
                sum
            } else {
                first(brackets, least)
            };
            tile.nearest[row] = nearest.min(clusters as u32 - 1);
            tile.least[row] = least;
            tile.lengths[row] = length;
            tile.is_sure[row] = is_sure;
        }
    }
}

#[inline(always)]
fn write_sums<S: Simd, const R: usize>(
    simd: S,
    panels: &Panels,
    rows: [&[f32]; R],
    to: &mut [f32],
) {
    let width = panels.outputs();
    for output in (0..width).step_by(2 * S::F32_LANES) {
        let sums = panels.sums(simd, rows, output);
        for (sums, to) in sums.iter().zip(to.chunks_exact_mut(width)) {
            if let ([a, b, ..], _) = S::as_mut_simd_f32s(&mut to[output..]) {
                [*a, *b] = *sums;
            }
        }
    }
}

/// The least bracket.
#[inline(always)]
fn least(brackets: &[[f32; LANES]]) -> f32 {
    let mut lanes = [f32::INFINITY; LANES];
    for group in brackets {
        for (least, bracket) in lanes.iter_mut().zip(group) {
            *least = if bracket < least { *bracket } else { *least };
        }
    }
    let mut least = f32::INFINITY;
    for lane in lanes {
        least = if lane < least { lane } else { least };
    }
    least
}

/// How many brackets are at most `limit`, and the sum of their places: of one, its place.
#[inline(always)]
fn places(brackets: &[[f32; LANES]], limit: f32) -> (u32, u32) {
    let (mut counts, mut sums) = ([0_u32; LANES], [0_u32; LANES]);
    for (group, first) in brackets.iter().zip((0..).step_by(LANES)) {
        for lane in 0..LANES {
            let is_within = u32::from(group[lane] <= limit);
            counts[lane] += is_within;
            sums[lane] += is_within * (first + lane as u32);
        }
    }
    (counts.iter().sum(), sums.iter().sum())
}

/// The first place of a bracket; 0 where there is none.
#[inline(always)]
fn first(brackets: &[[f32; LANES]], wanted: f32) -> u32 {
    let place = brackets.as_flattened().iter().position(|b| *b == wanted);
    place.unwrap_or(0) as u32
}

/// The sum of the squares of a row.
#[inline(always)]
fn squared_length(row: &[f32]) -> f32 {
    let (whole, rest) = row.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for x in whole {
        for (sum, x) in sums.iter_mut().zip(x) {
            *sum += x * x;
        }
    }
    let mut all = 0.0;
    for sum in sums {
        all += sum;
    }
    for x in rest {
        all += x * x;
    }
    all
}
