//! Squared distances column by column.

use ndarray::{ArrayView1, ArrayView2};
use pulp::{Arch, NullaryFnOnce};

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
        Arch::new().dispatch(AmongAll { axes: self, row })
    }

    /// The squared distance to `cluster`.
    pub(super) fn squared(&self, row: &[f32], cluster: usize) -> f64 {
        Arch::new().dispatch(ToOne {
            axes: self,
            row,
            cluster,
        })
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

    #[inline(always)]
    fn squared_of(&self, row: &InLanes<'_>, cluster: usize) -> f64 {
        let each = self.columns.div_ceil(LANES);
        let centre = &self.centres[cluster * each..][..each];
        let mut sums = [0.0; LANES];
        if self.scales.is_empty() {
            for (x, centre) in row.whole.iter().zip(centre) {
                add(&mut sums, x, centre);
            }
            if let (Some(x), Some(centre)) = (&row.rest, centre.last()) {
                add(&mut sums, x, centre);
            }
        } else {
            let scales = &self.scales[cluster * each..][..each];
            for ((x, centre), scale) in row.whole.iter().zip(centre).zip(scales) {
                add_scaled(&mut sums, x, centre, scale);
            }
            if let (Some(x), Some(centre), Some(scale)) = (&row.rest, centre.last(), scales.last())
            {
                add_scaled(&mut sums, x, centre, scale);
            }
        }
        total(sums)
    }
}

/// A search, for the vectors of the processor at hand.
struct AmongAll<'a> {
    axes: &'a Axes,
    row: &'a [f32],
}

impl NullaryFnOnce for AmongAll<'_> {
    type Output = Nearest;

    #[inline(always)]
    fn call(self) -> Nearest {
        let mut best = Nearest {
            cluster: 0,
            squared: f64::INFINITY,
        };
        let row = InLanes::of(self.row);
        let each = self.axes.columns.div_ceil(LANES);
        for cluster in 0..self.axes.centres.len() / each {
            let squared = self.axes.squared_of(&row, cluster);
            if squared < best.squared {
                best = Nearest { cluster, squared };
            }
        }
        best
    }
}

/// A distance, for the vectors of the processor at hand.
struct ToOne<'a> {
    axes: &'a Axes,
    row: &'a [f32],
    cluster: usize,
}

impl NullaryFnOnce for ToOne<'_> {
    type Output = f64;

    #[inline(always)]
    fn call(self) -> f64 {
        (self.axes).squared_of(&InLanes::of(self.row), self.cluster)
    }
}

/// A row as whole groups of [`LANES`] columns, and the rest filled with zeros.
struct InLanes<'a> {
    whole: &'a [[f32; LANES]],
    rest: Option<[f32; LANES]>,
}

impl<'a> InLanes<'a> {
    #[inline(always)]
    fn of(row: &'a [f32]) -> Self {
        let (whole, left) = row.as_chunks();
        let mut rest = None;
        if !left.is_empty() {
            let mut filled = [0.0; LANES];
            filled[..left.len()].copy_from_slice(left);
            rest = Some(filled);
        }
        Self { whole, rest }
    }
}

#[inline(always)]
fn add(sums: &mut [f64; LANES], x: &[f32; LANES], centre: &[f64; LANES]) {
    for ((sum, x), centre) in sums.iter_mut().zip(x).zip(centre) {
        let away = f64::from(*x) - centre;
        *sum += away * away;
    }
}

#[inline(always)]
fn add_scaled(
    sums: &mut [f64; LANES],
    x: &[f32; LANES],
    centre: &[f64; LANES],
    scale: &[f64; LANES],
) {
    for (((sum, x), centre), scale) in sums.iter_mut().zip(x).zip(centre).zip(scale) {
        let away = (f64::from(*x) - centre) * scale;
        *sum += away * away;
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
#[inline(always)]
fn total(sums: [f64; LANES]) -> f64 {
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}
