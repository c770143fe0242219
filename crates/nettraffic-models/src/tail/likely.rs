//! What is known of a tail beyond all scores: every shape and scale, as likely as the excesses make it.

use super::Tail;

/// Shapes that are thought possible, all alike before the excesses are seen: from tails that end
/// (down to about -0.5, that of a triangle's corner) to those without a mean.
const SHAPES: std::ops::RangeInclusive<i32> = -12..=30;
const SHAPE_STEP: f64 = 0.04;
/// Steps of the scale to either side of what the median says, half its error each.
const SCALES: std::ops::RangeInclusive<i32> = -14..=14;
/// Of the tails that are likely, this share is left out on either side of what is called a 95 % interval. Were the family
/// right 0.025 would do; real tails only come near it, and so it takes more to be right 95 times of 100.
const OFF_TAIL: f64 = 0.005;
/// Fewer excesses say nothing about a shape.
const FEWEST: usize = 10;

/// Tails with their probabilities, which sum to 1, and the share of scores that the tail holds.
pub(crate) struct Likely {
    tails: Vec<(Tail, f64)>,
    share: f64,
    /// Standard deviation of the logarithm of `share`.
    share_error: f64,
}

/// The chance of a score beyond some value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Chance {
    pub(crate) mean: f64,
    /// Ends of a 95 % interval.
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Likely {
    /// By ascending `excesses`, all above 0, of so many scores; `None` where they are too few.
    pub(crate) fn of(excesses: &[f64], scores: usize) -> Option<Self> {
        if excesses.len() < FEWEST {
            return None;
        }
        let number = excesses.len() as f64;
        let median = excesses[excesses.len() / 2];
        let mut tails = Vec::new();
        for shape in SHAPES {
            let shape = f64::from(shape) * SHAPE_STEP;
            for step in SCALES {
                let off = 0.72 * f64::from(step) / number.sqrt();
                let tail = Tail {
                    scale: median / Tail { scale: 1.0, shape }.excess(2_f64.ln()) * off.exp(),
                    shape,
                };
                tails.push((tail, tail.likelihood(excesses)));
            }
        }
        let best = tails
            .iter()
            .map(|(_, l)| *l)
            .fold(f64::NEG_INFINITY, f64::max);
        tails.iter_mut().for_each(|(_, l)| *l = (*l - best).exp());
        let sum: f64 = tails.iter().map(|(_, weight)| weight).sum();
        tails.iter_mut().for_each(|(_, weight)| *weight /= sum);
        tails.retain(|(_, weight)| *weight > 1e-9);
        Some(Self {
            tails,
            share: number / (scores as f64 + 1.0),
            share_error: number.sqrt().recip(),
        })
    }

    /// The mean chance of an excess beyond `excess`: that of a further score.
    pub(crate) fn mean(&self, excess: f64) -> f64 {
        let chances = self
            .tails
            .iter()
            .map(|(tail, weight)| weight * tail.chance(excess));
        self.share * chances.sum::<f64>()
    }

    /// The chance of an excess beyond `excess`.
    pub(crate) fn chance(&self, excess: f64) -> Chance {
        // Three points stand for the error of the share: they have its mean and variance.
        let far = (3_f64.sqrt() * self.share_error).exp();
        let mut chances: Vec<(f64, f64)> = self
            .tails
            .iter()
            .flat_map(|(tail, weight)| {
                let chance = self.share * tail.chance(excess);
                [(1.0 / far, 1.0 / 6.0), (1.0, 2.0 / 3.0), (far, 1.0 / 6.0)]
                    .map(|(factor, part)| (chance * factor, weight * part))
            })
            .collect();
        chances.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let quantile = |share: f64| {
            let mut sum = 0.0;
            let reached = |(_, weight): &&(f64, f64)| {
                sum += weight;
                sum >= share
            };
            chances
                .iter()
                .find(reached)
                .or(chances.last())
                .map_or(0.0, |c| c.0)
        };
        Chance {
            mean: self.mean(excess),
            low: quantile(OFF_TAIL),
            high: quantile(1.0 - OFF_TAIL),
        }
    }

    /// The excess at which [`Likely::mean`] is `rate`, or less by rounding.
    pub(crate) fn excess(&self, rate: f64) -> f64 {
        let widest = self
            .tails
            .iter()
            .map(|(tail, _)| tail.scale)
            .fold(0.0, f64::max);
        let mut high = widest;
        while self.mean(high) > rate && high < f64::from(f32::MAX) {
            high *= 2.0;
        }
        let mut low = 0.0;
        for _ in 0..100 {
            let middle = (low + high) / 2.0;
            if self.mean(middle) > rate {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }
}

impl Tail {
    /// The chance of an excess beyond `excess`; also for tails that end.
    fn chance(self, excess: f64) -> f64 {
        let z = self.shape * excess / self.scale;
        if z <= -1.0 {
            0.0
        } else {
            (-self.surprise(excess)).exp()
        }
    }

    /// The logarithm of the likelihood of `excesses`.
    fn likelihood(self, excesses: &[f64]) -> f64 {
        let end = excesses.last().map_or(0.0, |x| self.shape * x / self.scale);
        if end <= -1.0 {
            return f64::NEG_INFINITY;
        }
        let surprises: f64 = excesses.iter().map(|x| self.surprise(*x)).sum();
        -(1.0 + self.shape) * surprises - excesses.len() as f64 * self.scale.ln()
    }
}
