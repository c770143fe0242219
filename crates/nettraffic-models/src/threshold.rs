//! Thresholds that mean a false-alarm rate.

use serde::{Deserialize, Serialize};

use crate::ModelError;

mod beta;

/// So many of the highest held-out scores are kept exactly, for p-values where alerts are.
const TAIL: usize = 1_024;
/// So many more are kept from those below, evenly spaced by rank.
const BODY: usize = 1_024;

/// A score above which a row is an alert, and what is known of the rate of false alarms there.
///
/// Split conformal prediction (Vovk, Gammerman and Shafer 2005): a benign row drawn like the `n`
/// held-out ones is as likely to take any of the `n + 1` ranks among them, so a threshold at rank
/// `⌈(n + 1)(1 − rate)⌉` raises false alarms at no more than `rate` on average. The promise
/// ends where traffic drifts away from the held-out rows.
///
/// ```
/// use nettraffic_models::Threshold;
///
/// let held_out: Vec<f32> = (1..=199).map(|score| score as f32).collect();
/// let threshold = Threshold::at_rate(&held_out, 0.05)?;
/// assert_eq!(threshold.value(), 190.0);
/// assert!(threshold.is_alert(190.5) && !threshold.is_alert(190.0));
/// assert_eq!(threshold.expected_rate(), 0.05);
/// # Ok::<(), nettraffic_models::ModelError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Threshold {
    stored: Stored,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Stored {
    asked_rate: f64,
    rows: u64,
    value: f32,
    /// Held-out scores that equal `value`.
    equal: u64,
    /// Held-out scores beyond `value`.
    above: u64,
    /// Held-out scores at the ranks of [`kept_rank`], ascending.
    kept: Vec<f32>,
}

impl Threshold {
    /// The threshold at a false-alarm rate of at most `rate`, from scores of benign rows that the
    /// model was not fitted on. Where `rate` is finer than so few rows can show, it is the highest
    /// score ([`Threshold::is_resolvable`] tells).
    ///
    /// # Errors
    /// No scores, one that is not finite, a rate that is not between 0 and 1.
    pub fn at_rate(held_out: &[f32], rate: f64) -> Result<Self, ModelError> {
        if held_out.is_empty() {
            return Err(ModelError::TooFewRows {
                what: "a threshold",
                needed: 1,
                found: 0,
            });
        }
        if let Some(row) = held_out.iter().position(|s| !s.is_finite()) {
            return Err(ModelError::NotFinite { row, column: 0 });
        }
        if !is_rate(rate) {
            return Err(ModelError::Parameter {
                name: "false-alarm rate",
                value: rate.to_string(),
                expected: "above 0 and below 1",
            });
        }
        let mut sorted = held_out.to_vec();
        sorted.sort_unstable_by(f32::total_cmp);
        let value = sorted[rank(sorted.len(), rate) - 1];
        let below = sorted.partition_point(|s| *s < value);
        let to = sorted.partition_point(|s| *s <= value);
        let kept = (0..sorted.len().min(BODY + TAIL))
            .map(|place| sorted[kept_rank(place, sorted.len()) - 1])
            .collect();
        Ok(Self {
            stored: Stored {
                asked_rate: rate,
                rows: sorted.len() as u64,
                value,
                equal: (to - below) as u64,
                above: (sorted.len() - to) as u64,
                kept,
            },
        })
    }

    /// The score that an alert must exceed.
    #[must_use]
    pub fn value(&self) -> f32 {
        self.stored.value
    }

    /// The rate that was asked for.
    #[must_use]
    pub fn asked_rate(&self) -> f64 {
        self.stored.asked_rate
    }

    /// The false-alarm rate to expect: the chance that a further benign row ranks above the
    /// threshold, `(above + 1) / (rows + 1)`. At most the asked rate where that is resolvable, and
    /// less where several held-out scores equal the threshold, because these raise no alert.
    #[must_use]
    pub fn expected_rate(&self) -> f64 {
        (self.stored.above as f64 + 1.0) / (self.stored.rows as f64 + 1.0)
    }

    /// Whether there are rows enough to show the asked rate: at least `1 / rate - 1`. Where not,
    /// [`Threshold::expected_rate`] is higher than what was asked for.
    #[must_use]
    pub fn is_resolvable(&self) -> bool {
        alarms(self.stored.rows as f64, self.stored.asked_rate) >= 1.0
    }

