//! Which models a study compares.

use nettraffic_detect::ModelKind;

use super::{Plan, Study};
use crate::ExperimentError;
use crate::tables::{DetectorFit, Fit, HistogramFit, SingleFeatureFit, TableModel};

/// The trivial models that stand beside all others.
const HISTOGRAM: &str = "histogram";
const SINGLE_FEATURE: &str = "single-feature";

/// Whether a model stands in tables for scale: others are to be held against it.
pub(crate) fn is_trivial(model: &TableModel) -> bool {
    match &model.fit {
        Fit::Histogram(_) | Fit::SingleFeature(_) => true,
        Fit::Detector(detector) => detector.model == ModelKind::Histogram,
        _ => false,
    }
}

/// A model of a study.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    pub(crate) model: TableModel,
    /// Whether nobody asked for it: it then may be missing where it cannot be fitted.
    pub(crate) is_added: bool,
}

impl Plan {
    /// The names that a study offers without the baselines that are added.
    pub(super) fn models_of(&self, study: &Study) -> Vec<String> {
        if !study.models.is_empty() {
            return study.models.clone();
        }
        if !self.models.is_empty() {
            return self.models.clone();
        }
        if !self.defined.is_empty() {
            return self
                .defined
                .iter()
                .map(|model| model.name.clone())
                .collect();
        }
        ModelKind::ALL
            .into_iter()
            .filter(|kind| cfg!(feature = "autoencoder") || *kind != ModelKind::Autoencoder)
            .map(|kind| kind.name().to_owned())
            .collect()
    }

    /// The models of a study in the order of its table, the trivial ones first where nobody asked for them.
    pub(crate) fn chosen(&self, study: &Study) -> Result<Vec<Chosen>, ExperimentError> {
        let names = self.models_of(study);
        let added = [HISTOGRAM, SINGLE_FEATURE].into_iter();
        let added = added.filter(|name| !names.iter().any(|known| known == name));
        let all = (added.map(|name| (name, true))).chain(names.iter().map(|name| (&**name, false)));
        all.map(|(name, is_added)| {
            let model = self.model(name, self.has_flows(study)).ok_or_else(|| {
                ExperimentError::Plan(format!(
                    "study {:?}: there is no model {name:?}{}",
                    study.name,
                    self.known_models(study)
                ))
            })?;
            Ok(Chosen { model, is_added })
        })
        .collect()
    }

    /// The model of that name: one that the plan defines, else the detector of that name for
    /// flows, else a trivial one.
    pub(crate) fn model(&self, name: &str, has_flows: bool) -> Option<TableModel> {
        if let Some(defined) = self.defined.iter().find(|model| model.name == name) {
            return Some(defined.clone());
        }
        let detector = ModelKind::named(name).filter(|_| has_flows);
        let fit = match (detector, name) {
            (Some(model), _) => Fit::Detector(DetectorFit { model }),
            (None, HISTOGRAM) => Fit::Histogram(HistogramFit::default()),
            (None, SINGLE_FEATURE) => Fit::SingleFeature(SingleFeatureFit::default()),
            _ => return None,
        };
        Some(TableModel::new(name, fit))
    }

    /// Whether the rows of a study are flows with features of ours.
    pub(crate) fn has_flows(&self, study: &Study) -> bool {
        study
            .data()
            .filter_map(|name| self.data(name))
            .all(|data| data.source.has_flows())
    }

    fn known_models(&self, study: &Study) -> String {
        let mut known: Vec<&str> = self.defined.iter().map(|model| &*model.name).collect();
        if self.has_flows(study) {
            known.extend(ModelKind::ALL.map(ModelKind::name));
        }
        known.push(SINGLE_FEATURE);
        format!(", only {}", known.join(", "))
    }
}
