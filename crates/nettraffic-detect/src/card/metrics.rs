//! How a detector fares on labelled traffic.

use nettraffic_eval::{Confidence, Evaluation, Truth};
use serde::Serialize;

use crate::{BENIGN, DetectError, Detector, Labelled, Rate};

/// What a detector found in labelled flows, and how sure that is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Metrics {
    /// Where the flows came from, as the caller names it.
    pub data: String,
    /// Attack flows that raised an alert.
    pub recall: Rate,
    /// The same by class of attack, in alphabetical order.
    pub recall_by_class: Vec<(String, Rate)>,
    /// Benign flows that raised one.
    pub false_alarms: Rate,
    /// Area under the ROC curve of the scores; `None` when a side has no flow, and where known attacks
    /// raise alerts too: the score is then only a part of what is found.
    pub roc_area: Option<f64>,
    /// Its 95 % interval, low end first.
    pub roc_area_interval: Option<(f64, f64)>,
}

impl Metrics {
    /// Judges labelled flows, none of which the detector may have learned from. `data` is a name
    /// for them.
    ///
    /// # Errors
    /// Flows of other features; labels that do not fit them.
    pub fn of(
        detector: &Detector,
        labelled: Labelled<'_>,
        data: impl Into<String>,
    ) -> Result<Self, DetectError> {
        let Labelled { flows, classes } = labelled;
        if classes.len() != flows.len() {
            let (labels, flows) = (classes.len(), flows.len());
            return Err(DetectError::Labels { labels, flows });
        }
        let verdicts = detector.judge(flows)?;
        let alerts: Vec<bool> = verdicts
            .iter()
            .map(|verdict| verdict.alert.is_some())
            .collect();
        let scores: Vec<f32> = verdicts.iter().map(|verdict| verdict.score).collect();
        let truth = |class: &String| *class == BENIGN;
        let truths: Vec<Truth<'_>> = (classes.iter())
            .map(|class| {
                if truth(class) {
                    Truth::Benign
                } else {
                    Truth::Attack(class)
                }
            })
            .collect();
        let evaluation = Evaluation::new(&scores, &alerts, &truths)?;
        let confusion = evaluation.confusion();
        let mut names: Vec<&String> = classes.iter().filter(|class| !truth(class)).collect();
        names.sort_unstable();
        names.dedup();
        let by_class = names
            .into_iter()
            .map(|name| (name.clone(), found(name, classes, &alerts)));
        let roc = (detector.known_attack_threshold().is_none()).then(|| evaluation.roc());
        let interval = roc.and_then(|roc| roc.area_interval(Confidence::PERCENT_95));
        Ok(Self {
            data: data.into(),
            recall: Rate::of(confusion.true_positives(), confusion.actual(&true)),
            recall_by_class: by_class.collect(),
            false_alarms: Rate::of(confusion.false_positives(), confusion.actual(&false)),
            roc_area: roc.and_then(|roc| roc.area()),
            roc_area_interval: interval.map(|area| (area.low, area.high)),
        })
    }
}

/// How many flows of a class raised an alert.
fn found(class: &str, classes: &[String], alerts: &[bool]) -> Rate {
    let of_it = || {
        classes
            .iter()
            .zip(alerts)
            .filter(|(name, _)| *name == class)
    };
    let hits = of_it().filter(|(_, alert)| **alert).count();
    Rate::of(hits as u64, of_it().count() as u64)
}
