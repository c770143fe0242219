//! How far an area under a ROC curve may be off by chance (DeLong, DeLong and Clarke-Pearson 1988,
//! "Comparing the areas under two or more correlated receiver operating characteristic curves").

use super::{RankedRows, Ranking};

/// Variance of the area under the ROC curve; `None` with fewer than two attacks or benign rows.
///
/// Rows of equal score have equal placements, so a walk over the distinct scores is exact and
/// costs O(n) after the ranking.
pub(super) fn variance(ranking: &Ranking, area: f64) -> Option<f64> {
    let (positives, negatives) = (ranking.positives(), ranking.negatives());
    if positives < 2 || negatives < 2 {
        return None;
    }
    let (mut of_positives, mut of_negatives) = (0.0, 0.0);
    for ((hits, false_alarms), placed) in ranking.ties().zip(placements(ranking)) {
        of_positives += hits as f64 * (placed.attack - area).powi(2);
        of_negatives += false_alarms as f64 * (placed.benign - area).powi(2);
    }
    let mean_square = |sum: f64, n: u64| sum / (n - 1) as f64 / n as f64;
    Some(mean_square(of_positives, positives) + mean_square(of_negatives, negatives))
}

/// Of rows that share a score, the share of the other class that each is on the right side of.
#[derive(Clone, Copy)]
struct Placed {
    attack: f64,
    benign: f64,
}

/// One per distinct score, from the highest down; ties count half.
fn placements(ranking: &Ranking) -> impl Iterator<Item = Placed> + '_ {
    let (positives, negatives) = (ranking.positives(), ranking.negatives());
    let (mut hits_above, mut alarms_above) = (0, 0);
    ranking.ties().map(move |(hits, false_alarms)| {
        let beaten = negatives - alarms_above - false_alarms;
        let placed = Placed {
            attack: (beaten as f64 + false_alarms as f64 / 2.0) / negatives as f64,
            benign: (hits_above as f64 + hits as f64 / 2.0) / positives as f64,
        };
        hits_above += hits;
        alarms_above += false_alarms;
        placed
    })
}

/// Of each row, the share of the other class that it is on the right side of; their mean over
/// attacks, and over benign rows, is the area.
pub(crate) struct Placements {
    pub(crate) attacks: Vec<f64>,
    pub(crate) benign: Vec<f64>,
}

impl Placements {
    /// In the order of the rows.
    pub(crate) fn of(rows: &RankedRows, labels: &[bool]) -> Self {
        let of_places: Vec<Placed> = placements(&rows.ranking()).collect();
        let (mut attacks, mut benign) = (Vec::new(), Vec::new());
        for (place, is_attack) in rows.places().iter().zip(labels) {
            match of_places.get(*place) {
                Some(placed) if *is_attack => attacks.push(placed.attack),
                Some(placed) => benign.push(placed.benign),
                None => {}
            }
        }
        Self { attacks, benign }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Confidence, RocCurve};
    use proptest::prelude::*;

    fn curve(rows: &[(f64, bool)]) -> RocCurve {
        let (scores, labels): (Vec<f64>, Vec<bool>) = rows.iter().copied().unzip();
        RocCurve::new(&scores, &labels).unwrap()
    }

    fn variance_of(rows: &[(f64, bool)]) -> Option<f64> {
        let (scores, labels): (Vec<f64>, Vec<bool>) = rows.iter().copied().unzip();
        variance(
            &Ranking::new(&scores, &labels).unwrap(),
            curve(rows).area()?,
        )
    }

    #[test]
    fn interval_matches_hand_work() {
        // Placements of attacks {3, 2} over benign {1, 2.5}: 1 and 0.5; of benign: 1 and 0.5.
        // Area 0.75; each variance is 0.125, over 2 rows: 0.0625 + 0.0625.
        let rows = [(3.0, true), (2.0, true), (1.0, false), (2.5, false)];
        assert!((variance_of(&rows).unwrap() - 0.125).abs() < 1e-15);
        let interval = curve(&rows).area_interval(Confidence::PERCENT_95).unwrap();
        assert!((interval.low - (0.75 - 1.959_963_984_540_054 * 0.125_f64.sqrt())).abs() < 1e-9);
        assert_eq!(interval.high, 1.0);
        assert_eq!(
            curve(&[(1.0, true), (1.0, true), (0.0, false), (0.0, false)])
                .area_interval(Confidence::PERCENT_95),
            None
        );
    }

    proptest! {
        #[test]
        fn variance_equals_its_definition(rows in prop::collection::vec((0_u8..6, any::<bool>()), 0..40)) {
            let of = |wanted| rows.iter().filter(move |row| row.1 == wanted).map(|row| row.0);
            let win = |attack: u8, benign: u8| match attack.cmp(&benign) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            };
            let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
            let part = |placements: Vec<f64>| {
                let middle = mean(&placements);
                let squares: f64 = placements.iter().map(|value| (value - middle).powi(2)).sum();
                squares / (placements.len() as f64 - 1.0) / placements.len() as f64
            };
            let attacks = of(true).map(|a| mean(&of(false).map(|b| win(a, b)).collect::<Vec<_>>()));
            let benign = of(false).map(|b| mean(&of(true).map(|a| win(a, b)).collect::<Vec<_>>()));
            let expected = part(attacks.collect()) + part(benign.collect());
            let scored: Vec<(f64, bool)> = rows.iter().map(|&(s, l)| (f64::from(s), l)).collect();
            match variance_of(&scored) {
                Some(variance) => prop_assert!((variance - expected).abs() < 1e-12),
                None => prop_assert!(of(true).count() < 2 || of(false).count() < 2),
            }
        }
    }
}
