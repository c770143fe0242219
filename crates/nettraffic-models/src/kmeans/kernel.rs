//! The nearest cluster of a row, in double precision and in one fixed order.
//!
//! A row's distances do not depend on the rows beside it: many rows at once only share the
//! search for the cluster, of which nothing enters the distance.

use ndarray::ArrayView2;

use super::axes::Axes;
use super::full::Full;
use super::products::{Products, TILE, Tile};
use super::spread::Form;

/// Sums that run side by side.
pub(super) const LANES: usize = 8;

/// The nearest cluster and the squared distance to it, the cluster's handicap included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Nearest {
    pub(super) cluster: usize,
    pub(super) squared: f64,
}

/// Distances as one metric defines them, laid out for speed.
#[derive(Clone, Debug)]
pub(super) enum Kernel {
    Plain(Plain),
    Scaled(Axes),
    Full(Plain, Full),
}

impl Kernel {
    pub(super) fn new(means: ArrayView2<'_, f64>, form: &Form, handicaps: Vec<f64>) -> Self {
        match form {
            Form::Euclidean => Self::Plain(Plain::new(means)),
            Form::Diagonal(scales) => Self::Scaled(Axes::new(means, Some(scales))),
            Form::Covariance(factors) => {
                Self::Full(Plain::new(means), Full::new(means, factors, handicaps))
            }
        }
    }

    /// The nearest cluster, the first of equals.
    pub(super) fn nearest(&self, row: &[f32]) -> Nearest {
        match self {
            Self::Plain(plain) => plain.axes.nearest(row),
            Self::Scaled(axes) => axes.nearest(row),
            Self::Full(plain, full) => full.nearest(row, plain.axes.nearest(row).cluster),
        }
    }

    /// [`Kernel::nearest`] of every row in `values`, in order.
    pub(super) fn nearest_of_each(
        &self,
        values: &[f32],
        columns: usize,
        each: impl FnMut(Nearest),
    ) {
        match self {
            Self::Plain(plain) => plain.nearest_of_each(values, each),
            Self::Scaled(axes) => {
                let rows = values.chunks_exact(columns);
                rows.map(|row| axes.nearest(row)).for_each(each);
            }
            Self::Full(plain, full) => plain.guess_each(values, each_with(full, each)),
        }
    }

    /// What each column adds to the squared distance to `cluster`, which its handicap is no part of.
    pub(super) fn shares(&self, row: &[f32], cluster: usize) -> Vec<f64> {
        match self {
            Self::Plain(plain) => plain.axes.shares(row, cluster),
            Self::Scaled(axes) => axes.shares(row, cluster),
            Self::Full(_, full) => full.shares(row, cluster),
        }
    }
}

fn each_with(full: &Full, mut each: impl FnMut(Nearest)) -> impl FnMut(&[f32], Guess) {
    move |row, guess| each(full.nearest(row, guess.cluster))
}

/// Plain distances, which many rows share a product of matrices for.
#[derive(Clone, Debug)]
pub(super) struct Plain {
    axes: Axes,
    products: Products,
}

/// The cluster that is nearest up to rounding.
struct Guess {
    cluster: usize,
    is_sure: bool,
}

impl Plain {
    pub(super) fn new(means: ArrayView2<'_, f64>) -> Self {
        Self {
            axes: Axes::new(means, None),
            products: Products::new(means.mapv(|mean| mean as f32)),
        }
    }

    /// The nearest cluster, the first of equals, of every row in `values`, in order.
    pub(super) fn nearest_of_each(&self, values: &[f32], mut each: impl FnMut(Nearest)) {
        self.guess_each(values, |row, guess| {
            each(if guess.is_sure {
                Nearest {
                    cluster: guess.cluster,
                    squared: self.axes.squared(row, guess.cluster),
                }
            } else {
                self.axes.nearest(row)
            });
        });
    }

    fn guess_each(&self, values: &[f32], mut each: impl FnMut(&[f32], Guess)) {
        let columns = self.products.centroids().ncols();
        let mut tile = Tile::default();
        for values in values.chunks(TILE * columns) {
            self.products.compare(values, &mut tile);
            for (index, row) in values.chunks_exact(columns).enumerate() {
                let guess = Guess {
                    cluster: tile.nearest[index] as usize,
                    is_sure: tile.is_sure[index],
                };
                each(row, guess);
            }
        }
    }
}