    /// The 95 % interval of the true false-alarm rate at this threshold, low end first.
    ///
    /// The rate beyond the `k`-th of `n` continuous scores has the distribution
    /// Beta(`n + 1 − k`, `k`), whose quantiles at 2.5 and 97.5 % these are. Where scores are tied
    /// at the threshold the low end is that of Clopper and Pearson, which is safe for them.
    #[must_use]
    pub fn interval(&self) -> (f64, f64) {
        let above = self.stored.above as f64;
        let upto = self.stored.rows as f64 - above;
        let low = match (self.stored.equal > 1, self.stored.above) {
            (false, _) => beta::quantile(0.025, above + 1.0, upto),
            (true, 0) => 0.0,
            (true, _) => beta::quantile(0.025, above, upto + 1.0),
        };
        (low, beta::quantile(0.975, above + 1.0, upto))
    }

    /// Number of held-out rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.stored.rows
    }

    /// Whether `score` is an alert: beyond the threshold, not at it. NaN is one, because it
    /// cannot be shown to be usual.
    #[must_use]
    pub fn is_alert(&self, score: f32) -> bool {
        score.is_nan() || score > self.stored.value
    }

    /// The conformal p-value of `score`: how often a benign row would score as high or higher,
    /// `(held-out scores of at least it + 1) / (rows + 1)`. Exact beyond the 1,024th highest
    /// held-out score; up to it, where only every so many is kept, never too small. The least for NaN.
    #[must_use]
    pub fn p_value(&self, score: f32) -> f64 {
        let kept = &self.stored.kept;
        let place = kept.partition_point(|s| score.is_nan() || *s < score);
        let rows = self.stored.rows as usize;
        let below = place.checked_sub(1).map_or(0, |p| kept_rank(p, rows));
        ((rows - below) as f64 + 1.0) / (rows as f64 + 1.0)
    }
}

/// False alarms that the rate grants among the held-out rows and one more, rounded down.
fn alarms(rows: f64, rate: f64) -> f64 {
    // A hair more, so that 0.29 of 100 is 29 and not 28.999999999999996.
    ((rows + 1.0) * rate * (1.0 + 1e-12)).floor()
}

/// Rank of the threshold, from 1, among ascending scores.
fn rank(rows: usize, rate: f64) -> usize {
    (rows + 1)
        .saturating_sub(alarms(rows as f64, rate) as usize)
        .clamp(1, rows)
}

/// Rank, from 1, of the score that is kept at `place`: evenly spaced ones from the lowest on,
/// then the tail; every one where there are few.
fn kept_rank(place: usize, rows: usize) -> usize {
    match rows.checked_sub(BODY + TAIL) {
        None => place + 1,
        Some(left_out) if place >= BODY => left_out + place + 1,
        Some(left_out) => (place as u128 * (left_out + BODY) as u128 / BODY as u128) as usize + 1,
    }
}

fn is_rate(rate: f64) -> bool {
    rate > 0.0 && rate < 1.0
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
    fn fault(&self) -> Option<&'static str> {
        if !is_rate(self.asked_rate) {
            return Some("the rate is not between 0 and 1");
        }
        let rows = match usize::try_from(self.rows) {
            Ok(rows) if rows > 0 && self.rows <= 1 << 53 => rows,
            _ => return Some("the number of held-out rows is out of range"),
        };
        if self.kept.len() != rows.min(BODY + TAIL) {
            return Some("the number of kept scores does not match the held-out rows");
        }
        if !self.value.is_finite() || self.kept.iter().any(|s| !s.is_finite()) {
            return Some("a score is not finite");
        }
        if self.kept.windows(2).any(|pair| pair[0] > pair[1]) {
            return Some("the kept scores are not in order");
        }
        let rank = rank(rows, self.asked_rate) as u64;
        let upto = self.rows.checked_sub(self.above);
        let below = upto.and_then(|upto| upto.checked_sub(self.equal));
        let between = (upto, below);
        if !matches!(between, (Some(upto), Some(below)) if below < rank && rank <= upto) {
            return Some("the counts of scores do not put the threshold at its rank");
        }
        // Scores kept at ranks up to the threshold's are no higher than it, the others no lower,
        // and the one at that very rank is the threshold.
        let upto = (0..self.kept.len())
            .take_while(|place| kept_rank(*place, rows) as u64 <= rank)
            .count();
        let (upto, after) = self.kept.split_at(upto);
        let is_kept = kept_rank(upto.len().saturating_sub(1), rows) as u64 == rank;
        let too_low = upto.last().is_some_and(|s| *s > self.value);
        let not_it = upto.last().is_some_and(|s| is_kept && *s != self.value);
        let too_high = after.first().is_some_and(|s| *s < self.value);
        if too_low || not_it || too_high {
            return Some("the threshold is not at its rank among the kept scores");
        }
        None
    }
}

#[cfg(test)]
mod tests;
