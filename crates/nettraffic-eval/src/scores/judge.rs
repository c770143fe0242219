//! How scores are to be judged.

use super::model::{ModelRows, alerts};
use super::{Comparison, ModelReport, ScoreError, ScoreReport, ScoreTable};
use crate::{AreaDifference, Bootstrap, Confidence, EvalError, McNemar, Truth, holm};

/// How scores are to be judged: at which threshold, and how intervals are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judge {
    pub(super) threshold: Threshold,
    pub(super) confidence: Confidence,
    replicates: u32,
    seed: u64,
}

/// Which scores raise an alert.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Threshold {
    /// Scores of at least this.
    At(f64),
    /// As many as keep to this false-alarm rate.
    ForRate(f64),
    /// Those that a column says.
    Decided,
}

impl Judge {
    /// Scores of at least `threshold` raise an alert; of at most that where lower ones are stranger.
    #[must_use]
    pub fn at_threshold(threshold: f64) -> Self {
        Self::new(Threshold::At(threshold))
    }

    /// As many scores raise an alert as a false-alarm rate allows: the threshold is chosen on the
    /// very rows that it is judged on, so it says what the scores could do, not what a threshold
    /// from other data does.
    #[must_use]
    pub fn at_false_alarm_rate(rate: f64) -> Self {
        Self::new(Threshold::ForRate(rate))
    }

    /// What the tools decided themselves raises an alert: [`ScoreColumns::alerts`](crate::ScoreColumns::alerts). That
    /// is what they do when they are used; curves and areas are those of the scores.
    #[must_use]
    pub fn by_decisions() -> Self {
        Self::new(Threshold::Decided)
    }

    fn new(threshold: Threshold) -> Self {
        Self {
            threshold,
            confidence: Confidence::PERCENT_95,
            replicates: 1000,
            seed: 42,
        }
    }

    /// Draws with this seed instead of 42.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// So many draws of each bootstrap instead of 1,000. With 0 there are no such intervals.
    #[must_use]
    pub fn replicates(mut self, replicates: u32) -> Self {
        self.replicates = replicates;
        self
    }

    /// Intervals with this confidence instead of 95 %.
    #[must_use]
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// `None` without draws.
    pub(super) fn bootstrap(&self) -> Option<Bootstrap> {
        let bootstrap = Bootstrap::new(self.seed).confidence(self.confidence);
        (self.replicates > 0).then(|| bootstrap.replicates(self.replicates))
    }

    pub(super) fn report(&self, table: &ScoreTable) -> Result<ScoreReport, ScoreError> {
        match self.threshold {
            Threshold::ForRate(value) if !(0.0..=1.0).contains(&value) => {
                return Err(EvalError::Share { value }.into());
            }
            Threshold::At(value) if value.is_nan() => return Err(EvalError::Threshold.into()),
            Threshold::Decided if table.decisions.is_none() => return Err(ScoreError::NoDecisions),
            _ => {}
        }
        let truths = table.truths();
        let labels: Vec<bool> = truths.iter().map(|truth| *truth != Truth::Benign).collect();
        let mut models = Vec::new();
        for (place, (name, scores)) in table.models.iter().enumerate() {
            let rows = ModelRows {
                name,
                decisions: self.decisions(table, place),
                scores,
                labels: &labels,
                truths: &truths,
                table,
            };
            models.push(rows.report(self)?);
        }
        let comparisons = self.comparisons(table, &models, &labels)?;
        for model in &mut models {
            // Told as the column has its scores.
            // Adding 0.0 turns -0.0 into 0.0.
            model.threshold = model
                .threshold
                .map(|threshold| table.sign * threshold + 0.0);
        }
        Ok(ScoreReport {
            rows: table.rows.clone(),
            confidence: self.confidence.probability(),
            replicates: self.replicates,
            seed: self.seed,
            models,
            comparisons,
        })
    }

    fn comparisons(
        &self,
        table: &ScoreTable,
        models: &[ModelReport],
        labels: &[bool],
    ) -> Result<Vec<Comparison>, EvalError> {
        let rows: Vec<_> = table.models.iter().zip(models).collect();
        let mut found = Vec::new();
        for (place, ((first, scores), report)) in rows.iter().enumerate() {
            let alerts_of_first = alerts(scores, report.threshold, self.decisions(table, place));
            for (other, ((second, others), other_report)) in rows.iter().enumerate().skip(place + 1)
            {
                let decisions = self.decisions(table, other);
                let alerts_of_second = alerts(others, other_report.threshold, decisions);
                let errors = McNemar::new(&alerts_of_first, &alerts_of_second, labels)?;
                found.push(Comparison {
                    first: first.clone(),
                    second: second.clone(),
                    areas: AreaDifference::new(scores, others, labels, self.confidence)?,
                    only_first_right: errors.only_first,
                    only_second_right: errors.only_second,
                    mcnemar_exact_p: errors.exact_p(),
                    mcnemar_corrected_p: errors.corrected_p(),
                    areas_holm_p: None,
                    mcnemar_holm_p: None,
                });
            }
        }
        let areas: Vec<Option<f64>> = found.iter().map(|pair| pair.areas.p_value).collect();
        let alerts: Vec<Option<f64>> = (found.iter())
            .map(|pair| Some(pair.mcnemar_exact_p))
            .collect();
        for (pair, (areas, alerts)) in found
            .iter_mut()
            .zip(holm(&areas).into_iter().zip(holm(&alerts)))
        {
            (pair.areas_holm_p, pair.mcnemar_holm_p) = (areas, alerts);
        }
        Ok(found)
    }

    /// What the model at this place decided, where that is to be judged.
    fn decisions<'a>(&self, table: &'a ScoreTable, place: usize) -> Option<&'a [bool]> {
        let decisions = table.decisions.as_ref()?.get(place)?;
        (self.threshold == Threshold::Decided).then_some(decisions)
    }
}
