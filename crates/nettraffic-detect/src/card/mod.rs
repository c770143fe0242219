//! What there is to know of a detector, for people and for records.

mod markdown;
mod metrics;
mod provenance;

use std::collections::BTreeMap;

use nettraffic_features::ColumnKind;
use nettraffic_models::Threshold;
use serde::Serialize;

pub use metrics::Metrics;
pub use provenance::Provenance;

use crate::baseline::Usual;
use crate::{Detector, HeldOutBy};

/// A model card (Mitchell and others 2019): what a detector is, what it learned from, what it promises.
/// It is `Serialize` for JSON; [`ModelCard::to_markdown`] is for people.
///
/// ```
/// # use nettraffic_detect::Detector;
/// # fn print(detector: &Detector) {
/// println!("{}", detector.card().to_markdown());
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ModelCard {
    /// A hash of the bundle, in hexadecimal.
    pub id: String,
    /// Name of the model.
    pub model: &'static str,
    /// Names of the feature sets, separated by commas.
    pub feature_sets: String,
    /// Fingerprint of the schema, in hexadecimal.
    pub schema: String,
    /// What it learned from.
    pub training: TrainingCard,
    /// What it promises.
    pub threshold: ThresholdCard,
    /// What training rows looked like.
    pub features: Vec<FeatureCard>,
    /// How it fared on labelled traffic, where that was measured.
    pub metrics: Vec<Metrics>,
}

/// What a detector learned from.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TrainingCard {
    /// Hash of the rows, their features and their labels, in hexadecimal.
    pub data_hash: String,
    /// When the first and the last benign flow began, in seconds since 1970; `None` without flows.
    pub period: Option<(f64, f64)>,
    /// Time in which flows came, without long gaps, in seconds.
    pub active_seconds: f64,
    /// Benign flows that the model was fitted on.
    pub fitted: u64,
    /// Benign flows that were held out for the threshold.
    pub held_out: u64,
    /// What was held out as a whole: `capture`, `conversation` or `flow`.
    pub held_out_by: &'static str,
    /// Labelled attack flows by class.
    pub attacks: BTreeMap<String, u64>,
    /// The seed of all randomness.
    pub seed: u64,
    /// Version of the program that trained it.
    pub program: String,
}

/// The threshold and its promise. Rates are shares of benign flows.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ThresholdCard {
    /// The score that an alert exceeds.
    pub value: f32,
    /// The rate that was asked for, by the score and by known attacks together.
    pub asked_rate: f64,
    /// The rate to expect, by the score and by known attacks together.
    pub expected_rate: f64,
    /// The 95 % interval of the rate by the score.
    pub interval: (f64, f64),
    /// The 95 % interval of the rate by looking like a known attack; `None` where only the score
    /// raises alerts.
    pub known_interval: Option<(f64, f64)>,
    /// Held-out flows that it was set on.
    pub rows: u64,
    /// Alerts to expect in a day of benign traffic; `None` when the training spanned no time.
    pub alerts_per_day: Option<f64>,
}

/// The usual values of a feature.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FeatureCard {
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: &'static str,
    /// Its values in training.
    pub usual: UsualValues,
}

/// The values that a feature had in training.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum UsualValues {
    /// 98 % of the rows lie between these.
    Range(f64, f64),
    /// Share of each category that there was.
    Shares(Vec<(String, f64)>),
}

impl Detector {
    /// What there is to know of the detector. It has no metrics: those of rows that it learned
    /// from would tell nothing ([`ModelCard::with_metrics`]).
    #[must_use]
    pub fn card(&self) -> ModelCard {
        let (summary, threshold) = (self.training(), self.threshold());
        let provenance = &summary.provenance;
        let schema = self.features().schema();
        let columns = schema.columns().iter().zip(&self.stored.baseline.columns);
        let features = columns.map(|(column, usual)| FeatureCard {
            name: column.name.to_string(),
            unit: column.unit.name(),
            usual: match (usual, &column.kind) {
                (Usual::Range { low, high }, _) => UsualValues::Range(*low, *high),
                (Usual::Shares(shares), ColumnKind::Category(names)) => {
                    let names = names.iter().map(|name| &**name).chain(["another"]);
                    let named = names.zip(shares).filter(|(_, share)| **share > 0.0);
                    let owned = named.map(|(name, share)| (name.to_owned(), *share));
                    UsualValues::Shares(owned.collect())
                }
                (Usual::Shares(_), _) => UsualValues::Shares(Vec::new()),
            },
        });
        ModelCard {
            id: format!("{:016x}", self.id),
            model: self.model().name(),
            feature_sets: self.features().name().to_owned(),
            schema: schema.fingerprint().to_string(),
            features: features.collect(),
            training: TrainingCard {
                data_hash: format!("{:032x}", provenance.rows_hash()),
                period: provenance
                    .period()
                    .map(|(first, last)| (first.as_seconds_f64(), last.as_seconds_f64())),
                active_seconds: summary.pace.active_time().as_secs_f64(),
                fitted: summary.fitted,
                held_out: summary.held_out,
                held_out_by: HeldOutBy::name(summary.held_out_by),
                attacks: summary.attacks.iter().cloned().collect(),
                seed: summary.seed,
                program: provenance.program().to_owned(),
            },
            threshold: ThresholdCard {
                value: threshold.value(),
                asked_rate: self.asked_false_alarm_rate(),
                expected_rate: self.expected_false_alarm_rate(),
                interval: threshold.interval(),
                known_interval: self.known_attack_threshold().map(Threshold::interval),
                rows: threshold.rows(),
                alerts_per_day: self.expected_alerts_per_day(),
            },
            metrics: Vec::new(),
        }
    }
}

impl ModelCard {
    /// With how the detector fared on labelled flows that it did not learn from.
    #[must_use]
    pub fn with_metrics(mut self, metrics: Metrics) -> Self {
        self.metrics.push(metrics);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Labelled;
    use crate::testing::{attacked, classes, fusion, kmeans_and_forest, rows, saved};

    #[test]
    fn beside_a_forest_all_rates_are_of_both() {
        let (alone, both) = (
            fusion().card().threshold,
            kmeans_and_forest().card().threshold,
        );
        // A tenth was asked for, of which each of two has half.
        for card in [&alone, &both] {
            assert!((card.asked_rate - 0.1).abs() < 1e-9, "{}", card.asked_rate);
        }
        assert!(alone.known_interval.is_none() && both.known_interval.is_some());
        let page = kmeans_and_forest().card().to_markdown();
        for part in [
            "; 10.000 % were asked for",
            "expect: at most",
            "known attack: ",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
    }

    #[test]
    fn no_curve_is_drawn_of_a_score_that_is_only_a_part() {
        let flows = rows(&attacked(3));
        let classes = classes(&attacked(3), &flows);
        for (detector, has_area) in [(fusion(), true), (kmeans_and_forest(), false)] {
            let labelled = Labelled {
                flows: &flows,
                classes: &classes,
            };
            let metrics = Metrics::of(&detector, labelled, "lab").unwrap();
            assert_eq!(metrics.roc_area.is_some(), has_area);
            assert_eq!(metrics.roc_area_interval.is_some(), has_area);
        }
    }

    #[test]
    fn a_detector_that_was_read_is_called_the_same() {
        let detector = kmeans_and_forest();
        let read = Detector::load(&*saved(&detector)).unwrap();
        assert_eq!(read.card().id, detector.card().id);
    }
}
