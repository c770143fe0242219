//! The error on rows by trees that did not draw them.

use std::array;

use rayon::prelude::*;

use super::grow::Grown;
use super::score::BLOCK_ROWS;
use super::tree::LANES;

/// Share of rows whose most probable class, among the trees that did not draw them, is not
/// theirs (Breiman 2001, section 3.1); `None` when there is no such tree for any row.
pub(super) fn out_of_bag_error(
    grown: &[Grown],
    rows: &[f32],
    columns: usize,
    labels: &[u16],
    classes: usize,
) -> Option<f64> {
    let blocks: Vec<_> = (rows.chunks(BLOCK_ROWS * columns))
        .zip(labels.chunks(BLOCK_ROWS))
        .collect();
    let (judged, wrong) = blocks
        .par_iter()
        .enumerate()
        .map(|(block, (rows, labels))| {
            let mut sums = vec![0.0; labels.len() * classes];
            for tree in grown {
                add_leaves(tree, block * BLOCK_ROWS, rows, columns, &mut sums);
            }
            let mut counts = (0_u64, 0_u64);
            for (sums, label) in sums.chunks_exact(classes).zip(*labels) {
                if sums.iter().any(|sum| *sum > 0.0) {
                    counts.0 += 1;
                    counts.1 += u64::from(most_probable(sums) != usize::from(*label));
                }
            }
            counts
        })
        .reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    #[expect(clippy::cast_precision_loss, reason = "counts of rows, far below 2^53")]
    (judged > 0).then(|| wrong as f64 / judged as f64)
}

/// Adds the distributions that a tree gives those rows of a block that it did not draw.
fn add_leaves(grown: &Grown, first: usize, rows: &[f32], columns: usize, sums: &mut [f64]) {
    let tree = &grown.tree;
    let classes = sums.len() * columns / rows.len();
    let unseen: Vec<usize> = (0..rows.len() / columns)
        .filter(|row| !grown.drawn.contains(first + row))
        .collect();
    for lanes in unseen.chunks(LANES) {
        // A lane without a row of its own repeats the first one's walk.
        let start = |lane: usize| lanes.get(lane).unwrap_or(&lanes[0]) * columns;
        let leaves = tree.leaves(rows, &array::from_fn(start));
        for (row, leaf) in lanes.iter().zip(leaves) {
            let sums = &mut sums[row * classes..(row + 1) * classes];
            for (sum, share) in sums.iter_mut().zip(tree.distribution(leaf)) {
                *sum += f64::from(*share);
            }
        }
    }
}

/// The class of highest probability, the first of equals.
pub(super) fn most_probable(probabilities: &[f64]) -> usize {
    let mut best = 0;
    for (class, probability) in probabilities.iter().enumerate() {
        if *probability > probabilities[best] {
            best = class;
        }
    }
    best
}
