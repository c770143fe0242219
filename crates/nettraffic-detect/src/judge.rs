//! From a flow's row to its verdict.

use ndarray::{ArrayView1, Axis};
use nettraffic_flow::Flow;
use nettraffic_models::{AnomalyModel, Classifier as _, RandomForest, Threshold};
use siphasher::sip128::SipHasher24;

use crate::alert::{Alert, AlertId, ClassGuess, Evidence, Verdict};
use crate::model::Model;
use crate::{BENIGN, DetectError, Detector, FlowRows, explain};

/// Reasons that an alert carries at most.
const MOST_REASONS: usize = 5;

/// What raised an alert: the model that found it, the score it gave, the threshold that it set.
struct Raised<'a> {
    evidence: Evidence,
    model: &'a dyn AnomalyModel,
    score: f32,
    threshold: &'a Threshold,
}

impl Detector {
    /// Judges collected flows, in their order. What is said of a flow does not depend on the
    /// others.
    ///
    /// # Errors
    /// Rows of other features.
    pub fn judge(&self, flows: &FlowRows) -> Result<Vec<Verdict>, DetectError> {
        let stored = &self.stored;
        let prepared = stored.preprocessor.apply(&flows.all()?)?;
        let scores = stored.model.as_anomaly_model().score(prepared.view())?;
        let known = (stored.known.as_ref())
            .map(|known| known.forest.score(prepared.view()))
            .transpose()?;
        let verdict = |index: usize| {
            let score = scores[index];
            let alert = self
                .raised(score, known.as_ref().map(|known| known[index]))
                .map(|raised| self.alert(flows, index, prepared.row(index), &raised))
                .transpose()?;
            Ok(Verdict {
                flow: flows.flows()[index].clone(),
                score,
                threshold: stored.threshold.value(),
                alert,
            })
        };
        (0..flows.len()).map(verdict).collect()
    }

    /// What there is to an alert, given the score and how much the flow looks like an attack.
    fn raised(&self, score: f32, attack: Option<f32>) -> Option<Raised<'_>> {
        let threshold = &self.stored.threshold;
        if threshold.is_alert(score) {
            return Some(Raised {
                evidence: Evidence::Unusual,
                model: self.stored.model.as_anomaly_model(),
                score,
                threshold,
            });
        }
        let known = self.stored.known.as_ref()?;
        let score = attack.filter(|score| known.threshold.is_alert(*score))?;
        Some(Raised {
            evidence: Evidence::Known,
            model: &known.forest,
            score,
            threshold: &known.threshold,
        })
    }

    fn alert(
        &self,
        flows: &FlowRows,
        index: usize,
        prepared: ArrayView1<'_, f32>,
        raised: &Raised<'_>,
    ) -> Result<Alert, DetectError> {
        let contributions = raised.model.contributions(prepared)?;
        Ok(Alert {
            id: self.alert_id(&flows.flows()[index]),
            evidence: raised.evidence,
            p_value: raised.threshold.p_value(raised.score),
            class: self.class(prepared)?,
            reasons: explain::reasons(
                &self.stored.preprocessor,
                &self.stored.baseline,
                flows.row(index),
                contributions.iter().copied(),
                MOST_REASONS,
            ),
        })
    }

    /// The most probable attack class, when it is more probable than benign.
    fn class(&self, row: ArrayView1<'_, f32>) -> Result<Option<ClassGuess>, DetectError> {
        let forest: &RandomForest = match (&self.stored.known, &self.stored.model) {
            (Some(known), _) => known.forest.forest(),
            (None, Model::Forest(model)) => model.forest(),
            (None, _) => return Ok(None),
        };
        let probabilities = forest.probabilities(row.insert_axis(Axis(0)))?;
        let best = (forest.classes().iter())
            .zip(&probabilities)
            .reduce(|best, next| if next.1 > best.1 { next } else { best });
        Ok(best
            .filter(|(name, _)| *name != BENIGN)
            .map(|(name, probability)| ClassGuess {
                name: name.clone(),
                probability: *probability,
            }))
    }

    fn alert_id(&self, flow: &Flow) -> AlertId {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.id.to_le_bytes());
        bytes[8..].copy_from_slice(&flow.uid().0.to_le_bytes());
        AlertId(SipHasher24::new().hash(&bytes).h1)
    }
}
