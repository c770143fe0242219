//! How surprises are combined.

use serde::{Deserialize, Serialize};

use crate::ModelError;

/// How the members' surprises (−ln of their p-values) become one score.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum FusionRule {
    /// Their mean: what several members find odd counts more than what one does.
    #[default]
    MeanLog,
    /// The surprise of the chi-squared test of their sum (Fisher 1925). It ranks rows as the mean
    /// does, and were the members independent it would be −ln of a p-value.
    Fisher,
    /// The largest: what one member finds odd is odd, which also is the way of its false alarms.
    Maximum,
    /// Their mean with a weight for each member, none negative; what they sum to does not matter.
    Learned(Vec<f32>),
}

impl FusionRule {
    /// The rule with weights that sum to 1, for so many members.
    pub(super) fn checked(self, members: usize) -> Result<Self, ModelError> {
        let Self::Learned(weights) = self else {
            return Ok(self);
        };
        let sum: f64 = weights.iter().map(|w| f64::from(*w)).sum();
        let sound = weights.iter().all(|w| w.is_finite() && *w >= 0.0) && sum > 0.0;
        if weights.len() != members || !sound {
            return Err(ModelError::Parameter {
                name: "weights of a fusion",
                value: format!("{} numbers that sum to {sum}", weights.len()),
                expected: "one a member, finite, none negative and not all 0",
            });
        }
        // Dividing once more would not give the same bits, so stored weights are left as they are.
        if (sum - 1.0).abs() < 1e-5 {
            return Ok(Self::Learned(weights));
        }
        let scaled = weights.iter().map(|w| (f64::from(*w) / sum) as f32);
        Ok(Self::Learned(scaled.collect()))
    }

    pub(super) fn combine(&self, surprises: impl ExactSizeIterator<Item = f64>) -> f64 {
        let members = surprises.len();
        match self {
            Self::MeanLog => surprises.sum::<f64>() / members as f64,
            Self::Fisher => fisher(surprises.sum(), members),
            Self::Maximum => surprises.fold(0.0, f64::max),
            Self::Learned(weights) => surprises
                .zip(weights)
                .map(|(surprise, weight)| surprise * f64::from(*weight))
                .sum(),
        }
    }

    /// The parts of the combined score.
    pub(super) fn shares(&self, surprises: &[f64]) -> Vec<f64> {
        let weights: Vec<f64> = match self {
            Self::MeanLog => vec![1.0 / surprises.len() as f64; surprises.len()],
            Self::Fisher => {
                let sum: f64 = surprises.iter().sum();
                let weight = if sum > 0.0 {
                    fisher(sum, surprises.len()) / sum
                } else {
                    0.0
                };
                vec![weight; surprises.len()]
            }
            Self::Maximum => {
                let largest = surprises.iter().copied().fold(0.0, f64::max);
                let first = surprises.iter().position(|s| *s == largest);
                let is_first = |place| f64::from(u8::from(Some(place) == first));
                (0..surprises.len()).map(is_first).collect()
            }
            Self::Learned(weights) => weights.iter().copied().map(f64::from).collect(),
        };
        surprises.iter().zip(weights).map(|(s, w)| s * w).collect()
    }
}

/// −ln of the chance that a chi-squared variable with two degrees a member exceeds twice `sum`,
/// which is `exp(-sum)` times the first terms of the series of `exp(sum)`.
fn fisher(sum: f64, members: usize) -> f64 {
    let series = (1..members)
        .rev()
        .fold(1.0, |rest, term| 1.0 + rest * sum / term as f64);
    (sum - series.ln()).max(0.0)
}
