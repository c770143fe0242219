//! From a flow's row to its verdict.

use ndarray::{ArrayView1, Axis};
use nettraffic_flow::{Flow, FlowEnd};
use nettraffic_models::{Classifier as _, Threshold};
use siphasher::sip128::SipHasher24;

use crate::alert::{Alert, AlertId, ClassGuess, Evidence, Verdict};
use crate::{BENIGN, DetectError, Detector, FlowRows, explain};

/// Reasons that an alert carries at most.
const MOST_REASONS: usize = 5;

/// What raised an alert: the score that was given, and the threshold that it is beyond.
struct Raised<'a> {
    evidence: Evidence,
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
        let rows = flows.all()?;
        self.check(&rows)?;
        let scores = stored.scorer.score(&rows)?;
        let known = (stored.known.as_ref())
            .map(|known| known.forest.score(&rows))
            .transpose()?;
        let verdict = |index: usize| {
            let score = scores[index];
            let alert = self
                .raised(score, known.as_ref().map(|known| known[index]))
                .map(|raised| self.alert(&flows.flows()[index], flows.row(index), &raised))
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
                score,
                threshold,
            });
        }
        let known = self.stored.known.as_ref()?;
        let score = attack.filter(|score| known.threshold.is_alert(*score))?;
        Some(Raised {
            evidence: Evidence::Known,
            score,
            threshold: &known.threshold,
        })
    }

    fn alert(&self, flow: &Flow, row: &[f64], raised: &Raised<'_>) -> Result<Alert, DetectError> {
        let stored = &self.stored;
        let contributions = match (&stored.known, raised.evidence) {
            (Some(known), Evidence::Known) => known.forest.contributions(row)?,
            _ => stored.scorer.contributions(row)?,
        };
        Ok(Alert {
            id: self.alert_id(flow),
            evidence: raised.evidence,
            p_value: raised.threshold.p_value(raised.score),
            class: self.class(row, raised.evidence)?,
            reasons: explain::reasons(
                &stored.schema,
                &stored.baseline,
                row,
                &contributions,
                MOST_REASONS,
            ),
        })
    }

    /// The most probable attack class, when it is more probable than benign; for a flow that
    /// raised an alert by looking like a known attack, the attack that it looks like most.
    fn class(&self, row: &[f64], evidence: Evidence) -> Result<Option<ClassGuess>, DetectError> {
        let member = (self.stored.known.as_ref())
            .map_or(&self.stored.scorer.members[0], |known| &known.forest);
        let Some(forest) = member.model.forest() else {
            return Ok(None);
        };
        let prepared = member.prepared(row)?;
        let rows = ArrayView1::from(&prepared).insert_axis(Axis(0));
        let probabilities = forest.probabilities(rows)?;
        let best = (forest.classes().iter())
            .zip(&probabilities)
            .filter(|(name, _)| evidence == Evidence::Unusual || *name != BENIGN)
            .reduce(|best, next| if next.1 > best.1 { next } else { best });
        Ok(best
            .filter(|(name, _)| *name != BENIGN)
            .map(|(name, probability)| ClassGuess {
                name: name.clone(),
                probability: *probability,
            }))
    }

    /// The identifier that an alert of this flow record by this detector bears.
    #[must_use]
    pub fn alert_id(&self, flow: &Flow) -> AlertId {
        let mut bytes = [0; 25];
        bytes[..8].copy_from_slice(&self.id.to_le_bytes());
        bytes[8..24].copy_from_slice(&flow.uid().0.to_le_bytes());
        // The early report of a flow has the identifier of its final record: what may be said of either is
        // told apart by one byte more.
        bytes[24] = b'e';
        let length = if flow.end == FlowEnd::Early { 25 } else { 24 };
        AlertId(SipHasher24::new().hash(&bytes[..length]).h1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Observed;
    use crate::testing::{attacked, forest, fusion, kmeans_and_forest, office, rows, rows_with};
    use nettraffic_features::FeatureSet;
    use std::collections::BTreeSet;

    #[test]
    fn every_alert_has_reasons_a_rank_and_an_id_of_its_own() {
        let flows = rows(&attacked(3));
        let detector = kmeans_and_forest();
        let verdicts = detector.judge(&flows).unwrap();
        let alerts: Vec<&Alert> = verdicts.iter().filter_map(|v| v.alert.as_ref()).collect();
        assert!(alerts.len() > 20);
        let ids: BTreeSet<AlertId> = alerts.iter().map(|alert| alert.id).collect();
        assert_eq!(ids.len(), alerts.len());
        let mut early = FlowRows::new(flows.features().clone());
        for (index, flow) in flows.flows().iter().enumerate() {
            let mut flow = flow.clone();
            flow.end = FlowEnd::Early;
            early.push(flow, flows.row(index));
        }
        let early = detector.judge(&early).unwrap();
        let early = early.iter().filter_map(|v| v.alert.as_ref());
        assert!(early.zip(&alerts).all(|(early, last)| early.id != last.id));
        let others = forest().judge(&flows).unwrap();
        assert!(
            others
                .iter()
                .flat_map(|v| &v.alert)
                .all(|alert| !ids.contains(&alert.id))
        );
        for alert in alerts {
            assert!((1..=MOST_REASONS).contains(&alert.reasons.len()));
            let shares: f32 = alert.reasons.iter().map(|reason| reason.share).sum();
            assert!(shares > 0.0 && shares <= 1.0 + 1e-5, "{shares}");
            let (usual, unusual): (Vec<_>, Vec<_>) = alert
                .reasons
                .iter()
                .filter(|reason| reason.share >= 0.05)
                .partition(|reason| reason.is_usual());
            for part in [&usual, &unusual] {
                assert!(part.is_sorted_by(|a, b| a.share >= b.share));
            }
            assert!(
                alert.p_value > 0.0 && alert.p_value <= 0.11,
                "{}",
                alert.p_value
            );
        }
    }

    #[test]
    fn a_flow_that_looks_usual_but_like_a_known_attack_is_an_alert() {
        let flows = rows(&attacked(3));
        // A threshold that nothing exceeds makes every flow usual.
        let mut detector = kmeans_and_forest();
        let before = detector.threshold().clone();
        assert_eq!(before.asked_rate(), 0.05);
        let forest = detector.stored.known.clone().unwrap();
        assert_eq!(forest.threshold.asked_rate(), 0.05);
        detector.stored.threshold = Threshold::at_rate(&[f32::MAX; 100], 0.05).unwrap();
        let verdicts = detector.judge(&flows).unwrap();
        let classes = crate::testing::classes(&attacked(3), &flows);
        let (mut found, mut attacks) = (0, 0);
        for (verdict, class) in verdicts.iter().zip(&classes) {
            let alert = verdict.alert.as_ref();
            assert!(alert.is_none_or(|alert| alert.evidence == Evidence::Known));
            if class != BENIGN {
                attacks += 1;
                let guess = alert.and_then(|alert| alert.class.as_ref());
                found += u32::from(guess.is_some_and(|guess| guess.name == *class));
                assert!(alert.is_none_or(|alert| !alert.reasons.is_empty()));
            }
        }
        assert!(found * 10 > attacks * 9, "{found} of {attacks}");
        // The reasons are those of the forest: of the model that raised the alert.
        let index = verdicts
            .iter()
            .position(|verdict| verdict.alert.is_some())
            .unwrap();
        let contributions = forest.forest.contributions(flows.row(index)).unwrap();
        let strongest = (0..contributions.len())
            .max_by(|a, b| contributions[*a].total_cmp(&contributions[*b]))
            .unwrap();
        let strongest = &detector.stored.schema.columns()[strongest].name;
        let reasons = &verdicts[index].alert.as_ref().unwrap().reasons;
        assert!(
            reasons
                .iter()
                .any(|reason| strongest.starts_with(&reason.feature))
        );
    }

    #[test]
    fn a_flow_is_judged_alike_whatever_stands_beside_it() {
        let flows = rows(&attacked(3));
        for detector in [kmeans_and_forest(), fusion()] {
            let together = detector.judge(&flows).unwrap();
            for index in [0, 1, 100, flows.len() - 1] {
                assert_eq!(
                    detector.judge(&flows.select(&[index])).unwrap(),
                    [together[index].clone()]
                );
            }
            assert_eq!(detector.judge(&flows.select(&[])).unwrap(), []);
            let scores: Vec<f32> = together.iter().map(|verdict| verdict.score).collect();
            assert_eq!(detector.scores(&flows).unwrap(), scores);
        }
    }

    #[test]
    fn rows_of_other_features_are_refused() {
        let basic = rows_with(&office(1), FeatureSet::named("basic").unwrap());
        assert!(kmeans_and_forest().judge(&basic).is_err());
    }

    #[test]
    fn the_feature_that_was_altered_comes_first() {
        for detector in [kmeans_and_forest(), fusion()] {
            altered_comes_first(&detector);
        }
    }

    fn altered_comes_first(detector: &Detector) {
        let stored = &detector.stored;
        let flows = rows(&office(1));
        let scores = detector.scores(&flows).unwrap();
        let usual = (0..flows.len()).min_by(|a, b| scores[*a].total_cmp(&scores[*b]));
        let columns = stored.schema.columns();
        // Of features that go together a model may name the other one.
        let (mut altered, mut first) = (0, 0);
        for (column, definition) in columns.iter().enumerate() {
            if definition.kind != nettraffic_features::ColumnKind::Number {
                continue;
            }
            let mut row = flows.row(usual.unwrap()).to_vec();
            row[column] = 1e12;
            let parts = stored.scorer.contributions(&row).unwrap();
            let reasons = explain::reasons(&stored.schema, &stored.baseline, &row, &parts, 1);
            first += u32::from(reasons[0].feature == definition.name);
            altered += 1;
        }
        assert!(
            altered > 10 && first * 10 >= altered * 9,
            "{first} of {altered}"
        );
    }

    #[test]
    fn undefined_values_are_told_as_such() {
        let verdicts = kmeans_and_forest().judge(&rows(&attacked(3))).unwrap();
        let mut observed = verdicts
            .iter()
            .flat_map(|verdict| &verdict.alert)
            .flat_map(|alert| &alert.reasons)
            .map(|reason| &reason.observed);
        assert!(observed.any(|observed| *observed == Observed::Undefined));
    }
}
