//! A study on a table, as a plan states it.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Fit, TableModel};

/// A table to compare models on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TableStudy {
    /// Heading of the table.
    pub name: String,
    /// What a reader should know before the numbers.
    #[serde(default)]
    pub note: String,
    /// The table to train on.
    pub train: PathBuf,
    /// The table to test on; without one, half of the other is tested on.
    pub test: Option<PathBuf>,
    /// What becomes of rows with equal features in a table that is halved.
    #[serde(default)]
    pub duplicates: Duplicates,
    /// Names of the models, in the order of the table; empty for all of the plan.
    #[serde(default)]
    pub models: Vec<String>,
    /// False-alarm rates that thresholds are set for.
    #[serde(default = "default_rates")]
    pub rates: Vec<f64>,
    /// Shares of attacks that are mixed unnoticed into the benign training rows: every model is
    /// trained with each of them.
    #[serde(default = "no_contamination")]
    pub contamination: Vec<f64>,
}

/// What becomes of rows with equal features.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Duplicates {
    /// All of them stay.
    #[default]
    Keep,
    /// Only the first stays, before the table is halved.
    Drop,
}

impl TableStudy {
    pub(crate) fn root(&mut self, root: &Path) {
        self.train = root.join(&self.train);
        self.test = self.test.take().map(|test| root.join(test));
    }

    /// The files that are read.
    pub fn files(&self) -> impl Iterator<Item = &PathBuf> {
        std::iter::once(&self.train).chain(&self.test)
    }

    /// Names of the models in the order of the table.
    pub(crate) fn models<'a>(&'a self, all: &'a [TableModel]) -> Vec<&'a str> {
        if self.models.is_empty() {
            return all.iter().map(|model| model.name.as_str()).collect();
        }
        self.models.iter().map(String::as_str).collect()
    }

    /// What cannot be run, or would count twice.
    pub(crate) fn fault(&self, all: &[TableModel]) -> Option<String> {
        let models = self.models(all);
        let is_share = |share: &f64| (0.0..1.0).contains(share);
        let is_rate = |rate: &f64| *rate > 0.0 && *rate < 1.0;
        if models.is_empty() || self.rates.is_empty() || self.contamination.is_empty() {
            return Some("it needs a model, a rate and a contamination at least".to_owned());
        }
        if !self.rates.iter().all(is_rate) {
            return Some("rates lie between 0 and 1".to_owned());
        }
        if !self.contamination.iter().all(is_share) {
            return Some("contamination is shares from 0 to below 1".to_owned());
        }
        if self.duplicates == Duplicates::Drop && self.test.is_some() {
            return Some("duplicates are dropped from a table that is halved only".to_owned());
        }
        for (index, name) in models.iter().enumerate() {
            if models[..index].contains(name) {
                return Some(format!("the model {name:?} stands there twice"));
            }
            let Some(model) = all.iter().find(|model| model.name == *name) else {
                return Some(format!("there is no model {name:?}"));
            };
            let learns_attacks = matches!(model.fit, Fit::Forest(_));
            if learns_attacks && self.contamination.iter().any(|share| *share > 0.0) {
                return Some(format!(
                    "the model {name:?} learns attacks by their labels: none can be mixed in unnoticed"
                ));
            }
        }
        None
    }

    /// The first of its models that this build cannot fit.
    pub(crate) fn left_out<'a>(&'a self, all: &'a [TableModel]) -> Option<&'a str> {
        let named = |name: &str| all.iter().find(|model| model.name == name);
        let is_built_in = |name: &str| named(name).is_none_or(|model| model.fit.is_built_in());
        let models = self.models(all).into_iter();
        let mut left_out = models.filter(|name| match named(name).map(|model| &model.fit) {
            Some(Fit::Fusion(fusion)) => !fusion.of.iter().all(|member| is_built_in(member)),
            _ => !is_built_in(name),
        });
        left_out.next()
    }
}

/// What is wrong with the models of a plan.
pub(crate) fn fault_of_models(models: &[TableModel]) -> Option<String> {
    for (index, model) in models.iter().enumerate() {
        let name = &model.name;
        if models[..index].iter().any(|other| other.name == *name) {
            return Some(format!("the model {name:?} is defined twice"));
        }
        let Fit::Fusion(fusion) = &model.fit else {
            continue;
        };
        if fusion.of.len() < 2 {
            return Some(format!("the model {name:?} needs two members at least"));
        }
        for member in &fusion.of {
            let found = models.iter().find(|other| other.name == *member);
            if !found.is_some_and(|found| found.fit.is_one_class()) {
                return Some(format!(
                    "the model {name:?} has the member {member:?}, which is no model that learns from \
                     benign rows alone"
                ));
            }
        }
    }
    None
}

