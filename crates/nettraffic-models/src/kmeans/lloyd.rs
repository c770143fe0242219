//! Lloyd's iterations over all rows, as products of matrices.
//!
//! Rows go through in blocks of a fixed size, each on any thread; what the blocks found is merged
//! in the order of the blocks. So the centroids are the same numbers on one thread and on many.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use rayon::prelude::*;

/// Rows that one thread goes through at a time.
const BLOCK: usize = 8_192;
/// Rows in one product of matrices: these, their products and the centroids fit a core's cache.
const TILE: usize = 512;
/// Stop when a pass lowers the inertia by less than this part of it.
const TOLERANCE: f64 = 1e-5;

/// Moves `centroids` to a (local) minimum of the summed squared distances of the rows in
/// `values`, which are scaled to about [-1, 1] and lie one after another.
///
/// A centroid that loses all its rows moves to a row that is far from all others; it stays
/// without rows only where fewer rows differ than there are clusters.
pub(super) fn refine(values: &[f32], mut centroids: Array2<f32>, iterations: usize) -> Array2<f32> {
    let mut last = f64::INFINITY;
    for _ in 0..iterations {
        let pass = pass(values, centroids.view());
        let moved = pass.move_centroids(values, &mut centroids);
        if !moved && last - pass.inertia <= TOLERANCE * last {
            break;
        }
        last = pass.inertia;
    }
    centroids
}

/// What one pass over rows found.
struct Pass {
    /// Sums of each cluster's rows, `(clusters, columns)`.
    sums: Vec<f64>,
    counts: Vec<u64>,
    inertia: f64,
    /// The farthest row of each block, with its squared distance.
    farthest: Vec<(f32, usize)>,
}

impl Pass {
    /// Whether a cluster without rows was given one.
    fn move_centroids(&self, values: &[f32], centroids: &mut Array2<f32>) -> bool {
        let columns = centroids.ncols();
        let mut far = self.farthest.clone();
        far.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut far = far.into_iter().filter(|(squared, _)| *squared > 0.0);
        let mut moved = false;
        for (cluster, mut centroid) in centroids.outer_iter_mut().enumerate() {
            if self.counts[cluster] > 0 {
                let count = self.counts[cluster] as f64;
                let sums = &self.sums[cluster * columns..];
                for (to, sum) in centroid.iter_mut().zip(sums) {
                    *to = (sum / count) as f32;
                }
            } else if let Some((_, row)) = far.next() {
                let row = &values[row * columns..];
                for (to, from) in centroid.iter_mut().zip(row) {
                    *to = *from;
                }
                moved = true;
            }
        }
        moved
    }
}

fn pass(values: &[f32], centroids: ArrayView2<'_, f32>) -> Pass {
    let (clusters, columns) = centroids.dim();
    let halves: Array1<f32> = centroids.outer_iter().map(|c| c.dot(&c) / 2.0).collect();
    let blocks: Vec<Pass> = values
        .par_chunks(BLOCK * columns)
        .enumerate()
        .map(|(block, values)| {
            let mut found = Pass {
                sums: vec![0.0; clusters * columns],
                counts: vec![0; clusters],
                inertia: 0.0,
                farthest: vec![(0.0, 0)],
            };
            for (tile, values) in values.chunks(TILE * columns).enumerate() {
                let first = block * BLOCK + tile * TILE;
                found.add(values, first, centroids, &halves);
            }
            found
        })
        .collect();
    merge(blocks, clusters, columns)
}

fn merge(blocks: Vec<Pass>, clusters: usize, columns: usize) -> Pass {
    let mut all = Pass {
        sums: vec![0.0; clusters * columns],
        counts: vec![0; clusters],
        inertia: 0.0,
        farthest: Vec::with_capacity(blocks.len()),
    };
    for block in blocks {
        for (to, from) in all.sums.iter_mut().zip(block.sums) {
            *to += from;
        }
        for (to, from) in all.counts.iter_mut().zip(block.counts) {
            *to += from;
        }
        all.inertia += block.inertia;
        all.farthest.extend(block.farthest);
    }
    all
}

impl Pass {
    fn add(
        &mut self,
        values: &[f32],
        first: usize,
        centroids: ArrayView2<'_, f32>,
        halves: &Array1<f32>,
    ) {
        let columns = centroids.ncols();
        let rows = values.len() / columns;
        let Ok(x) = ArrayView2::from_shape((rows, columns), values) else {
            return;
        };
        // |x - c|² = |x|² + 2 (|c|² / 2 - x · c): the bracket alone decides which is nearest.
        let products = centroids.dot(&x.t());
        let mut least = vec![f32::INFINITY; rows];
        let mut nearest = vec![0_u32; rows];
        for (cluster, (products, half)) in (0_u32..).zip(products.outer_iter().zip(halves)) {
            for ((least, nearest), product) in least.iter_mut().zip(&mut nearest).zip(products) {
                let bracket = half - product;
                let nearer = bracket < *least;
                *least = if nearer { bracket } else { *least };
                *nearest = if nearer { cluster } else { *nearest };
            }
        }
        for (index, (row, (least, nearest))) in x
            .axis_iter(Axis(0))
            .zip(least.into_iter().zip(nearest))
            .enumerate()
        {
            let cluster = nearest as usize;
            let sums = &mut self.sums[cluster * columns..][..columns];
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += f64::from(*value);
            }
            self.counts[cluster] += 1;
            let squared = (row.dot(&row) + 2.0 * least).max(0.0);
            self.inertia += f64::from(squared);
            if squared > self.farthest[0].0 {
                self.farthest[0] = (squared, first + index);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn a_centroid_without_rows_moves_to_the_farthest_row() {
        // In the third block, beyond its first tile.
        let mut values = vec![0.0; 3 * BLOCK];
        values[2 * BLOCK + TILE + 5] = 1.0;
        let centroids = refine(&values, array![[0.0], [5.0]], 1);
        assert_eq!(centroids[[1, 0]], 1.0);
        let centroids = refine(&values, array![[0.0], [5.0]], 9);
        assert_eq!(centroids, array![[0.0], [1.0]]);
    }
}
