//! Squared distances column by column.

use ndarray::{ArrayView1, ArrayView2};

use super::kernel::{LANES, Nearest};

/// Sums over columns of `((x - centre) * scale)²`.
///
/// Columns go to [`LANES`] sums in turn, and these are added in one fixed order: the compiler may
/// use vectors as wide as it likes, and the result stays the same number.
#[derive(Clone, Debug)]
pub(super) struct Axes {
    columns: usize,
    /// `[cluster][columns, LANES at a time]`; zeros fill the last ones.
    centres: Vec<[f64; LANES]>,
    /// As `centres`; empty where every scale is 1.
    scales: Vec<[f64; LANES]>,
}

impl Axes {
    /// `scales` has the shape of `means`, row after row.
    pub(super) fn new(means: ArrayView2<'_, f64>, scales: Option<&[f64]>) -> Self {
        let columns = means.ncols();
        let means = means.as_standard_layout();
        Self {
            columns,
            centres: in_lanes(means.as_slice().unwrap_or_default(), columns),
            scales: scales.map_or_else(Vec::new, |scales| in_lanes(scales, columns)),
        }
    }

    /// Puts a cluster's centre elsewhere.
    pub(super) fn move_centre(&mut self, cluster: usize, mean: ArrayView1<'_, f64>) {
        let centre = &mut self.centres[cluster * self.columns.div_ceil(LANES)..];
        for (to, from) in centre.as_flattened_mut().iter_mut().zip(mean) {
            *to = *from;
        }
    }

    /// The nearest cluster, the first of equals.
    pub(super) fn nearest(&self, row: &[f32]) -> Nearest {
        let mut best = Nearest {
            cluster: 0,
            squared: f64::INFINITY,
        };
        let row = InLanes::of(row);
        for cluster in 0..self.centres.len() / self.columns.div_ceil(LANES) {
            let squared = self.squared_of(&row, cluster);
            if squared < best.squared {
                best = Nearest { cluster, squared };
            }
        }
        best
    }

    /// The squared distance to `cluster`.
    pub(super) fn squared(&self, row: &[f32], cluster: usize) -> f64 {
        self.squared_of(&InLanes::of(row), cluster)
    }

    /// What each column adds to the squared distance to `cluster`.
    pub(super) fn shares(&self, row: &[f32], cluster: usize) -> Vec<f64> {
        let first = cluster * self.columns.div_ceil(LANES);
        let centre = self.centres[first..].as_flattened();
        let scales = self.scales.get(first..).unwrap_or_default().as_flattened();
        let columns = row.iter().zip(centre).enumerate();
        columns
            .map(|(column, (x, centre))| {
                let scale = scales.get(column).copied().unwrap_or(1.0);
                ((f64::from(*x) - centre) * scale).powi(2)
            })
            .collect()
    }

    fn squared_of(&self, row: &InLanes<'_>, cluster: usize) -> f64 {
        let each = self.columns.div_ceil(LANES);
        let centre = &self.centres[cluster * each..][..each];
        let mut sums = [0.0; LANES];
        if self.scales.is_empty() {
            row.zip(centre, |x, centre| {
                for ((sum, x), centre) in sums.iter_mut().zip(x).zip(centre) {
                    let away = f64::from(*x) - centre;
                    *sum += away * away;
                }
            });
        } else {
            let mut scales = self.scales[cluster * each..].iter();
            row.zip(centre, |x, centre| {
                let scales = scales.next().unwrap_or(&[0.0; LANES]);
                for (((sum, x), centre), scale) in sums.iter_mut().zip(x).zip(centre).zip(scales) {
                    let away = (f64::from(*x) - centre) * scale;
                    *sum += away * away;
                }
            });
        }
        total(sums)
    }
}

/// A row as whole groups of [`LANES`] columns, and the rest filled with zeros.
struct InLanes<'a> {
    whole: &'a [[f32; LANES]],
    rest: Option<[f32; LANES]>,
}

impl<'a> InLanes<'a> {
    fn of(row: &'a [f32]) -> Self {
        let (whole, left) = row.as_chunks();
        let rest = (!left.is_empty()).then(|| {
            let mut rest = [0.0; LANES];
            rest[..left.len()].copy_from_slice(left);
            rest
        });
        Self { whole, rest }
    }

    fn zip(&self, other: &[[f64; LANES]], mut each: impl FnMut(&[f32; LANES], &[f64; LANES])) {
        for (x, other) in self.whole.iter().zip(other) {
            each(x, other);
        }
        if let (Some(x), Some(other)) = (&self.rest, other.last()) {
            each(x, other);
        }
    }
}

fn in_lanes(values: &[f64], columns: usize) -> Vec<[f64; LANES]> {
    let mut groups = Vec::new();
    for row in values.chunks_exact(columns) {
        for group in row.chunks(LANES) {
            let mut filled = [0.0; LANES];
            filled[..group.len()].copy_from_slice(group);
            groups.push(filled);
        }
    }
    groups
}

/// The sum, in an order that pairs of wide registers can follow.
fn total(sums: [f64; LANES]) -> f64 {
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}