fn default_rates() -> Vec<f64> {
    vec![0.01, 0.05]
}

fn no_contamination() -> Vec<f64> {
    vec![0.0]
}

#[cfg(test)]
mod tests {
    use crate::Plan;

    const PLAN: &str = "title = 't'\n\
        [[model]]\nname = 'near'\nfit.kmeans = {}\n\
        [[model]]\nname = 'trees'\nfit.isolation = {}\n\
        [[model]]\nname = 'both'\nfit.fusion = { of = ['near', 'trees'] }\n\
        [[model]]\nname = 'forest'\nfit.forest = {}\n\
        [[table]]\nname = 'one'\ntrain = 'a.csv'\n";

    #[test]
    fn what_is_not_said_has_a_default() -> Result<(), crate::ExperimentError> {
        let plan = Plan::parse(PLAN)?.rooted("/data".as_ref());
        let study = &plan.tables[0];
        assert_eq!(
            study.models(&plan.table_models),
            ["near", "trees", "both", "forest"]
        );
        assert_eq!(
            (&study.rates[..], &study.contamination[..]),
            (&[0.01, 0.05][..], &[0.0][..])
        );
        assert_eq!(study.train, std::path::Path::new("/data/a.csv"));
        assert_eq!(plan.steps(), 1 + 5 * 4);
        Ok(())
    }

    #[test]
    fn models_can_be_chosen_by_name() -> Result<(), crate::ExperimentError> {
        let mut plan = Plan::parse(&format!(
            "{PLAN}[[table]]\nname = 'two'\ntrain = 'a.csv'\nmodels = ['near']"
        ))?;
        plan.choose_models(&["forest".to_owned(), "near".to_owned()]);
        let models: Vec<_> = plan
            .tables
            .iter()
            .map(|study| study.models.clone())
            .collect();
        assert_eq!(models, [vec!["near", "forest"], vec!["near"]]);
        plan.choose_models(&["forest".to_owned()]);
        assert_eq!(plan.tables.len(), 1);
        plan.choose_models(&["magic".to_owned()]);
        assert!(plan.check().is_err());
        Ok(())
    }

    #[test]
    fn a_wrong_study_is_refused_with_the_reason() {
        for (more, expected) in [
            (
                "models = ['near', 'near']",
                "table \"one\": the model \"near\" stands there twice",
            ),
            (
                "models = ['far']",
                "table \"one\": there is no model \"far\"",
            ),
            ("rates = []", "it needs a model, a rate"),
            ("rates = [0.0]", "rates lie between"),
            ("contamination = [1.0]", "shares from 0"),
            (
                "contamination = [0.1]",
                "\"forest\" learns attacks by their labels",
            ),
            ("test = 'b.csv'\nduplicates = 'drop'", "halved only"),
            ("duplicates = 'merge'", "line 17"),
            ("halves = 2", "line 17"),
            (
                "[[model]]\nname = 'near'\nfit.forest = {}",
                "\"near\" is defined twice",
            ),
            (
                "[[model]]\nname = 'f'\nfit.fusion = { of = ['near'] }",
                "needs two members",
            ),
            (
                "[[model]]\nname = 'f'\nfit.fusion = { of = ['near', 'forest'] }",
                "the member \"forest\", which is no model",
            ),
        ] {
            let error = Plan::parse(&format!("{PLAN}{more}\n"));
            let error = error.map(|plan| plan.title).unwrap_err().to_string();
            assert!(error.contains(expected), "{more}: {error}");
        }
    }

    #[test]
    fn an_autoencoder_needs_a_build_with_it() -> Result<(), crate::ExperimentError> {
        for (model, is_needed) in [
            ("net", true),
            ("with", true),
            ("both", false),
            ("forest", false),
        ] {
            let net = "[[model]]\nname = 'net'\nfit.autoencoder = {}\n\
                [[model]]\nname = 'with'\nfit.fusion = { of = ['near', 'net'] }\n";
            let plan = Plan::parse(&format!("{PLAN}models = ['{model}']\n{net}"))?;
            let left_out = plan.tables[0].left_out(&plan.table_models);
            let expected = is_needed && !cfg!(feature = "autoencoder");
            assert_eq!(left_out.is_some(), expected, "{model}");
        }
        Ok(())
    }
}
