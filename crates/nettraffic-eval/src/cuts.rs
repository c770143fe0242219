//! Rows ranked by score and cut between distinct scores: what all curves are read from.

use crate::EvalError;
use crate::error::same_length;

/// Rows at or above one distinct score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cut {
    /// Lowest score among the rows counted here.
    pub(crate) score: f64,
    /// Attacks at or above it.
    pub(crate) hits: u64,
    /// Benign rows at or above it.
    pub(crate) false_alarms: u64,
}

/// One cut per distinct score, from the highest down. Equal scores cannot be told apart by
/// any threshold, so they always fall on the same side.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cuts {
    pub(crate) cuts: Vec<Cut>,
    pub(crate) positives: u64,
    pub(crate) negatives: u64,
}

impl Cuts {
    pub(crate) fn new<S: Copy + Into<f64>>(
        scores: &[S],
        labels: &[bool],
    ) -> Result<Self, EvalError> {
        same_length("scores", scores.len(), "labels", labels.len())?;
        let mut rows = Vec::with_capacity(scores.len());
        for (row, (&score, &label)) in scores.iter().zip(labels).enumerate() {
            let score: f64 = score.into();
            if score.is_nan() {
                return Err(EvalError::NotANumber { row });
            }
            rows.push((score, label));
        }
        rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));

        let mut cuts: Vec<Cut> = Vec::new();
        let (mut hits, mut false_alarms) = (0, 0);
        for (score, label) in rows {
            if label {
                hits += 1;
            } else {
                false_alarms += 1;
            }
            let cut = Cut {
                score,
                hits,
                false_alarms,
            };
            match cuts.last_mut() {
                // `==` and not bits: 0.0 and -0.0 are one score.
                Some(last) if last.score == score => *last = cut,
                _ => cuts.push(cut),
            }
        }
        Ok(Self {
            cuts,
            positives: hits,
            negatives: false_alarms,
        })
    }

    /// Attacks and benign rows that share each distinct score, from the highest down.
    pub(crate) fn ties(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let before =
            std::iter::once((0, 0)).chain(self.cuts.iter().map(|c| (c.hits, c.false_alarms)));
        self.cuts
            .iter()
            .zip(before)
            .map(|(cut, (hits, false_alarms))| (cut.hits - hits, cut.false_alarms - false_alarms))
    }
}
