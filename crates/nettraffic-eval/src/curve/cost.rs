//! What errors cost, whatever a missed attack and a false alarm are worth.

use serde::Serialize;

use super::{RocCurve, RocPoint};

/// The least expected cost that any threshold reaches, over all odds (Drummond and Holte 2006,
/// "Cost curves: an improved method for visualizing classifier performance").
///
/// The abscissa, the probability cost, folds how common attacks are (`p`) and what errors cost into
/// one number: `p·miss / (p·miss + (1 − p)·false alarm)`. The ordinate is the cost as a share of the
/// worst that could be. To alert never costs the abscissa `x`, to alert always `1 − x`; a
/// detector is worth its keep where it lies below both.
///
/// ```
/// use nettraffic_eval::Ranking;
///
/// let cost = Ranking::new(&[4, 3, 2, 1], &[true, false, true, false])?.cost();
/// // As common as benign rows and as dear to miss as a false alarm: half the attacks are missed.
/// assert_eq!(cost.at(0.5), Some(0.25));
/// assert_eq!(cost.at(0.0), Some(0.0));
/// # Ok::<(), nettraffic_eval::EvalError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CostCurve {
    points: Vec<CostPoint>,
}

/// A corner of a [`CostCurve`]: between corners it is straight.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CostPoint {
    /// Probability cost, from 0 to 1.
    pub probability_cost: f64,
    /// Expected cost as a share of the worst, from 0 to 0.5.
    pub cost: f64,
}

impl CostCurve {
    pub(super) fn of(roc: &RocCurve) -> Self {
        let hull = roc.hull();
        let cost = |point: &RocPoint, x: f64| {
            (1.0 - point.recall) * x + point.false_alarm_rate * (1.0 - x)
        };
        // Each point of the hull is a line; its neighbours' lines cross where the odds make both equal.
        let corners = hull.windows(2).filter_map(|pair| {
            let [left, right] = pair else { return None };
            let alarms = right.false_alarm_rate - left.false_alarm_rate;
            // The rise first: what rounds below it would lead beyond 1.
            let probability_cost = alarms / (alarms + (right.recall - left.recall));
            Some(CostPoint {
                probability_cost,
                cost: cost(left, probability_cost),
            })
        });
        let mut points: Vec<CostPoint> = Vec::new();
        let ends = [0.0, 1.0].map(|probability_cost| CostPoint {
            probability_cost,
            cost: 0.0,
        });
        if !hull.is_empty() {
            points.push(ends[0]);
            points.extend(corners);
            points.push(ends[1]);
            points.dedup();
        }
        Self { points }
    }

    /// The corners from probability cost 0 to 1; empty without attacks or without benign rows.
    #[must_use]
    pub fn points(&self) -> &[CostPoint] {
        &self.points
    }

    /// The least expected cost at a probability cost; `None` outside 0 to 1, or where the curve is
    /// undefined.
    #[must_use]
    pub fn at(&self, probability_cost: f64) -> Option<f64> {
        if !(0.0..=1.0).contains(&probability_cost) {
            return None;
        }
        let after = self
            .points
            .partition_point(|point| point.probability_cost < probability_cost);
        let right = self.points.get(after)?;
        let Some(left) = after
            .checked_sub(1)
            .and_then(|index| self.points.get(index))
        else {
            return Some(right.cost);
        };
        let width = right.probability_cost - left.probability_cost;
        let share = (probability_cost - left.probability_cost) / width;
        Some(left.cost + share * (right.cost - left.cost))
    }

    /// Mean cost when every probability cost is as likely: 0 is perfect, 0.25 of no use.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let pieces = self.points.windows(2).map(|pair| {
            let [left, right] = pair else { return 0.0 };
            (right.probability_cost - left.probability_cost) * (left.cost + right.cost) / 2.0
        });
        (!self.points.is_empty()).then(|| pieces.sum())
    }
}

#[cfg(test)]
mod tests {
    use crate::Ranking;
    use proptest::prelude::*;

    #[test]
    fn useless_scores_cost_the_lesser_of_always_and_never() {
        for (scores, expected) in [
            ([1, 1], [0.25, 0.5, 0.25]),
            ([2, 1], [0.0; 3]),
            ([1, 2], [0.25, 0.5, 0.25]),
        ] {
            let cost = Ranking::new(&scores, &[true, false]).map(|ranking| ranking.cost());
            let found = cost.map(|cost| [0.25, 0.5, 0.75].map(|x| cost.at(x).unwrap_or(-1.0)));
            assert_eq!(found, Ok(expected), "{scores:?}");
        }
    }

    #[test]
    fn undefined_without_both_kinds() {
        let cost = Ranking::new(&[1.0], &[true])
            .map(|ranking| (ranking.cost().at(0.5), ranking.cost().mean()));
        assert_eq!(cost, Ok((None, None)));
    }

    proptest! {
        #[test]
        fn cost_is_the_least_of_all_thresholds(
            rows in prop::collection::vec((0_u8..9, any::<bool>()), 2..40), x in 0.0_f64..=1.0,
        ) {
            let (scores, labels): (Vec<u8>, Vec<bool>) = rows.iter().copied().unzip();
            if let Ok(ranking) = Ranking::new(&scores, &labels) {
                let corners = ranking.cost().points().to_vec();
                prop_assert!(corners.is_sorted_by(|a, b| a.probability_cost <= b.probability_cost));
                let points = ranking.roc().points();
                let least = points.iter().map(|p| (1.0 - p.recall) * x + p.false_alarm_rate * (1.0 - x));
                let least = least.reduce(f64::min);
                match (ranking.cost().at(x), least) {
                    (Some(cost), Some(least)) => prop_assert!((cost - least).abs() < 1e-12),
                    (cost, least) => prop_assert_eq!(cost, least),
                }
            }
        }
    }
}
