//! What to compare, as a file states it.

mod check;
mod data;
mod model;
pub(crate) mod number;
mod split;
mod study;
#[cfg(test)]
mod tests;

use std::path::Path;

use serde::Deserialize;

pub use data::{CaptureData, Data, DataSource, ScenarioData, TableData};
pub(crate) use model::is_trivial;
pub use split::{
    EachCapture, FoldsSplit, GroupKind, GroupSplit, SplitRule, StratifiedSplit, TimeSplit,
    UnseenAttackSplit,
};
pub use study::{Attacks, Duplicates, Metric, Study};

use crate::ExperimentError;
use crate::tables::TableModel;

/// A comparison: models on studies, over several seeds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Plan {
    /// Heading of the results.
    pub title: String,
    /// What a reader should know before the numbers.
    #[serde(default)]
    pub note: String,
    /// Every model is fitted once per seed.
    #[serde(default = "default_seeds")]
    pub seeds: Vec<u64>,
    /// False-alarm rates that thresholds are set for, unless a study names its own.
    #[serde(default = "default_rates", deserialize_with = "number::rates")]
    pub rates: Vec<f64>,
    /// Names of the models, in the order of the tables, unless a study names its own; empty for all that
    /// the plan defines, or for those of a detector where it defines none.
    #[serde(default)]
    pub models: Vec<String>,
    /// Names of the feature sets of flows, separated by commas, unless a study names its own; empty
    /// for the default.
    #[serde(default)]
    pub features: String,
    /// What the tables for people show, in their order; data files hold everything.
    #[serde(default = "Metric::usual")]
    pub metrics: Vec<Metric>,
    /// The data sets.
    pub data: Vec<Data>,
    /// Models that the plan defines.
    #[serde(rename = "model", default)]
    pub defined: Vec<TableModel>,
    /// The studies.
    #[serde(rename = "study")]
    pub studies: Vec<Study>,
}

impl Plan {
    /// Reads a plan from TOML.
    ///
    /// # Errors
    /// Where and why the text is no plan.
    pub fn parse(text: &str) -> Result<Self, ExperimentError> {
        let plan: Self =
            toml::from_str(text).map_err(|error| ExperimentError::Plan(error.to_string()))?;
        plan.check()?;
        Ok(plan)
    }

    /// A plan of one study, with the default seeds and a false-alarm rate of 1 %.
    #[must_use]
    pub fn of(title: impl Into<String>, data: Vec<Data>, study: Study) -> Self {
        Self {
            title: title.into(),
            note: String::new(),
            seeds: default_seeds(),
            rates: vec![0.01],
            models: Vec::new(),
            features: String::new(),
            metrics: Metric::usual(),
            data,
            defined: Vec::new(),
            studies: vec![study],
        }
    }

    /// The same plan with every relative path taken from `root`.
    #[must_use]
    pub fn rooted(mut self, root: &Path) -> Self {
        for data in &mut self.data {
            data.source.root(root);
        }
        self
    }

    /// The same plan with these models alone, by their names. Studies that are left without a model
    /// are left out. Gives the names that no study offers.
    #[must_use = "a misspelt name chooses nothing"]
    pub fn choose_models(&mut self, names: &[String]) -> Vec<String> {
        let mut studies = std::mem::take(&mut self.studies);
        for study in &mut studies {
            let own =
                !study.models.is_empty() || !self.models.is_empty() || !self.defined.is_empty();
            let offered = self.models_of(study);
            study.models = (names.iter())
                .filter(|name| !own || offered.contains(name))
                .cloned()
                .collect();
        }
        let unknown = names.iter().filter(|name| {
            let has = |study: &Study| study.models.contains(name);
            !studies.iter().any(has)
        });
        let unknown = unknown.cloned().collect();
        studies.retain(|study| !study.models.is_empty());
        self.studies = studies;
        unknown
    }

    /// The same plan without one of the models that it offers.
    pub fn leave_out(&mut self, model: &str) {
        for at in 0..self.studies.len() {
            let mut models = self.models_of(&self.studies[at]);
            models.retain(|name| name != model);
            self.studies[at].models = models;
        }
    }

    /// The data set of that name.
    pub(crate) fn data(&self, name: &str) -> Option<&Data> {
        self.data.iter().find(|data| data.name == name)
    }
}

fn default_seeds() -> Vec<u64> {
    vec![42, 1, 2, 3, 4]
}

fn default_rates() -> Vec<f64> {
    vec![0.01, 0.05]
}
