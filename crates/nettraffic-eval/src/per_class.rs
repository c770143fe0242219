//! How well each attack class is found.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::{ratio, same_length};
use crate::{Confidence, EvalError, Interval, Truth, wilson};

/// How well one attack class is told from benign rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ClassResult {
    /// Name of the class.
    pub class: String,
    /// Rows of the class.
    pub rows: u64,
    /// Those that raised an alert.
    pub alerts: u64,
    /// Area under the ROC curve of this class against all benign rows; `None` without those.
    pub area: Option<f64>,
    /// Average precision of this class against all benign rows. It depends on how many of each
    /// there are, so compare it between models, not between classes.
    pub average_precision: Option<f64>,
}

impl ClassResult {
    /// Share of the class's rows that raised an alert.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        ratio(self.alerts, self.rows)
    }

    /// Interval of the recall.
    #[must_use]
    pub fn recall_interval(&self, confidence: Confidence) -> Option<Interval> {
        wilson(self.alerts, self.rows, confidence)
    }
}

/// One result per attack class, ascending by name. Unknown rows are left out.
///
/// Alerts are given, not a threshold, so that whoever made them says what a threshold means.
///
/// # Errors
/// The slices differ in length, or the score of a row that is not unknown is NaN.
pub fn per_class<S: Copy + Into<f64>>(
    scores: &[S],
    alerts: &[bool],
    truths: &[Truth<'_>],
) -> Result<Vec<ClassResult>, EvalError> {
    same_length("scores", scores.len(), "truths", truths.len())?;
    same_length("scores", scores.len(), "alerts", alerts.len())?;
    let mut benign: Vec<f64> = Vec::new();
    let mut classes: BTreeMap<&str, (Vec<f64>, u64)> = BTreeMap::new();
    for (row, ((&score, &alert), truth)) in scores.iter().zip(alerts).zip(truths).enumerate() {
        let score: f64 = score.into();
        if score.is_nan() && *truth != Truth::Unknown {
            return Err(EvalError::NotANumber { row });
        }
        match truth {
            Truth::Unknown => {}
            Truth::Benign => benign.push(score),
            Truth::Attack(class) => {
                let (scores, alerts) = classes.entry(class).or_default();
                scores.push(score);
                *alerts += u64::from(alert);
            }
        }
    }
    benign.sort_unstable_by(f64::total_cmp);
    let result = |(class, (mut attacks, alerts)): (&str, (Vec<f64>, u64))| {
        attacks.sort_unstable_by(|a, b| b.total_cmp(a));
        ClassResult {
            class: class.to_owned(),
            rows: attacks.len() as u64,
            alerts,
            area: area(&attacks, &benign),
            average_precision: average_precision(&attacks, &benign),
        }
    };
    Ok(classes.into_iter().map(result).collect())
}

/// As [`RocCurve::area`](crate::RocCurve::area), but benign rows, ascending, are sorted once for all classes.
fn area(attacks: &[f64], benign: &[f64]) -> Option<f64> {
    let doubled: u128 = (attacks.iter())
        .map(|score| {
            let below = benign.partition_point(|other| other < score);
            let not_above = benign.partition_point(|other| other <= score);
            (below + not_above) as u128
        })
        .sum();
    let pairs = attacks.len() as u128 * benign.len() as u128;
    (pairs > 0).then(|| doubled as f64 / (2 * pairs) as f64)
}

/// As [`PrCurve::average_precision`](crate::PrCurve::average_precision), of attacks descending.
fn average_precision(attacks: &[f64], benign: &[f64]) -> Option<f64> {
    let (mut hits, mut weighted) = (0, 0.0);
    for tied in attacks.chunk_by(|a, b| a == b) {
        hits += tied.len();
        let score = tied.first()?;
        let false_alarms = benign.len() - benign.partition_point(|other| other < score);
        weighted += tied.len() as f64 * ratio(hits as u64, (hits + false_alarms) as u64)?;
    }
    (hits > 0).then(|| weighted / hits as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Ranking;
    use proptest::prelude::*;

    #[test]
    fn each_class_is_judged_against_benign_rows_alone() {
        let rows = [
            (0.1, false, Truth::Benign),
            (0.5, true, Truth::Benign),
            (0.9, true, Truth::Attack("scan")),
            (0.3, false, Truth::Attack("scan")),
            (0.2, false, Truth::Attack("beacon")),
            (f64::NAN, true, Truth::Unknown),
        ];
        let scores = rows.map(|row| row.0);
        let results = per_class(&scores, &rows.map(|row| row.1), &rows.map(|row| row.2)).unwrap();
        let found: Vec<_> = results
            .iter()
            .map(|r| (r.class.as_str(), r.rows, r.recall(), r.area))
            .collect();
        assert_eq!(
            found,
            [
                ("beacon", 1, Some(0.0), Some(0.5)),
                ("scan", 2, Some(0.5), Some(0.75))
            ]
        );
    }

    proptest! {
        #[test]
        fn a_class_alone_is_judged_as_its_curves_say(rows in prop::collection::vec((0_u8..9, any::<bool>()), 0..40)) {
            let (scores, labels): (Vec<f64>, Vec<bool>) = rows.iter().map(|(s, l)| (f64::from(*s) - 4.0, *l)).unzip();
            let truths: Vec<Truth<'_>> = labels.iter().map(|l| if *l { Truth::Attack("a") } else { Truth::Benign }).collect();
            let found = per_class(&scores, &labels, &truths).unwrap();
            let ranking = Ranking::new(&scores, &labels).unwrap();
            let expected = (ranking.roc().area(), ranking.pr().average_precision());
            let found = found.first().map_or((None, None), |class| (class.area, class.average_precision));
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn nan_of_a_judged_row_is_refused() {
        let error = per_class(&[f32::NAN], &[true], &[Truth::Benign]).unwrap_err();
        assert_eq!(error, EvalError::NotANumber { row: 0 });
    }
}
