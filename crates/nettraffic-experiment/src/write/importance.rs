//! What features count, as a table for programs.

use csv::Writer;
use nettraffic_eval::Spread;
use serde::Serialize;

use super::csv::{finish, push};
use crate::ImportanceKind;
use crate::outcome::{ModelOutcome, Outcome, StudyOutcome};

/// A feature in all runs of a model.
#[derive(Serialize)]
struct FeatureRow<'a> {
    study: &'a str,
    test: &'a str,
    model: &'a str,
    contamination: f64,
    kind: &'a str,
    feature: &'a str,
    mean: f64,
    deviation: Option<f64>,
    min: f64,
    max: f64,
    runs: u64,
}

impl Outcome {
    /// One line of CSV for every model and feature that counts in it, those that count most first: the shares of all
    /// seeds and folds together.
    #[must_use]
    pub fn importance_csv(&self) -> Vec<u8> {
        let mut writer = Writer::from_writer(Vec::new());
        for study in &self.studies {
            for result in &study.results {
                for (feature, share) in study.importance(result) {
                    let row = FeatureRow {
                        study: &study.name,
                        test: &result.test,
                        model: &result.model,
                        contamination: result.contamination,
                        kind: result.importance_kind().map_or("", ImportanceKind::name),
                        feature,
                        mean: share.mean,
                        deviation: share.deviation,
                        min: share.min,
                        max: share.max,
                        runs: share.n,
                    };
                    push(&mut writer, &row);
                }
            }
        }
        finish(writer)
    }
}

impl StudyOutcome {
    /// The features that count in a model of this study, with their shares over all runs, the greatest mean first; those
    /// that no run counts are left out. Empty where a run does not tell.
    #[must_use]
    pub fn importance(&self, result: &ModelOutcome) -> Vec<(&str, Spread)> {
        let share =
            |place: usize| result.spread(|run| run.importance.as_ref()?.shares.get(place).copied());
        let mut features: Vec<(&str, Spread)> = (self.columns.iter().enumerate())
            .filter_map(|(place, name)| Some((name.as_str(), share(place)?)))
            .filter(|(_, share)| share.max > 0.0)
            .collect();
        // Equal means stay in the order of the features: the sort is stable.
        features.sort_by(|a, b| b.1.mean.total_cmp(&a.1.mean));
        features
    }
}

impl ModelOutcome {
    /// What the shares of its features are of; `None` where a run does not tell.
    #[must_use]
    pub fn importance_kind(&self) -> Option<ImportanceKind> {
        let first = self.runs.first()?.importance.as_ref()?;
        Some(first.kind)
    }
}
