//! What cannot be run, or would count twice.

use nettraffic_features::FeatureSet;
use nettraffic_synth::Scenario;

use super::{Attacks, DataSource, Duplicates, GroupKind, Plan, SplitRule, Study};
use crate::tables::{Fit, TableModel};
use crate::{ExperimentError, Unit};

impl Plan {
    /// Refuses what cannot be run, or would count twice.
    pub(crate) fn check(&self) -> Result<(), ExperimentError> {
        match self.fault() {
            Some(fault) => Err(ExperimentError::Plan(fault)),
            None => Ok(()),
        }?;
        for data in &self.data {
            if let DataSource::Scenario(scenario) = &data.source {
                Scenario::named(&scenario.name, scenario.seed)?;
            }
        }
        for study in &self.studies {
            self.feature_set(study)?;
            for chosen in self.chosen(study)? {
                if let Some(fault) = self.fault_of_model(study, &chosen.model) {
                    let name = &study.name;
                    return Err(ExperimentError::Plan(format!("study {name:?}: {fault}")));
                }
            }
        }
        Ok(())
    }

    /// The features of the flows of a study.
    pub(crate) fn feature_set(&self, study: &Study) -> Result<FeatureSet, ExperimentError> {
        let names = [&*study.features, &*self.features];
        match names.into_iter().find(|names| !names.is_empty()) {
            Some(names) => Ok(FeatureSet::named(names)?),
            None => Ok(FeatureSet::default()),
        }
    }

    /// The false-alarm rates of a study.
    pub(crate) fn rates<'a>(&'a self, study: &'a Study) -> &'a [f64] {
        if study.rates.is_empty() {
            return &self.rates;
        }
        &study.rates
    }

    fn fault(&self) -> Option<String> {
        if self.seeds.is_empty() || self.studies.is_empty() || self.metrics.is_empty() {
            return Some("it needs a seed, a metric and a study at least".to_owned());
        }
        let twice = |what: &str, name: Option<String>| {
            name.map(|name| format!("the {what} {name} stands there twice"))
        };
        let named = |names: Vec<&String>| repeated(&names).map(|name| format!("{name:?}"));
        twice("seed", repeated(&self.seeds).map(u64::to_string))
            .or_else(|| {
                twice(
                    "data set",
                    named(self.data.iter().map(|data| &data.name).collect()),
                )
            })
            .or_else(|| {
                twice(
                    "model",
                    named(self.defined.iter().map(|model| &model.name).collect()),
                )
            })
            .or_else(|| {
                twice(
                    "study",
                    named(self.studies.iter().map(|study| &study.name).collect()),
                )
            })
            .or_else(|| {
                self.defined
                    .iter()
                    .find_map(|model| self.fault_of_fusion(model))
            })
            .or_else(|| {
                self.studies.iter().find_map(|study| {
                    let fault = self.fault_of_study(study)?;
                    Some(format!("study {:?}: {fault}", study.name))
                })
            })
    }

    fn fault_of_study(&self, study: &Study) -> Option<String> {
        if study.train.is_empty() {
            return Some("it needs a data set to train on".to_owned());
        }
        if let Some(missing) = study.data().find(|name| self.data(name).is_none()) {
            return Some(format!("there is no data set {missing:?}"));
        }
        let all: Vec<&String> = study.data().collect();
        if let Some(name) = repeated(&all) {
            return Some(format!(
                "it names the data set {name:?} twice: the results would say nothing"
            ));
        }
        if let Some(model) = repeated(&self.models_of(study)) {
            return Some(format!("the model {model:?} stands there twice"));
        }
        let rates = self.rates(study);
        if rates.is_empty() || !rates.iter().all(|rate| *rate > 0.0 && *rate < 1.0) {
            return Some("it needs rates between 0 and 1".to_owned());
        }
        let is_share = |share: &f64| (0.0..1.0).contains(share);
        if study.contamination.is_empty() || !study.contamination.iter().all(is_share) {
            return Some("contamination is shares from 0 to below 1".to_owned());
        }
        if !is_share(&study.held_out) {
            return Some("held_out is a share from 0 to below 1".to_owned());
        }
        self.fault_of_sides(study)
    }

