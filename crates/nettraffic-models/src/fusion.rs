//! One score from several models.

mod learn;
mod rule;

use ndarray::{Array1, ArrayView1, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{Calibration, ModelError, check};

pub use rule::FusionRule;

/// More models than anybody fuses; with it no sum here is infinite.
const MOST_MEMBERS: usize = 64;
/// Rows that a thread takes at least.
const ROWS: usize = 256;

/// Puts the scores that several models, the members, give a row into one: each becomes a surprise
/// by its member's [`Calibration`], and the [`FusionRule`] combines these.
///
/// It knows scores alone: the members, with the preprocessing of each, live with the caller. The
/// fused score is 0 or more, higher is stranger, and needs a threshold of its own, from held-out
/// rows: members agree more often than chance would have it.
///
/// ```
/// use nettraffic_models::{Calibration, Fusion, FusionRule};
///
/// let usual: Vec<f32> = (1..=99).map(|score| score as f32).collect();
/// let large: Vec<f32> = usual.iter().map(|score| score * 1e6).collect();
/// let members = vec![Calibration::fit(&usual)?, Calibration::fit(&large)?];
/// let fusion = Fusion::new(members, FusionRule::MeanLog)?;
///
/// // The 9th highest of 99 for one, the median for the other.
/// let row = [91.0, 50e6];
/// let mean = (0.1_f32.ln() + 0.51_f32.ln()) / -2.0;
/// assert!((fusion.score(&row)? - mean).abs() < 1e-6);
/// assert!(fusion.shares(&row)?[0] > 0.7 * mean);
/// # Ok::<(), nettraffic_models::ModelError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Fusion {
    stored: Stored,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Stored {
    calibrations: Vec<Calibration>,
    rule: FusionRule,
}

impl Fusion {
    /// Fuses the members with these calibrations, in their order.
    ///
    /// # Errors
    /// No member or more than 64; weights of [`FusionRule::Learned`] that are not one a member,
    /// negative, not finite, or all 0.
    pub fn new(calibrations: Vec<Calibration>, rule: FusionRule) -> Result<Self, ModelError> {
        if calibrations.is_empty() || calibrations.len() > MOST_MEMBERS {
            return Err(ModelError::Parameter {
                name: "members of a fusion",
                value: calibrations.len().to_string(),
                expected: "1 to 64",
            });
        }
        let rule = rule.checked(calibrations.len())?;
        Ok(Self {
            stored: Stored { calibrations, rule },
        })
    }

    /// Fuses by weights learned from labelled validation rows: `scores` has a row for each and a
    /// column for each member, and `attack` tells which are attacks.
    ///
    /// The weights are those of a logistic regression on the surprises, none negative, both classes counted
    /// alike; a member that adds nothing to the others gets 0. They favour what finds the attacks that were shown: for
    /// unknown ones [`FusionRule::MeanLog`] is the safer choice.
    ///
    /// # Errors
    /// As [`Fusion::new`] and [`Fusion::score_all`]; another number of labels than rows, or labels
    /// of one kind only.
    pub fn learn(
        calibrations: Vec<Calibration>,
        scores: ArrayView2<'_, f32>,
        attack: &[bool],
    ) -> Result<Self, ModelError> {
        let mut fusion = Self::new(calibrations, FusionRule::MeanLog)?;
        check::rows(scores, fusion.members())?;
        let surprises: Vec<f64> = scores
            .outer_iter()
            .flat_map(|row| fusion.surprises(row).collect::<Vec<_>>())
            .collect();
        let weights = learn::weights(&surprises, fusion.members(), attack)?;
        fusion.stored.rule = FusionRule::Learned(weights).checked(fusion.members())?;
        Ok(fusion)
    }

    /// Number of members.
    #[must_use]
    pub fn members(&self) -> usize {
        self.stored.calibrations.len()
    }

    /// The calibrations of the members, in their order.
    #[must_use]
    pub fn calibrations(&self) -> &[Calibration] {
        &self.stored.calibrations
    }

    /// How the surprises are combined; learned weights sum to 1.
    #[must_use]
    pub fn rule(&self) -> &FusionRule {
        &self.stored.rule
    }

    /// The fused score of one row, from the score that each member gives it.
    ///
    /// # Errors
    /// Another number of scores than members, or one that is not finite.
    pub fn score<'a>(&self, scores: impl Into<ArrayView1<'a, f32>>) -> Result<f32, ModelError> {
        let scores = scores.into();
        check::row(scores, self.members())?;
        Ok(self.fused(scores))
    }

    /// The fused score of each row of `scores`, shape `(rows, members)`: what [`Fusion::score`]
    /// gives it. Many rows are fused on rayon's current pool.
    ///
    /// # Errors
    /// As [`Fusion::score`].
    pub fn score_all(&self, scores: ArrayView2<'_, f32>) -> Result<Array1<f32>, ModelError> {
        check::rows(scores, self.members())?;
        let fused: Vec<f32> = (0..scores.nrows())
            .into_par_iter()
            .with_min_len(ROWS)
            .map(|row| self.fused(scores.row(row)))
            .collect();
        Ok(Array1::from_vec(fused))
    }

    /// What each member adds to the fused score of one row: none negative, together the score (up
    /// to single precision). Times a member's contributions as shares of its own score they tell
    /// what each column adds.
    ///
    /// # Errors
    /// As [`Fusion::score`].
    pub fn shares<'a>(
        &self,
        scores: impl Into<ArrayView1<'a, f32>>,
    ) -> Result<Array1<f32>, ModelError> {
        let scores = scores.into();
        check::row(scores, self.members())?;
        let surprises: Vec<f64> = self.surprises(scores).collect();
        let shares = self.stored.rule.shares(&surprises);
        Ok(shares.into_iter().map(|share| share as f32).collect())
    }

    fn surprises(&self, scores: ArrayView1<'_, f32>) -> impl ExactSizeIterator<Item = f64> {
        self.stored
            .calibrations
            .iter()
            .zip(scores)
            .map(|(calibration, score)| calibration.surprise(*score))
    }

    fn fused(&self, scores: ArrayView1<'_, f32>) -> f32 {
        self.stored.rule.combine(self.surprises(scores)) as f32
    }
}

impl TryFrom<Stored> for Fusion {
    type Error = ModelError;

    fn try_from(stored: Stored) -> Result<Self, ModelError> {
        let fusion = Self::new(stored.calibrations, stored.rule);
        fusion.map_err(|error| ModelError::Invalid {
            what: "fusion",
            reason: error.to_string(),
        })
    }
}

impl From<Fusion> for Stored {
    fn from(fusion: Fusion) -> Self {
        fusion.stored
    }
}

#[cfg(test)]
mod tests;
