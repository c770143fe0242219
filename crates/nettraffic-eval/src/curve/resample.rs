//! Rows that are ranked once and drawn again often.

use super::Ranking;
use super::ranking::{Cut, key, score};
use crate::EvalError;
use crate::error::same_length;

/// Rows with the place of their scores, so that a ranking of drawn rows costs O(n) and no
/// sorting: what a [`Bootstrap`](crate::Bootstrap) needs a thousand times.
///
/// ```
/// use nettraffic_eval::{Bootstrap, RankedRows};
///
/// let labels = [true, true, false, true, false, true, false, false];
/// let rows = RankedRows::new(&[0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2], &labels)?;
/// let area = |drawn: &[usize]| rows.draw(drawn).roc().area();
/// let found = Bootstrap::new(42).stratified(&labels, area).expect("defined");
/// assert_eq!(Some(found.estimate), rows.ranking().roc().area());
/// # Ok::<(), nettraffic_eval::EvalError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RankedRows {
    /// Of each row, the place of its score among the distinct ones.
    places: Vec<usize>,
    labels: Vec<bool>,
    /// Distinct scores, from the highest down.
    scores: Vec<f64>,
}

impl RankedRows {
    /// Ranks rows by their score; `true` marks an attack. Costs O(n log n).
    ///
    /// # Errors
    /// The slices differ in length, or a score is NaN.
    pub fn new<S: Copy + Into<f64>>(scores: &[S], labels: &[bool]) -> Result<Self, EvalError> {
        same_length("scores", scores.len(), "labels", labels.len())?;
        let mut sorted = Vec::with_capacity(scores.len());
        for (row, &score) in scores.iter().enumerate() {
            let score: f64 = score.into();
            if score.is_nan() {
                return Err(EvalError::NotANumber { row });
            }
            sorted.push((key(score), row));
        }
        sorted.sort_unstable();
        let mut places = vec![0; sorted.len()];
        let mut distinct = Vec::new();
        for (place, tied) in sorted.chunk_by(|a, b| a.0 == b.0).enumerate() {
            distinct.extend(tied.first().map(|(key, _)| score(*key)));
            for (_, row) in tied {
                places[*row] = place;
            }
        }
        Ok(Self {
            places,
            labels: labels.to_vec(),
            scores: distinct,
        })
    }

    /// The ranking of all rows.
    #[must_use]
    pub fn ranking(&self) -> Ranking {
        self.rank(self.places.iter().zip(&self.labels))
    }

    /// The ranking of these rows, each as often as it is named. Rows that are not there are left
    /// out.
    #[must_use]
    pub fn draw(&self, rows: &[usize]) -> Ranking {
        let known = rows
            .iter()
            .filter_map(|row| self.places.get(*row).zip(self.labels.get(*row)));
        self.rank(known)
    }

    /// Of each row, the place of its score among the distinct ones, the highest first.
    pub(crate) fn places(&self) -> &[usize] {
        &self.places
    }

    fn rank<'a>(&self, rows: impl Iterator<Item = (&'a usize, &'a bool)>) -> Ranking {
        let mut ties = vec![(0, 0); self.scores.len()];
        for (place, is_attack) in rows {
            let (attacks, benign) = &mut ties[*place];
            *(if *is_attack { attacks } else { benign }) += 1;
        }
        let (mut hits, mut false_alarms) = (0, 0);
        let occurring = ties
            .iter()
            .zip(&self.scores)
            .filter(|(tie, _)| **tie != (0, 0));
        let cuts = occurring.map(|((attacks, benign), score)| {
            hits += attacks;
            false_alarms += benign;
            Cut {
                score: *score,
                hits,
                false_alarms,
            }
        });
        Ranking::of_cuts(cuts.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn drawn_rows_rank_as_if_they_were_given(
            rows in prop::collection::vec((0_u8..9, any::<bool>()), 1..30),
            drawn in prop::collection::vec(0_usize..30, 0..60),
        ) {
            let (scores, labels): (Vec<u8>, Vec<bool>) = rows.iter().copied().unzip();
            let ranked = RankedRows::new(&scores, &labels);
            let taken: Vec<(u8, bool)> = drawn.iter().filter_map(|row| rows.get(*row).copied()).collect();
            let (scores, labels): (Vec<u8>, Vec<bool>) = taken.into_iter().unzip();
            let expected = Ranking::new(&scores, &labels);
            prop_assert_eq!(ranked.map(|rows| rows.draw(&drawn)), expected);
        }
    }

    #[test]
    fn all_rows_rank_as_they_are() -> Result<(), EvalError> {
        let (scores, labels) = ([0.0, -0.0, f64::INFINITY, -3.5], [true, false, false, true]);
        let rows = RankedRows::new(&scores, &labels)?;
        assert_eq!(rows.ranking(), Ranking::new(&scores, &labels)?);
        assert!(RankedRows::new(&[f64::NAN], &[true]).is_err());
        Ok(())
    }
}
