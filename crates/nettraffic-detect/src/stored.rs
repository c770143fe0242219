//! What a bundle holds, and what must hold between its parts.

use std::time::Duration;

use nettraffic_features::{ColumnKind, FeatureSet, Preprocessor};
use nettraffic_flow::FlowConfig;
use nettraffic_models::{AnomalyModel as _, ForestDetector, Threshold};
use serde::{Deserialize, Serialize};

use crate::baseline::{Baseline, Usual};
use crate::model::Model;
use crate::{DetectError, TrainingSummary};

/// The parts of a detector. Each checks itself while it is read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    /// Names of the feature sets, separated by commas.
    pub(crate) feature_sets: String,
    pub(crate) timeouts: Timeouts,
    /// Holds the schema too.
    pub(crate) preprocessor: Preprocessor,
    pub(crate) model: Model,
    pub(crate) threshold: Threshold,
    pub(crate) baseline: Baseline,
    /// Knows labelled attacks apart, beside a model that only knows what is usual.
    pub(crate) known: Option<KnownAttacks>,
    pub(crate) summary: TrainingSummary,
}

/// A forest that was shown labelled attacks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct KnownAttacks {
    pub(crate) forest: ForestDetector,
    /// Above it a flow is an alert even when the other model finds it usual.
    pub(crate) threshold: Threshold,
}

/// Nanoseconds after which flows end: part of what a model learned, so part of its bundle.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Timeouts {
    pub(crate) idle: u64,
    pub(crate) active: u64,
    pub(crate) linger: u64,
}

impl Stored {
    /// The feature sets that it needs, unless its parts do not fit together.
    pub(crate) fn check(&self) -> Result<FeatureSet, DetectError> {
        let unsound = |what: &str| Err(DetectError::Bundle(what.to_owned()));
        let features = FeatureSet::named(&self.feature_sets)
            .map_err(|error| DetectError::Bundle(error.to_string()))?;
        let schema = self.preprocessor.schema();
        let (expected, found) = (schema.fingerprint(), features.schema().fingerprint());
        if expected != found {
            return Err(DetectError::OtherFeatures { expected, found });
        }
        let width = self.preprocessor.columns();
        if self.model.as_anomaly_model().columns() != width {
            return unsound("its model is for another number of columns");
        }
        if (self.known.as_ref()).is_some_and(|known| known.forest.columns() != width) {
            return unsound("its forest is for another number of columns");
        }
        let columns = (schema.columns().iter()).zip(&self.baseline.columns);
        let fits = self.baseline.columns.len() == schema.len()
            && columns
                .into_iter()
                .all(|(column, usual)| usual.fits(&column.kind));
        if !fits {
            return unsound("its baseline does not fit its features");
        }
        Ok(features)
    }
}

impl Usual {
    /// Whether these can be the usual values of a column of that kind.
    fn fits(&self, kind: &ColumnKind) -> bool {
        match (self, kind) {
            (Self::Shares(shares), ColumnKind::Category(names)) => {
                shares.len() == names.len() + 1
                    && shares.iter().all(|share| (0.0..=1.0).contains(share))
            }
            (Self::Shares(_), _) | (_, ColumnKind::Category(_)) => false,
            (Self::Range { low, high }, _) => low.is_finite() && high.is_finite() && low <= high,
        }
    }
}

impl Timeouts {
    pub(crate) fn of(config: &FlowConfig) -> Self {
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        Self {
            idle: nanos(config.idle_timeout),
            active: nanos(config.active_timeout),
            linger: nanos(config.tcp_linger),
        }
    }

    pub(crate) fn config(self) -> FlowConfig {
        FlowConfig::default()
            .with_idle_timeout(Duration::from_nanos(self.idle))
            .with_active_timeout(Duration::from_nanos(self.active))
            .with_tcp_linger(Duration::from_nanos(self.linger))
    }
}
