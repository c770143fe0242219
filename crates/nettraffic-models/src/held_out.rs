//! Scores of held-out benign rows, sorted, and few enough to be stored with a model.

use serde::{Deserialize, Serialize};

use crate::ModelError;

/// So many of the highest scores are kept exactly, for p-values where alerts are.
const TAIL: usize = 1_024;
/// So many more are kept from those below, evenly spaced by rank.
const BODY: usize = 1_024;

/// The scores ascending, after a check that there are some and that all are finite.
pub(crate) fn sorted(scores: &[f32], what: &'static str) -> Result<Vec<f32>, ModelError> {
    if scores.is_empty() {
        return Err(ModelError::TooFewRows {
            what,
            needed: 1,
            found: 0,
        });
    }
    if let Some(row) = scores.iter().position(|s| !s.is_finite()) {
        return Err(ModelError::NotFinite { row, column: 0 });
    }
    let mut sorted = scores.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    Ok(sorted)
}

/// What is kept of the scores: how many there were, and those at the ranks of [`HeldOut::rank`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct HeldOut {
    pub(crate) rows: u64,
    /// Ascending.
    pub(crate) kept: Vec<f32>,
}

impl HeldOut {
    pub(crate) fn of(sorted: &[f32]) -> Self {
        let rows = sorted.len();
        let kept = (0..rows.min(BODY + TAIL))
            .map(|place| sorted[kept_rank(place, rows) - 1])
            .collect();
        Self {
            rows: rows as u64,
            kept,
        }
    }

    /// Rank, from 1, of the score that is kept at `place`.
    pub(crate) fn rank(&self, place: usize) -> u64 {
        kept_rank(place, self.rows as usize) as u64
    }

    /// The place of the first kept score that is not below `score`.
    pub(crate) fn place(&self, score: f32) -> usize {
        self.kept.partition_point(|s| score.is_nan() || *s < score)
    }

    /// The conformal p-value of scores above the kept one before `place`, up to that at `place`.
    pub(crate) fn p_value(&self, place: usize) -> f64 {
        let below = place.checked_sub(1).map_or(0, |before| self.rank(before));
        ((self.rows - below) as f64 + 1.0) / (self.rows as f64 + 1.0)
    }

    /// What cannot be in kept scores that were read from a file.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let rows = match usize::try_from(self.rows) {
            Ok(rows) if rows > 0 && self.rows <= 1 << 53 => rows,
            _ => return Some("the number of held-out rows is out of range"),
        };
        if self.kept.len() != rows.min(BODY + TAIL) {
            return Some("the number of kept scores does not match the held-out rows");
        }
        if self.kept.iter().any(|s| !s.is_finite()) {
            return Some("a score is not finite");
        }
        if self.kept.windows(2).any(|pair| pair[0] > pair[1]) {
            return Some("the kept scores are not in order");
        }
        None
    }
}

/// Evenly spaced ranks from the lowest on, then the tail; every one where there are few.
fn kept_rank(place: usize, rows: usize) -> usize {
    match rows.checked_sub(BODY + TAIL) {
        None => place + 1,
        Some(left_out) if place >= BODY => left_out + place + 1,
        Some(left_out) => (place as u128 * (left_out + BODY) as u128 / BODY as u128) as usize + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_and_every_one_of_the_highest_are_kept() {
        for rows in [1, 7, 2_048, 2_049, 2_050, 60_000, 1 << 40] {
            let places = rows.min(BODY + TAIL);
            let ranks: Vec<usize> = (0..places).map(|place| kept_rank(place, rows)).collect();
            assert_eq!(ranks.first(), Some(&1));
            assert_eq!(ranks.last(), Some(&rows));
            assert!(ranks.windows(2).all(|pair| pair[0] < pair[1]), "{rows}");
            let tail = ranks.iter().rev().take(TAIL);
            assert!(tail.zip((1..=rows).rev()).all(|(kept, rank)| *kept == rank));
        }
    }
}
