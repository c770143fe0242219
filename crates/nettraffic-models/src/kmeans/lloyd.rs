//! Lloyd's iterations over all rows, as products of matrices.
//!
//! Rows go through in blocks of a fixed size, each on any thread; what the blocks found is merged
//! in the order of the blocks. So the centroids are the same numbers on one thread and on many.

use ndarray::Array2;
use rayon::prelude::*;

use super::products::{Products, TILE, Tile};

/// Rows that one thread goes through at a time.
const BLOCK: usize = 8_192;
/// Stop when a pass lowers the inertia by less than this part of it.
const TOLERANCE: f64 = 1e-5;

/// Moves `centroids` to a (local) minimum of the summed squared distances of the rows in
/// `values`, which are scaled to about [-1, 1] and lie one after another.
///
/// A centroid that loses all its rows moves to a row that is far from all others; it stays
/// without rows only where fewer rows differ than there are clusters.
pub(super) fn refine(values: &[f32], mut centroids: Array2<f32>, iterations: usize) -> Refined {
    let mut last = f64::INFINITY;
    for _ in 0..iterations {
        let products = Products::new(centroids);
        let pass = pass(values, &products);
        centroids = products.into_centroids();
        let moved = pass.move_centroids(values, &mut centroids);
        // Never after the first pass, before which the inertia counts as infinite.
        let is_done = !moved && last - pass.inertia <= TOLERANCE * pass.inertia;
        last = pass.inertia;
        if is_done {
            break;
        }
    }
    Refined {
        centroids,
        inertia: last,
    }
}

/// Centroids, and the summed squared distances of the rows to where these were one pass before.
pub(super) struct Refined {
    pub(super) centroids: Array2<f32>,
    pub(super) inertia: f64,
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

fn pass(values: &[f32], products: &Products) -> Pass {
    let (clusters, columns) = products.centroids().dim();
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
            let mut tile = Tile::default();
            for (index, values) in values.chunks(TILE * columns).enumerate() {
                products.compare(values, &mut tile);
                found.add(values, columns, block * BLOCK + index * TILE, &tile);
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
    /// Adds rows that were compared, of which the first is row `first` of all.
    fn add(&mut self, values: &[f32], columns: usize, first: usize, tile: &Tile) {
        let found = tile.nearest.iter().zip(&tile.least).zip(&tile.lengths);
        let found = values.chunks_exact(columns).zip(found);
        for (index, (row, ((nearest, least), length))) in found.enumerate() {
            let cluster = *nearest as usize;
            let sums = &mut self.sums[cluster * columns..][..columns];
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += f64::from(*value);
            }
            self.counts[cluster] += 1;
            let squared = (length + 2.0 * least).max(0.0);
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
    fn centroids_move_until_they_stay() {
        let values: Vec<f32> = (0..200_u8).map(|row| f32::from(row) / 200.0).collect();
        let found = refine(&values, array![[0.0], [0.005]], 100);
        let off = &found.centroids - &array![[49.5 / 200.0], [149.5 / 200.0]];
        assert!(
            off.iter().all(|off| off.abs() < 0.01),
            "{}",
            found.centroids
        );
        // Each half has a variance of (100² - 1) / 12 steps.
        let least = 200.0 * (9_999.0 / 12.0) / 40_000.0;
        assert!(
            (found.inertia / least - 1.0).abs() < 0.01,
            "{}",
            found.inertia
        );
    }

    #[test]
    fn a_centroid_without_rows_moves_to_the_farthest_row() {
        // In the third block, beyond its first tile.
        let mut values = vec![0.0; 3 * BLOCK];
        values[2 * BLOCK + TILE + 5] = 1.0;
        let centroids = refine(&values, array![[0.0], [5.0]], 1).centroids;
        assert_eq!(centroids[[1, 0]], 1.0);
        let centroids = refine(&values, array![[0.0], [5.0]], 9).centroids;
        assert_eq!(centroids, array![[0.0], [1.0]]);
    }
}
