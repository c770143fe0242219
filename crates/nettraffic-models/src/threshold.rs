//! Thresholds that mean a false-alarm rate.

use serde::{Deserialize, Serialize};

use crate::{
    ModelError,
    held_out::{self, HeldOut},
    tail::{self, Chance, Likely},
};

mod beta;
mod counts;
mod stored;

use stored::{Beyond, Stored};

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
///
/// // Of 1,000 flows a day 50 may raise a false alarm; 199 rows leave that rather open.
/// let alarms = threshold.alarms_among(1_000);
/// assert_eq!((alarms.low, alarms.expected, alarms.high), (22, 50.0, 87));
/// # Ok::<(), nettraffic_models::ModelError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Threshold {
    stored: Stored,
}

/// False alarms among benign rows.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Alarms {
    /// How many there are on average.
    pub expected: f64,
    /// The lower end of what 95 of 100 times there are.
    pub low: u64,
    /// Its upper end.
    pub high: u64,
}

impl Threshold {
    /// The threshold at a false-alarm rate of at most `rate`, from scores of benign rows that the
    /// model was not fitted on. Where `rate` is finer than so few rows can show, it is the highest
    /// score ([`Threshold::is_resolvable`] tells); [`Threshold::beyond`] goes on from there.
    ///
    /// # Errors
    /// No scores, one that is not finite, a rate that is not between 0 and 1.
    pub fn at_rate(held_out: &[f32], rate: f64) -> Result<Self, ModelError> {
        Self::at_rank(&held_out::sorted(held_out, "a threshold")?, rate)
    }

    /// As [`Threshold::at_rate`] where the rows can show the rate. Where they cannot, the
    /// threshold lies beyond the highest held-out score, by extreme-value theory: the `2√n`
    /// highest scores are taken as peaks over a generalised Pareto tail (Pickands 1975), of every
    /// shape and scale as likely as they make it (Bayesian, with flat priors), and the rate is the mean
    /// over these. Rate and interval then are that tail's: an extrapolation, wide because it is
    /// one (the central 99 % of the tails, to hold the truth 95 times of 100 where it is none of them). Scores with few different values among their highest
    /// leave it at the highest score.
    ///
    /// # Errors
    /// As [`Threshold::at_rate`].
    pub fn beyond(held_out: &[f32], rate: f64) -> Result<Self, ModelError> {
        let sorted = held_out::sorted(held_out, "a threshold")?;
        let mut threshold = Self::at_rank(&sorted, rate)?;
        if threshold.is_resolvable() {
            return Ok(threshold);
        }
        let (over, excesses) = tail::excesses(&sorted);
        if let Some(likely) = Likely::of(&excesses, sorted.len()) {
            threshold.stored.move_beyond(over, &likely);
        }
        Ok(threshold)
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
    /// Where [`Threshold::is_extrapolated`], the mean chance by the fitted tail.
    #[must_use]
    pub fn expected_rate(&self) -> f64 {
        match self.stored.beyond {
            Some(beyond) => beyond.expected,
            None => (self.stored.above as f64 + 1.0) / (self.stored.scores.rows as f64 + 1.0),
        }
    }

    /// Whether there are rows enough to show the asked rate: at least `1 / rate - 1`. Where not,
    /// [`Threshold::expected_rate`] is higher than what was asked for, or extrapolated.
    #[must_use]
    pub fn is_resolvable(&self) -> bool {
        is_resolvable(self.stored.scores.rows, self.stored.asked_rate)
    }

    /// Whether the rates come from a tail fitted to the highest scores, not from counting.
    #[must_use]
    pub fn is_extrapolated(&self) -> bool {
        self.stored.beyond.is_some()
    }

    /// The 95 % interval of the true false-alarm rate at this threshold, low end first: the share
    /// of alarms among endlessly many further benign rows. Among a given number of rows the share
    /// varies more: [`Threshold::alarms_among`].
    ///
    /// The rate beyond the `k`-th of `n` continuous scores has the distribution
    /// Beta(`n + 1 − k`, `k`), whose quantiles at 2.5 and 97.5 % these are. Where scores are tied
    /// at the threshold the low end is that of Clopper and Pearson, which is safe for them.
    #[must_use]
    pub fn interval(&self) -> (f64, f64) {
        if let Some(beyond) = self.stored.beyond {
            return (beyond.low, beyond.high);
        }
        let (above, upto) = self.counts();
        let low = if self.low_count() > 0.0 {
            beta::quantile(
                0.025,
                self.low_count(),
                upto + above + 1.0 - self.low_count(),
            )
        } else {
            0.0
        };
        (low, beta::quantile(0.975, above + 1.0, upto))
    }

    /// The false alarms among `rows` further benign rows, those of a day for example, with their
    /// 95 % prediction interval: it holds what is unknown of the true rate and the chance of the
    /// draw. Of 100 times that rows are held out, a threshold is set on them and as many others
    /// are scored, the count is within it 95 times (more often where scores are tied, or the
    /// threshold is extrapolated).
    ///
    /// For counted rates it is that of the beta-binomial distribution, which is exact (but where
    /// more than 10,000 alarms are expected: there the noise of the draw is taken as normal); for
    /// extrapolated ones the Poisson intervals of both ends of [`Threshold::interval`] together.
    #[must_use]
    pub fn alarms_among(&self, rows: u64) -> Alarms {
        let number = rows as f64;
        let ends = self.interval();
        let (low, high) = if self.is_extrapolated() {
            let (low, high) = (number * ends.0, number * ends.1);
            (counts::poisson(low).0, counts::poisson(high).1)
        } else {
            let (above, upto) = self.counts();
            let count = |a: f64| counts::beta_binomial(number, a, above + 1.0 + upto - a, ends);
            let low = if self.low_count() > 0.0 {
                count(self.low_count()).0
            } else {
                0.0
            };
            (low, count(above + 1.0).1)
        };
        Alarms {
            expected: number * self.expected_rate(),
            low: low as u64,
            high: (high as u64).min(rows),
        }
    }

    /// Number of held-out rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.stored.scores.rows
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
        let scores = &self.stored.scores;
        scores.p_value(scores.place(score))
    }

