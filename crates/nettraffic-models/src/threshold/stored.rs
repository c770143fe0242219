//! A threshold as it is stored, and what is checked of one that was read.

use serde::{Deserialize, Serialize};

use crate::{ModelError, held_out::HeldOut};

use super::{Threshold, is_rate, is_resolvable, rank};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) asked_rate: f64,
    pub(super) value: f32,
    /// Held-out scores that equal `value`.
    pub(super) equal: u64,
    /// Held-out scores beyond `value`.
    pub(super) above: u64,
    pub(super) scores: HeldOut,
    /// What the fitted tail says, where the threshold comes from it.
    pub(super) beyond: Option<Beyond>,
}

/// The false-alarm rate at a threshold beyond all held-out scores.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Beyond {
    pub(super) expected: f64,
    /// Ends of the central 95 %.
    pub(super) low: f64,
    pub(super) high: f64,
}

impl TryFrom<Stored> for Threshold {
    type Error = ModelError;

    fn try_from(stored: Stored) -> Result<Self, ModelError> {
        match stored.fault() {
            None => Ok(Self { stored }),
            Some(reason) => Err(ModelError::Invalid {
                what: "threshold",
                reason: reason.to_owned(),
            }),
        }
    }
}

impl From<Threshold> for Stored {
    fn from(threshold: Threshold) -> Self {
        threshold.stored
    }
}

impl Stored {
    pub(super) fn fault(&self) -> Option<&'static str> {
        if !is_rate(self.asked_rate) {
            return Some("the rate is not between 0 and 1");
        }
        if !self.value.is_finite() {
            return Some("a score is not finite");
        }
        self.scores.fault().or_else(|| match self.beyond {
            Some(beyond) => self.fault_beyond(beyond),
            None => self.fault_of_rank(),
        })
    }

    fn fault_beyond(&self, beyond: Beyond) -> Option<&'static str> {
        let Beyond {
            expected,
            low,
            high,
        } = beyond;
        if !(0.0 <= low && low <= expected && expected <= high && high <= 1.0) {
            return Some("the rates beyond the held-out scores are not in order");
        }
        let highest = self.scores.kept.last().copied().unwrap_or(f32::MAX);
        let equal = self
            .scores
            .kept
            .iter()
            .rev()
            .take_while(|s| **s == self.value);
        let is_beyond = self.value > highest && self.equal == 0
            || self.value == highest && self.equal >= equal.count() as u64;
        if !is_beyond || self.above > 0 || self.equal > self.scores.rows {
            return Some("the threshold is not beyond the held-out scores");
        }
        is_resolvable(self.scores.rows, self.asked_rate)
            .then_some("the threshold need not be beyond the held-out scores")
    }

    fn fault_of_rank(&self) -> Option<&'static str> {
        let HeldOut { rows, kept } = &self.scores;
        let rank = rank(*rows, self.asked_rate);
        let upto = rows.checked_sub(self.above);
        let below = upto.and_then(|upto| upto.checked_sub(self.equal));
        let between = (upto, below);
        if !matches!(between, (Some(upto), Some(below)) if below < rank && rank <= upto) {
            return Some("the counts of scores do not put the threshold at its rank");
        }
        // Scores kept at ranks up to the threshold's are no higher than it, the others no lower,
        // and the one at that very rank is the threshold.
        let upto = (0..kept.len())
            .take_while(|place| self.scores.rank(*place) <= rank)
            .count();
        let is_kept = self.scores.rank(upto.saturating_sub(1)) == rank;
        let (upto, after) = kept.split_at(upto);
        let too_low = upto.last().is_some_and(|s| *s > self.value);
        let not_it = upto.last().is_some_and(|s| is_kept && *s != self.value);
        let too_high = after.first().is_some_and(|s| *s < self.value);
        if too_low || not_it || too_high {
            return Some("the threshold is not at its rank among the kept scores");
        }
        None
    }
}
