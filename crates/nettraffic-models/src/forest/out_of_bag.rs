//! The error on rows by trees that did not draw them.

use rayon::prelude::*;

use super::bins::BinnedColumn;
use super::grow::Grown;
use super::score::{Walks, block_rows};

/// Share of rows whose most probable class, among the trees that did not draw them, is not
/// theirs (Breiman 2001, section 3.1); `None` when there is no such tree for any row.
pub(super) fn out_of_bag_error(
    grown: &[Grown],
    columns: &[BinnedColumn],
    labels: &[u16],
    classes: usize,
) -> Option<f64> {
    let block = block_rows(columns.len());
    let blocks: Vec<_> = labels.chunks(block).collect();
    let (judged, wrong) = blocks
        .par_iter()
        .enumerate()
        .map(|(index, labels)| {
            let first = index * block;
            let codes = codes(columns, first, labels.len());
            let mut sums = vec![0.0; labels.len() * classes];
            let mut walks = Walks::default();
            for grown in grown {
                let rows = (0..).take(labels.len());
                let unseen = rows.filter(|row: &u32| !grown.drawn.contains(first + *row as usize));
                walks.add_leaves(&grown.tree, &codes, columns.len(), unseen, &mut sums);
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

/// Some rows' bins, row by row.
fn codes(columns: &[BinnedColumn], first: usize, rows: usize) -> Vec<u8> {
    let mut codes = vec![0; rows * columns.len()];
    for (index, column) in columns.iter().enumerate() {
        let codes = codes.iter_mut().skip(index).step_by(columns.len());
        for (code, bin) in codes.zip(&column.bins[first..first + rows]) {
            *code = *bin;
        }
    }
    codes
}

/// The class of highest probability, the first of equals.
pub(super) fn most_probable<T: PartialOrd>(probabilities: &[T]) -> usize {
    let mut best = 0;
    for (class, probability) in probabilities.iter().enumerate() {
        if *probability > probabilities[best] {
            best = class;
        }
    }
    best
}
