//! Models held against the trivial ones.

use crate::outcome::{ModelOutcome, StudyOutcome};

/// Chance that any model of a study seems to beat a trivial one when none does.
const LEVEL: f64 = 0.05;

/// The better one of the trivial models on a test, and the models that do not beat it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Unbeaten<'a> {
    /// The trivial model with the greatest mean area under the ROC curve.
    pub baseline: &'a str,
    /// That area.
    pub area: f64,
    /// Models of no larger mean area, or of one whose lead chance may explain: DeLong's test with the first seed, at
    /// 5 % after Holm. In a cross-validation, whose folds have a test each, only the means count.
    pub models: Vec<&'a str>,
}

impl StudyOutcome {
    /// What the trivial models say of a test; `None` where none has an area, or nothing stands beside them.
    #[must_use]
    pub fn unbeaten<'a>(&'a self, test: &'a str) -> Option<Unbeaten<'a>> {
        let plain = || {
            (self.results.iter())
                .filter(move |result| result.test == test && result.contamination == 0.0)
        };
        let (area, baseline) = (plain().filter(|result| result.is_trivial))
            .filter_map(|result| Some((area(result)?, &*result.model)))
            .reduce(|best, other| if other.0 > best.0 { other } else { best })?;
        let others = || plain().filter(|result| !result.is_trivial);
        others().next()?;
        let models = others()
            .filter(|result| !self.beats(result, baseline, area))
            .map(|result| &*result.model)
            .collect();
        Some(Unbeaten {
            baseline,
            area,
            models,
        })
    }

    fn beats(&self, result: &ModelOutcome, baseline: &str, least: f64) -> bool {
        let has_larger_mean = area(result).is_some_and(|area| area > least);
        if !has_larger_mean || self.is_cross_validation {
            return has_larger_mean;
        }
        let (model, test) = (&*result.model, &*result.test);
        let lead = self.pairs.iter().find_map(|pair| {
            let difference = pair.areas.difference?;
            let lead = match (&*pair.first, &*pair.second) {
                (first, second) if first == model && second == baseline => difference,
                (first, second) if first == baseline && second == model => -difference,
                _ => return None,
            };
            (pair.test == test).then_some((lead, pair.areas_holm_p?))
        });
        lead.is_some_and(|(lead, p)| lead > 0.0 && p < LEVEL)
    }
}

fn area(result: &ModelOutcome) -> Option<f64> {
    let spread = result.spread(|run| run.roc_auc.value);
    spread.map(|spread| spread.mean)
}

#[cfg(test)]
mod tests {
    use nettraffic_eval::{AreaDifference, Confidence, McNemar};

    use super::*;
    use crate::outcome::{Measured, Pair, Run};
    use crate::{ExperimentError, Unit};

    fn result(model: &str, areas: &[f64]) -> ModelOutcome {
        let run = |area: &f64| Run {
            seed: 1,
            fold: None,
            benign: 9,
            attacks: 9,
            unknown: 0,
            roc_auc: Measured {
                value: Some(*area),
                interval: None,
            },
            pr_auc: Measured {
                value: None,
                interval: None,
            },
            partial_auc: None,
            at: Vec::new(),
            classes: Vec::new(),
            calibration: Vec::new(),
            importance: None,
            roc: Vec::new(),
            pr: Vec::new(),
        };
        ModelOutcome {
            test: "t".to_owned(),
            model: model.to_owned(),
            is_trivial: ["low", "high"].contains(&model),
            contamination: 0.0,
            runs: areas.iter().map(run).collect(),
        }
    }

    /// A pair with a lead of the first and a corrected p-value.
    fn pair(first: &str, second: &str, lead: f64, p: f64) -> Result<Pair, ExperimentError> {
        let labels = [true, true, false, false];
        let mut areas = AreaDifference::new(
            &[4, 3, 2, 1],
            &[4, 2, 3, 1],
            &labels,
            Confidence::PERCENT_95,
        )?;
        areas.difference = Some(lead);
        let alerts = McNemar::new(&labels, &labels, &labels)?;
        Ok(Pair {
            test: "t".to_owned(),
            fold: None,
            first: first.to_owned(),
            second: second.to_owned(),
            areas,
            alerts_p: alerts.exact_p(),
            alerts,
            areas_holm_p: Some(p),
            alerts_holm_p: None,
        })
    }

    #[test]
    fn a_lead_that_chance_may_explain_beats_nothing() -> Result<(), ExperimentError> {
        let mut study = StudyOutcome {
            name: "s".to_owned(),
            note: String::new(),
            train: Vec::new(),
            test: vec!["t".to_owned()],
            split: String::new(),
            features: None,
            columns: Vec::new(),
            unit: Unit::Flow,
            rates: Vec::new(),
            is_cross_validation: false,
            folds: Vec::new(),
            results: vec![
                result("low", &[0.5, 0.6]),
                result("high", &[0.8, 0.9]),
                result("sure", &[0.95, 0.97]),
                result("perhaps", &[0.86, 0.88]),
                result("turned", &[0.9, 0.9]),
                result("below", &[0.7, 0.7]),
                result("untested", &[0.99, 0.99]),
            ],
            pairs: vec![
                pair("high", "sure", -0.1, 0.001)?,
                pair("high", "perhaps", -0.02, 0.2)?,
                pair("turned", "high", -0.05, 0.001)?,
                pair("low", "untested", -0.4, 0.001)?,
            ],
        };
        let models = |study: &StudyOutcome| -> Vec<String> {
            let found = study.unbeaten("t");
            let models = found.map_or(Vec::new(), |found| found.models);
            models.into_iter().map(str::to_owned).collect()
        };
        assert_eq!(models(&study), ["perhaps", "turned", "below", "untested"]);
        let found = study
            .unbeaten("t")
            .map(|found| (found.baseline, found.area));
        assert!(found.is_some_and(|(name, area)| name == "high" && (area - 0.85).abs() < 1e-12));
        let text = study.unbeaten_sentences("`").join("\n");
        assert!(
            text.contains("`untested` do not beat the trivial `high` (ROC AUC 0.850)"),
            "{text}"
        );
        study.is_cross_validation = true;
        assert_eq!(models(&study), ["below"]);
        assert_eq!(study.test_name("3"), "fold 3");
        study.results.retain(|result| result.is_trivial);
        assert_eq!(study.unbeaten("t"), None);
        Ok(())
    }
}