    fn at_rank(sorted: &[f32], rate: f64) -> Result<Self, ModelError> {
        if !is_rate(rate) {
            return Err(ModelError::Parameter {
                name: "false-alarm rate",
                value: rate.to_string(),
                expected: "above 0 and below 1",
            });
        }
        let value = sorted[rank(sorted.len() as u64, rate) as usize - 1];
        let below = sorted.partition_point(|s| *s < value);
        let upto = sorted.partition_point(|s| *s <= value);
        Ok(Self {
            stored: Stored {
                asked_rate: rate,
                value,
                equal: (upto - below) as u64,
                above: (sorted.len() - upto) as u64,
                scores: HeldOut::of(sorted),
                beyond: None,
            },
        })
    }

    /// Held-out scores beyond the threshold, and up to it.
    fn counts(&self) -> (f64, f64) {
        let above = self.stored.above as f64;
        (above, self.stored.scores.rows as f64 - above)
    }

    /// First parameter of the beta distribution of which the low end is taken.
    fn low_count(&self) -> f64 {
        // A tied score is not drawn like a rank: the alarms beyond it are merely counted.
        self.stored.above as f64 + f64::from(u8::from(self.stored.equal <= 1))
    }
}

impl Stored {
    /// Moves the threshold from the highest score to where the tail over `over` has the rate.
    fn move_beyond(&mut self, over: f32, likely: &Likely) {
        let asked = f64::from(over) + likely.excess(self.asked_rate);
        // The next higher one, so that rounding does not raise the rate.
        let value = (asked.min(f32::MAX.into()) as f32).next_up().min(f32::MAX);
        if value > self.value {
            (self.value, self.equal) = (value, 0);
        }
        let Chance { mean, low, high } = likely.chance(f64::from(self.value) - f64::from(over));
        // Whatever the tail: beyond the highest score it is rare to be.
        let high = high.min(beta::quantile(0.975, 1.0, self.scores.rows as f64));
        self.beyond = Some(Beyond {
            expected: mean.clamp(low.min(high), high),
            low: low.min(high),
            high,
        });
    }
}

/// False alarms that the rate grants among the held-out rows and one more, rounded down.
fn alarms(rows: u64, rate: f64) -> f64 {
    // A hair more, so that 0.29 of 100 is 29 and not 28.999999999999996.
    ((rows as f64 + 1.0) * rate * (1.0 + 1e-12)).floor()
}

/// Rank of the threshold, from 1, among ascending scores.
fn rank(rows: u64, rate: f64) -> u64 {
    (rows + 1)
        .saturating_sub(alarms(rows, rate) as u64)
        .clamp(1, rows)
}

fn is_resolvable(rows: u64, rate: f64) -> bool {
    alarms(rows, rate) >= 1.0
}

fn is_rate(rate: f64) -> bool {
    rate > 0.0 && rate < 1.0
}

#[cfg(test)]
mod tests;
