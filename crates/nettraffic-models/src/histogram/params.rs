//! What can be chosen before fitting.

use crate::ModelError;

use super::steps::MAX_BINS;

/// What makes a value rare.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[non_exhaustive]
pub enum Rarity {
    /// Few training rows hold a value like it: histogram-based outlier scores (Goldstein and
    /// Dengel 2012). A gap in the midst of a column is as strange as a value beyond its ends.
    #[default]
    Density,
    /// Few training rows hold a value as far out, to the side where fewer do: tail probabilities
    /// of the empirical distribution (ECOD: Li, Zhao, Hu, Botta, Ionescu and Chen 2022). Needs no
    /// bins, and finds nothing strange in a gap.
    Tail,
}

/// How the columns of a histogram model are fitted, checked in [`HistogramParams::fit`].
/// Defaults: [`Rarity::Density`], 10 bins, of which more found less on two published tables.
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramParams {
    pub(super) rarity: Rarity,
    pub(super) bins: usize,
}

impl Default for HistogramParams {
    fn default() -> Self {
        Self {
            rarity: Rarity::default(),
            bins: 10,
        }
    }
}

impl HistogramParams {
    /// What makes a value rare.
    #[must_use]
    pub fn rarity(mut self, rarity: Rarity) -> Self {
        self.rarity = rarity;
        self
    }

    /// Bins of equal width between the ends of each column, 1 to 65,536; one more on either side
    /// holds what training never had. Of no effect on [`Rarity::Tail`].
    #[must_use]
    pub fn bins(mut self, bins: usize) -> Self {
        self.bins = bins;
        self
    }

    pub(super) fn check(&self, rows: usize, columns: usize) -> Result<(), ModelError> {
        let out_of_range = |name, value: usize, expected| ModelError::Parameter {
            name,
            value: value.to_string(),
            expected,
        };
        if !(1..=MAX_BINS).contains(&self.bins) {
            return Err(out_of_range("bins", self.bins, "1 to 65,536"));
        }
        if columns == 0 {
            return Err(out_of_range("columns", columns, "at least 1"));
        }
        if rows == 0 {
            return Err(ModelError::TooFewRows {
                what: "a histogram model",
                needed: 1,
                found: 0,
            });
        }
        Ok(())
    }
}
