//! What to compare, as a file states it.

use std::path::{Path, PathBuf};

use nettraffic_detect::ModelKind;
use nettraffic_eval::Unmatched;
use nettraffic_features::FeatureSet;
use serde::Deserialize;

use crate::ExperimentError;
use crate::Unit;
use crate::tables::{TableModel, TableStudy, fault_of_models};

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
    /// Every model is trained once per seed.
    #[serde(default = "default_seeds")]
    pub seeds: Vec<u64>,
    /// Names of the models, in the order of the tables.
    #[serde(default = "default_models")]
    pub models: Vec<String>,
    /// The share of benign flows that may alert; thresholds are set on held-out training flows.
    #[serde(default = "default_rate")]
    pub false_alarm_rate: f64,
    /// Names of the feature sets, separated by commas, unless a study names its own; empty for
    /// the default.
    #[serde(default)]
    pub features: String,
    /// The studies on captures, each with its own training data.
    #[serde(rename = "study", default)]
    pub studies: Vec<Study>,
    /// The studies on tables, which take models and rates of their own.
    #[serde(rename = "table", default)]
    pub tables: Vec<TableStudy>,
    /// Models of the studies on tables.
    #[serde(rename = "model", default)]
    pub table_models: Vec<TableModel>,
}

/// Training data, and the tests that its detectors take.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Study {
    /// Heading of the table.
    pub name: String,
    /// What a reader should know before the numbers.
    #[serde(default)]
    pub note: String,
    /// Benign captures, or folders of them.
    pub benign: Vec<PathBuf>,
    /// Share of the benign captures, drawn by the seed, that no training sees: their flows are
    /// added to every test. 0 when the tests bring benign flows of their own.
    #[serde(default)]
    pub held_out: f64,
    /// Names of the feature sets, separated by commas; those of the plan when empty.
    #[serde(default)]
    pub features: String,
    /// What counts as one row of a test.
    #[serde(default)]
    pub unit: Unit,
    /// The labelled captures to test on.
    #[serde(rename = "test")]
    pub tests: Vec<Test>,
}

/// A labelled capture.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Test {
    /// Name in the table; the capture's file name when empty.
    #[serde(default)]
    pub name: String,
    /// The capture.
    pub capture: PathBuf,
    /// Its label rules.
    pub labels: PathBuf,
    /// What flows are that no rule matches.
    #[serde(default)]
    pub unmatched: Unmatched,
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

    /// A plan of one study with the default models and seeds.
    #[must_use]
    pub fn of(title: impl Into<String>, study: Study) -> Self {
        Self {
            title: title.into(),
            note: String::new(),
            seeds: default_seeds(),
            models: default_models(),
            false_alarm_rate: default_rate(),
            features: String::new(),
            studies: vec![study],
            tables: Vec::new(),
            table_models: Vec::new(),
        }
    }

    /// The same plan with every relative path taken from `root`.
    #[must_use]
    pub fn rooted(mut self, root: &Path) -> Self {
        for study in &mut self.studies {
            for path in &mut study.benign {
                *path = root.join(&*path);
            }
            for test in &mut study.tests {
                test.capture = root.join(&test.capture);
                test.labels = root.join(&test.labels);
            }
        }
        for table in &mut self.tables {
            table.root(root);
        }
        self
    }

    /// How many steps [`run`](crate::run) tells of.
    #[must_use]
    pub fn steps(&self) -> usize {
        let captures = self.studies.len() * (1 + self.seeds.len() * self.models.len());
        let tables = self.tables.iter().map(|study| {
            let models = study.models(&self.table_models).len();
            1 + self.seeds.len() * study.contamination.len() * models
        });
        captures + tables.sum::<usize>()
    }

    /// The same plan with these models alone, by their names. Where studies on tables are left
    /// without a model they are left out.
    pub fn choose_models(&mut self, names: &[String]) {
        let is_of_tables = |name: &&String| self.table_models.iter().any(|m| m.name == **name);
        let (of_tables, others): (Vec<_>, Vec<_>) = names.iter().partition(is_of_tables);
        for table in &mut self.tables {
            let chosen = table.models(&self.table_models).into_iter();
            table.models = (chosen.filter(|name| of_tables.iter().any(|chosen| chosen == name)))
                .map(str::to_owned)
                .collect();
        }
        self.tables.retain(|table| !table.models.is_empty());
        if !others.is_empty() || self.tables.is_empty() {
            self.models = others.into_iter().cloned().collect();
        }
    }

    /// The models by name.
    ///
    /// # Errors
    /// A name that no model has.
    pub(crate) fn models(&self) -> Result<Vec<ModelKind>, ExperimentError> {
        self.models
            .iter()
            .map(|name| {
                ModelKind::named(name).ok_or_else(|| {
                    let known = ModelKind::ALL.map(ModelKind::name).join(", ");
                    ExperimentError::Plan(format!("there is no model {name:?}, only {known}"))
                })
            })
            .collect()
    }

    /// Refuses what cannot be run, or would count twice.
    pub(crate) fn check(&self) -> Result<(), ExperimentError> {
        let wrong = |what: String| Err(ExperimentError::Plan(what));
        self.models()?;
        let nothing = self.studies.is_empty() && self.tables.is_empty();
        if self.seeds.is_empty() || self.models.is_empty() || nothing {
            return wrong("it needs a seed, a model and a study at least".to_owned());
        }
        if let Some(seed) = repeated(&self.seeds) {
            return wrong(format!("the seed {seed} stands there twice"));
        }
        if let Some(model) = repeated(&self.models) {
            return wrong(format!("the model {model:?} stands there twice"));
        }
        if !(self.false_alarm_rate > 0.0 && self.false_alarm_rate < 1.0) {
            return wrong("false_alarm_rate lies between 0 and 1".to_owned());
        }
        for study in &self.studies {
            let wrong = |what: &str| wrong(format!("study {:?}: {what}", study.name));
            if study.benign.is_empty() || study.tests.is_empty() {
                return wrong("it needs a benign capture and a test at least");
            }
            if !(0.0..1.0).contains(&study.held_out) {
                return wrong("held_out is a share from 0 to below 1");
            }
        }
        if let Some(fault) = fault_of_models(&self.table_models) {
            return wrong(fault);
        }
        for table in &self.tables {
            if let Some(fault) = table.fault(&self.table_models) {
                return wrong(format!("table {:?}: {fault}", table.name));
            }
        }
        Ok(())
    }
}