    /// What is wrong with how a study parts its rows.
    fn fault_of_sides(&self, study: &Study) -> Option<String> {
        let wrong = |words: &str| Some(words.to_owned());
        let has_flows = self.has_flows(study);
        let sources: Vec<&DataSource> = (study.data())
            .filter_map(|name| Some(&self.data(name)?.source))
            .collect();
        if !has_flows && sources.iter().any(|source| source.has_flows()) {
            return wrong("rows of a table and flows have no features in common");
        }
        if study.unit == Unit::Conversation && !has_flows {
            return wrong("rows of a table tell no conversations");
        }
        let Some(rule) = &study.split else {
            return if study.test.is_empty() {
                wrong("it needs data sets to test on, or a split")
            } else if study.duplicates == Duplicates::Drop {
                wrong("duplicates are dropped only where a split parts the rows")
            } else if study.attacks == Attacks::OfOtherTests && study.test.len() < 2 {
                wrong("there are no other tests to learn attacks of")
            } else {
                None
            };
        };
        if !study.test.is_empty() {
            return wrong("it names data sets to test on and a split: which of them?");
        }
        if study.held_out > 0.0 || study.attacks == Attacks::OfOtherTests {
            return wrong("held_out and attacks need data sets to test on, not a split");
        }
        if rule
            .share()
            .is_some_and(|share| !(share > 0.0 && share < 1.0))
        {
            return wrong("the share of rows to train on lies between 0 and 1");
        }
        let all_have =
            |column: fn(&DataSource) -> bool| sources.iter().all(|source| column(source));
        match rule {
            SplitRule::Folds(split) if split.folds < 2 => wrong("it needs two folds at least"),
            SplitRule::Time(_) if !all_have(has_time) => {
                wrong("a table has times only where `time` names their column")
            }
            SplitRule::Group(split) => match split.by {
                GroupKind::Host if !all_have(has_host) => {
                    wrong("a table has hosts only where `host` names their column")
                }
                GroupKind::Conversation if !has_flows => {
                    wrong("rows of a table tell no conversations")
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// What is wrong with a model in a study.
    fn fault_of_model(&self, study: &Study, model: &TableModel) -> Option<String> {
        let name = &model.name;
        if study.contamination.iter().any(|share| *share > 0.0) && model.fit.learns_attacks() {
            // A trivial one that nobody asked for is left out instead.
            let is_asked = self.models_of(study).contains(name);
            return is_asked.then(|| {
                format!("the model {name:?} learns attacks by their labels: none can be mixed in unnoticed")
            });
        }
        let members = match &model.fit {
            Fit::Fusion(fusion) => &*fusion.of,
            _ => &[],
        };
        let mut needed = members
            .iter()
            .filter_map(|member| self.model(member, false));
        if !model.fit.is_built_in() || needed.any(|member| !member.fit.is_built_in()) {
            return Some(format!(
                "the model {name:?} needs an autoencoder, which this build leaves out"
            ));
        }
        if matches!(model.fit, Fit::Detector(_)) && !self.has_flows(study) {
            return Some(format!(
                "the model {name:?} is a detector, which scores flows, not tables"
            ));
        }
        None
    }

    fn fault_of_fusion(&self, model: &TableModel) -> Option<String> {
        let Fit::Fusion(fusion) = &model.fit else {
            return None;
        };
        let name = &model.name;
        if fusion.of.len() < 2 {
            return Some(format!("the model {name:?} needs two members at least"));
        }
        let found = |member: &String| self.defined.iter().find(|other| other.name == *member);
        let mut members = fusion.of.iter();
        let wrong =
            members.find(|member| !found(member).is_some_and(|found| found.fit.is_one_class()))?;
        Some(format!(
            "the model {name:?} has the member {wrong:?}, which is no model that learns from benign rows alone"
        ))
    }
}

/// The first value that stood there before.
fn repeated<T: PartialEq>(values: &[T]) -> Option<&T> {
    (1..values.len())
        .find(|index| values[..*index].contains(&values[*index]))
        .map(|index| &values[index])
}

fn has_time(source: &DataSource) -> bool {
    !matches!(source, DataSource::Table(table) if table.time.is_none())
}

fn has_host(source: &DataSource) -> bool {
    !matches!(source, DataSource::Table(table) if table.host.is_none())
}
