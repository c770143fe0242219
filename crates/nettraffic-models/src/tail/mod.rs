//! The tail beyond the highest scores: a generalised Pareto distribution of peaks over a threshold.

mod fit;
mod likely;

pub(crate) use fit::excesses;
pub(crate) use likely::{Chance, Likely};

/// How excesses over a high score are distributed: the chance of more than `x` is
/// `(1 + shape · x / scale)^(-1 / shape)`, or `exp(-x / scale)` at shape 0 (Pickands 1975).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tail {
    /// Above 0, in the unit of the scores.
    pub(crate) scale: f64,
    /// How heavy it is; here never below 0, where the tail would end.
    pub(crate) shape: f64,
}

impl Tail {
    /// −ln of the chance of an excess beyond `excess`: 0 at 0, growing without end.
    pub(crate) fn surprise(self, excess: f64) -> f64 {
        let z = excess / self.scale;
        if self.shape.abs() < 1e-9 {
            z
        } else {
            (self.shape * z).ln_1p() / self.shape
        }
    }

    /// The excess at which [`Tail::surprise`] is `surprise`.
    pub(crate) fn excess(self, surprise: f64) -> f64 {
        if self.shape.abs() < 1e-9 {
            self.scale * surprise
        } else {
            self.scale * (self.shape * surprise).exp_m1() / self.shape
        }
    }

    /// The tail of what is left over of excesses that are beyond `excess`: again of this family.
    pub(crate) fn after(self, excess: f64) -> Self {
        Self {
            scale: self.scale + self.shape * excess,
            shape: self.shape,
        }
    }
}
