//! What a score means among those of held-out benign rows.

use serde::{Deserialize, Serialize};

use crate::{
    ModelError,
    held_out::{self, HeldOut},
    tail::{self, Tail},
};

/// No number of rows proves that a tail is thinner. It also keeps the surprise logarithmic far
/// out, so that one model that is off its scale does not outvote all others.
const LEAST_SHAPE: f64 = 0.1;
const MOST_SHAPE: f64 = 2.0;
/// Scales stay in this range, whatever the scores: with it no surprise is infinite.
const SCALES: std::ops::RangeInclusive<f64> = 1e-60..=1e60;

/// Turns a model's scores into p-values and surprises, which are alike for all models: how rare
/// such a score is among rows of benign traffic that the model was not fitted on.
///
/// The p-values are conformal (Vovk, Gammerman and Shafer 2005): of further benign rows like the
/// held-out ones, a share of at most `p` has a p-value of `p` or less. Beyond the highest held-out score, where
/// they all are alike, the surprise grows on along a generalised Pareto tail fitted to the highest
/// scores. At most 2,048 scores are stored, every one of the 1,024 highest among them.
///
/// ```
/// use nettraffic_models::Calibration;
///
/// let held_out: Vec<f32> = (1..=99).map(|score| score as f32).collect();
/// let calibration = Calibration::fit(&held_out)?;
/// assert_eq!(calibration.p_value(91.0), 0.1);
/// assert_eq!(calibration.surprise(91.0), -0.1_f64.ln());
/// assert_eq!(calibration.p_value(500.0), calibration.p_value(5_000.0));
/// assert!(calibration.surprise(500.0) < calibration.surprise(5_000.0));
/// # Ok::<(), nettraffic_models::ModelError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Calibration {
    stored: Stored,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Stored {
    scores: HeldOut,
    /// The tail of excesses over the highest score.
    scale: f64,
    shape: f64,
}

impl Calibration {
    /// Learns what is usual from the scores of benign rows that the model was not fitted on, in
    /// any order.
    ///
    /// # Errors
    /// No scores, or one that is not finite.
    pub fn fit(held_out: &[f32]) -> Result<Self, ModelError> {
        let sorted = held_out::sorted(held_out, "a calibration")?;
        let (over, excesses) = tail::excesses(&sorted);
        let highest = sorted[sorted.len() - 1];
        let tail = Tail::fit(&excesses).map_or_else(
            || Tail {
                // All alike: nothing tells how far is far, other than their size.
                scale: if highest == 0.0 {
                    1.0
                } else {
                    highest.abs().into()
                },
                shape: 0.0,
            },
            |tail| tail.after(f64::from(highest) - f64::from(over)),
        );
        Ok(Self {
            stored: Stored {
                scores: HeldOut::of(&sorted),
                scale: tail.scale.clamp(*SCALES.start(), *SCALES.end()),
                shape: tail.shape.clamp(LEAST_SHAPE, MOST_SHAPE),
            },
        })
    }

    /// Number of held-out rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.stored.scores.rows
    }

    /// How often a benign row would score as high or higher: `(held-out scores of at least it + 1)
    /// / (rows + 1)`. Exact beyond the 1,024th highest held-out score; up to it, where only every
    /// so many is kept, never too small. The least for NaN.
    #[must_use]
    pub fn p_value(&self, score: f32) -> f64 {
        let scores = &self.stored.scores;
        scores.p_value(scores.place(score))
    }

    /// −ln of the p-value without its steps: 0 up to the lowest held-out score, −ln p at each that
    /// is kept, on straight lines between these (where it is never more than −ln p), and beyond
    /// the highest from −ln p on along the fitted tail. Never falling, with no step but that one
    /// right beyond the highest, and finite for every score; infinity and NaN count as the largest number.
    #[must_use]
    pub fn surprise(&self, score: f32) -> f64 {
        let score = if score.is_nan() {
            f32::MAX
        } else {
            score.min(f32::MAX)
        };
        let scores = &self.stored.scores;
        let place = scores.place(score);
        let above = 0.0 - scores.p_value(place).ln();
        let Some(before) = place.checked_sub(1).map(|before| scores.kept[before]) else {
            return above;
        };
        let gone = f64::from(score) - f64::from(before);
        let Some(next) = scores.kept.get(place) else {
            let tail = Tail {
                scale: self.stored.scale,
                shape: self.stored.shape,
            };
            return above + tail.surprise(gone);
        };
        if *next == score {
            return above;
        }
        let below = 0.0 - scores.p_value(scores.place(before)).ln();
        let share = gone / (f64::from(*next) - f64::from(before));
        (below + (above - below) * share).min(above)
    }
}

impl TryFrom<Stored> for Calibration {
    type Error = ModelError;

    fn try_from(stored: Stored) -> Result<Self, ModelError> {
        match stored.fault() {
            None => Ok(Self { stored }),
            Some(reason) => Err(ModelError::Invalid {
                what: "calibration",
                reason: reason.to_owned(),
            }),
        }
    }
}

impl From<Calibration> for Stored {
    fn from(calibration: Calibration) -> Self {
        calibration.stored
    }
}

impl Stored {
    fn fault(&self) -> Option<&'static str> {
        if !SCALES.contains(&self.scale) || !(LEAST_SHAPE..=MOST_SHAPE).contains(&self.shape) {
            return Some("the tail is out of range");
        }
        self.scores.fault()
    }
}

#[cfg(test)]
mod tests;
