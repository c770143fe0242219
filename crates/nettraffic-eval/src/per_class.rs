//! How well each attack class is found.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::{ratio, same_length};
use crate::{Confidence, EvalError, Interval, Ranking, Truth, wilson};

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
    classes
        .into_iter()
        .map(|(class, (attacks, alerts))| {
            let rows = attacks.len();
            let scores = [attacks.as_slice(), benign.as_slice()].concat();
            let labels: Vec<bool> = (0..scores.len()).map(|row| row < rows).collect();
            let ranking = Ranking::new(&scores, &labels)?;
            Ok(ClassResult {
                class: class.to_owned(),
                rows: rows as u64,
                alerts,
                area: ranking.roc().area(),
                average_precision: ranking.pr().average_precision(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn nan_of_a_judged_row_is_refused() {
        let error = per_class(&[f32::NAN], &[true], &[Truth::Benign]).unwrap_err();
        assert_eq!(error, EvalError::NotANumber { row: 0 });
    }
}
