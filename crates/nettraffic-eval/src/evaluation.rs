//! Everything that is usually told about a detector, in one call.

use crate::{
    Bootstrap, ClassResult, Confidence, ConfusionMatrix, EvalError, Interval, PrCurve, RankedRows,
    Ranking, RocCurve, Truth, per_class, wilson,
};

/// A detector's scores and alerts, held against the truth.
///
/// ```
/// use nettraffic_eval::{Confidence, Evaluation, Truth};
///
/// let truths = [Truth::Benign, Truth::Attack("scan"), Truth::Unknown, Truth::Benign];
/// let judged = Evaluation::new(&[0.2_f32, 0.9, 0.7, 0.1], &[false, true, true, false], &truths)?;
/// assert_eq!(judged.confusion().f1(), Some(1.0));
/// assert_eq!(judged.unknown(), 1);
/// assert!(judged.recall_interval(Confidence::PERCENT_95).expect("one attack").low < 0.21);
/// # Ok::<(), nettraffic_eval::EvalError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Evaluation {
    confusion: ConfusionMatrix<bool>,
    ranking: Ranking,
    roc: RocCurve,
    pr: PrCurve,
    classes: Vec<ClassResult>,
    rows: RankedRows,
    labels: Vec<bool>,
    unknown: u64,
}

impl Evaluation {
    /// Judges one score, one alert and one truth per row. Unknown rows are counted and left out.
    ///
    /// # Errors
    /// The slices differ in length, or the score of a row that is not unknown is NaN.
    pub fn new<S: Copy + Into<f64>>(
        scores: &[S],
        alerts: &[bool],
        truths: &[Truth<'_>],
    ) -> Result<Self, EvalError> {
        let classes = per_class(scores, alerts, truths)?;
        let (mut known_scores, mut known_alerts, mut labels) = (vec![], vec![], vec![]);
        for ((&score, &alert), truth) in scores.iter().zip(alerts).zip(truths) {
            if let Some(attack) = truth.is_attack() {
                known_scores.push(score.into());
                known_alerts.push(alert);
                labels.push(attack);
            }
        }
        let rows = RankedRows::new(&known_scores, &labels)?;
        let ranking = rows.ranking();
        Ok(Self {
            confusion: ConfusionMatrix::new(&known_alerts, &labels)?,
            roc: ranking.roc(),
            pr: ranking.pr(),
            ranking,
            classes,
            unknown: (truths.len() - labels.len()) as u64,
            rows,
            labels,
        })
    }

    /// Alerts against attacks.
    #[must_use]
    pub fn confusion(&self) -> &ConfusionMatrix<bool> {
        &self.confusion
    }

    /// The scores, ranked: gives costs, precision at k, alerts at any threshold.
    #[must_use]
    pub fn ranking(&self) -> &Ranking {
        &self.ranking
    }

    /// The ROC curve of the scores.
    #[must_use]
    pub fn roc(&self) -> &RocCurve {
        &self.roc
    }

    /// The precision-recall curve of the scores.
    #[must_use]
    pub fn pr(&self) -> &PrCurve {
        &self.pr
    }

    /// One result per attack class, ascending by name.
    #[must_use]
    pub fn classes(&self) -> &[ClassResult] {
        &self.classes
    }

    /// Rows that were left out because their truth is not known.
    #[must_use]
    pub fn unknown(&self) -> u64 {
        self.unknown
    }

    /// Interval of the recall at the detector's threshold.
    #[must_use]
    pub fn recall_interval(&self, confidence: Confidence) -> Option<Interval> {
        let confusion = &self.confusion;
        wilson(
            confusion.true_positives(),
            confusion.actual(&true),
            confidence,
        )
    }

    /// Interval of the false-alarm rate at the detector's threshold.
    #[must_use]
    pub fn false_alarm_interval(&self, confidence: Confidence) -> Option<Interval> {
        let confusion = &self.confusion;
        wilson(
            confusion.false_positives(),
            confusion.actual(&false),
            confidence,
        )
    }

    /// Interval of the average precision, drawn within attacks and within benign rows.
    #[must_use]
    pub fn average_precision_interval(&self, bootstrap: &Bootstrap) -> Option<Interval> {
        let average_precision = |drawn: &[usize]| self.rows.draw(drawn).pr().average_precision();
        let found = bootstrap.stratified(&self.labels, average_precision)?;
        Some(found.interval)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_rows_change_nothing_but_their_count() {
        let truths = [
            Truth::Benign,
            Truth::Attack("a"),
            Truth::Attack("b"),
            Truth::Benign,
        ];
        let (scores, alerts) = ([0.1, 0.9, 0.2, 0.3], [false, true, false, true]);
        let plain = Evaluation::new(&scores, &alerts, &truths).unwrap();

        let more = Evaluation::new(
            &[&scores[..], &[f64::NAN, 5.0]].concat(),
            &[&alerts[..], &[true, false]].concat(),
            &[&truths[..], &[Truth::Unknown, Truth::Unknown]].concat(),
        )
        .unwrap();
        assert_eq!((plain.unknown(), more.unknown()), (0, 2));
        assert_eq!(plain.confusion(), more.confusion());
        assert_eq!((plain.roc(), plain.pr()), (more.roc(), more.pr()));
        assert_eq!(plain.classes(), more.classes());
        assert_eq!(plain.roc().area(), Some(0.75));
        assert_eq!(plain.confusion().false_alarm_rate(), Some(0.5));
        let interval = plain
            .average_precision_interval(&Bootstrap::new(1))
            .unwrap();
        assert!(interval.contains(plain.pr().average_precision().unwrap()));
    }

    #[test]
    fn slices_of_different_length_are_refused() {
        assert!(Evaluation::new(&[0.1, 0.2], &[true], &[Truth::Benign, Truth::Benign]).is_err());
        assert!(Evaluation::new(&[0.1], &[true], &[]).is_err());
    }
}