/// The first value that stood there before.
fn repeated<T: PartialEq>(values: &[T]) -> Option<&T> {
    (1..values.len())
        .find(|index| values[..*index].contains(&values[*index]))
        .map(|index| &values[index])
}

impl Study {
    /// The features of its rows, in a plan with those.
    pub(crate) fn feature_set(&self, plan: &Plan) -> Result<FeatureSet, ExperimentError> {
        let names = [&*self.features, &*plan.features];
        match names.into_iter().find(|names| !names.is_empty()) {
            Some(names) => Ok(FeatureSet::named(names)?),
            None => Ok(FeatureSet::default()),
        }
    }

    /// A study that trains on `benign` captures and takes `tests`.
    #[must_use]
    pub fn new(name: impl Into<String>, benign: Vec<PathBuf>, tests: Vec<Test>) -> Self {
        Self {
            name: name.into(),
            note: String::new(),
            benign,
            held_out: 0.0,
            features: String::new(),
            unit: Unit::default(),
            tests,
        }
    }
}

impl Test {
    /// A capture with its label rules; unmatched flows are benign.
    #[must_use]
    pub fn new(capture: PathBuf, labels: PathBuf) -> Self {
        Self {
            name: String::new(),
            capture,
            labels,
            unmatched: Unmatched::Benign,
        }
    }

    /// The name in tables.
    #[must_use]
    pub fn title(&self) -> String {
        if !self.name.is_empty() {
            return self.name.clone();
        }
        self.capture
            .file_stem()
            .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
    }
}

fn default_seeds() -> Vec<u64> {
    vec![42, 1, 2, 3, 4]
}

/// Every model that this build can train.
fn default_models() -> Vec<String> {
    ModelKind::ALL
        .into_iter()
        .filter(|kind| cfg!(feature = "autoencoder") || *kind != ModelKind::Autoencoder)
        .map(|kind| kind.name().to_owned())
        .collect()
}

fn default_rate() -> f64 {
    0.01
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUDY: &str = "[[study]]\nname = 's'\nbenign = ['b.pcap']\n\
        [[study.test]]\ncapture = 'dir/t.pcap'\nlabels = 't.csv'\n";

    #[test]
    fn what_is_not_said_has_a_default() {
        let plan = Plan::parse(&format!("title = 't'\n{STUDY}")).unwrap();
        assert_eq!(plan.seeds, [42, 1, 2, 3, 4]);
        let of = |kind: ModelKind| plan.models.iter().any(|name| name == kind.name());
        assert!(of(ModelKind::KMeans) && of(ModelKind::Forest));
        assert_eq!(of(ModelKind::Autoencoder), cfg!(feature = "autoencoder"));
        let plan = plan.rooted(Path::new("/data"));
        assert_eq!(plan.studies[0].tests[0].title(), "t");
        assert_eq!(plan.studies[0].benign[0], Path::new("/data/b.pcap"));
    }

    #[test]
    fn a_wrong_plan_is_refused_with_the_reason() {
        for (head, expected) in [
            ("seeds = []", "a seed, a model and a study"),
            ("models = []", "a seed, a model and a study"),
            ("seeds = [1, 2, 1]", "the seed 1 stands there twice"),
            (
                "models = ['kmeans', 'kmeans']",
                "the model \"kmeans\" stands",
            ),
            ("false_alarm_rate = 2.0", "between 0 and 1"),
            ("models = ['magic']", "there is no model \"magic\""),
            ("sseeds = [1]", "unknown field `sseeds`"),
        ] {
            let error = Plan::parse(&format!("title = 't'\n{head}\n{STUDY}")).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
        for (from, to, expected) in [
            (
                "name = 's'",
                "name = 's'\nheld_out = 1.0",
                "study \"s\": held_out is",
            ),
            ("['b.pcap']", "[]", "study \"s\": it needs a benign"),
            ("labels = 't.csv'", "", "missing field `labels`"),
            (
                "labels = 't.csv'",
                "labels = 't.csv'\nunmatched = 'attack'",
                "unknown variant",
            ),
        ] {
            let text = format!("title = 't'\n{}", STUDY.replace(from, to));
            let error = Plan::parse(&text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
