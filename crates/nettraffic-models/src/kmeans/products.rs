//! Which centroid is nearest, for many rows at once: one product of matrices in single precision.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2};

/// Rows in one product: these, their products and the centroids fit a core's cache.
pub(super) const TILE: usize = 256;
/// Squared lengths from which single precision may overflow.
const TOO_LONG: f64 = 1e36;

/// Centroids, ready for products.
#[derive(Clone, Debug)]
pub(super) struct Products {
    /// Shape `(clusters, columns)`.
    centroids: Array2<f32>,
    /// Half of each squared length.
    halves: Vec<f32>,
    /// The greatest squared length of a centroid.
    longest: f64,
}

/// What a product told about a tile of rows, each list with one entry per row. To be used again,
/// so that tiles allocate nothing.
#[derive(Debug, Default)]
pub(super) struct Tile {
    products: Vec<f32>,
    /// The cluster that is nearest up to rounding.
    pub(super) nearest: Vec<u32>,
    /// Half of its squared distance, less half of the row's squared length.
    pub(super) least: Vec<f32>,
    /// The same for the next one; infinite where there is none.
    second: Vec<f32>,
}

impl Products {
    pub(super) fn new(centroids: Array2<f32>) -> Self {
        let squares = centroids.outer_iter().map(|c| {
            let square = |c: &f32| f64::from(*c) * f64::from(*c);
            c.iter().map(square).sum::<f64>()
        });
        let squares: Vec<f64> = squares.collect();
        Self {
            centroids,
            halves: squares.iter().map(|s| (s / 2.0) as f32).collect(),
            longest: squares.iter().copied().fold(0.0, f64::max),
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
        let (clusters, columns) = self.centroids.dim();
        let rows = values.len() / columns;
        tile.products.resize(clusters * rows, 0.0);
        for (list, start) in [
            (&mut tile.least, f32::INFINITY),
            (&mut tile.second, f32::INFINITY),
        ] {
            list.clear();
            list.resize(rows, start);
        }
        tile.nearest.clear();
        tile.nearest.resize(rows, 0);
        let x = ArrayView2::from_shape((rows, columns), values);
        let products = ArrayViewMut2::from_shape((clusters, rows), &mut tile.products);
        if let (Ok(x), Ok(mut products)) = (x, products) {
            general_mat_mul(1.0, &self.centroids, &x.t(), 0.0, &mut products);
        }
        // |x - c|² = |x|² + 2 (|c|² / 2 - x · c): the bracket alone decides which is nearest.
        for (cluster, half) in (0_u32..).zip(&self.halves) {
            let products = &tile.products[cluster as usize * rows..][..rows];
            let found = tile.least.iter_mut().zip(&mut tile.second);
            for (((least, second), nearest), product) in found.zip(&mut tile.nearest).zip(products)
            {
                let bracket = half - product;
                let nearer = bracket < *least;
                let beaten = if nearer { *least } else { bracket };
                *second = if beaten < *second { beaten } else { *second };
                *least = if nearer { bracket } else { *least };
                *nearest = if nearer { cluster } else { *nearest };
            }
        }
    }

    /// Whether the cluster that [`Products::compare`] names for row `index` of its tile, `row`,
    /// is the nearest beyond the doubt that rounding leaves, in single precision here and in
    /// double precision wherever distances are computed from these centroids.
    pub(super) fn is_sure(&self, tile: &Tile, index: usize, row: &[f32]) -> bool {
        let lengths = f64::from(squared_length(row)) + self.longest;
        // A sum of n products is off by at most n units of rounding times the product of the two
        // lengths (Higham 2002, section 3.1), in whatever order it is summed, and so by half of
        // their squares' sum. Twice as much leaves room for the rounding of centroids, halves,
        // lengths and the last subtraction; a squared distance is at most twice that sum.
        let terms = (row.len() + 8) as f64;
        let doubt = terms
            * (lengths * (f64::from(f32::EPSILON) + 2.0 * f64::EPSILON)
                + f64::from(f32::MIN_POSITIVE));
        let gap = f64::from(tile.second[index]) - f64::from(tile.least[index]);
        // Written so that nothing undefined passes.
        lengths < TOO_LONG && gap > 2.0 * doubt
    }
}

/// The sum of the squares of a row.
pub(super) fn squared_length(row: &[f32]) -> f32 {
    let (whole, rest) = row.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for x in whole {
        for (sum, x) in sums.iter_mut().zip(x) {
            *sum += x * x;
        }
    }
    sums.iter().sum::<f32>() + rest.iter().map(|x| x * x).sum::<f32>()
}
