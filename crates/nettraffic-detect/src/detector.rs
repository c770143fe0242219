//! The trained detector.

use std::io::{Read, Write};

use nettraffic_capture::DecodeConfig;
use nettraffic_features::{FeatureMatrix, FeatureSet, PrepareError};
use nettraffic_flow::{FlowConfig, TidyConfig};
use nettraffic_models::Threshold;
use serde::{Deserialize, Serialize};

use crate::stored::Stored;
use crate::{DetectError, FlowRows, HeldOutBy, ModelKind, Pace, Provenance, bundle};

/// A trained detector: everything that turns a flow into a verdict.
///
/// Made by [`Training`](crate::Training), kept in a bundle file by [`Detector::save`].
/// It holds no addresses and no payload.
#[derive(Clone, Debug)]
pub struct Detector {
    pub(crate) stored: Stored,
    features: FeatureSet,
    /// A hash of the bundle.
    pub(crate) id: u64,
}

/// What a detector was trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TrainingSummary {
    /// Benign flows that the model was fitted on.
    pub fitted: u64,
    /// Benign flows that were held out for the threshold.
    pub held_out: u64,
    /// What was held out as a whole.
    pub held_out_by: HeldOutBy,
    /// Labelled attack flows, by class in alphabetical order.
    pub attacks: Vec<(String, u64)>,
    /// How fast benign flows came.
    pub pace: Pace,
    /// The seed of all randomness.
    pub seed: u64,
    /// Which rows these were, and by which program.
    pub provenance: Provenance,
}

impl Detector {
    pub(crate) fn new(stored: Stored) -> Result<Self, DetectError> {
        let id = bundle::id_of(&stored)?;
        Self::with_id(stored, id)
    }

    fn with_id(stored: Stored, id: u64) -> Result<Self, DetectError> {
        let features = stored.check()?;
        Ok(Self {
            stored,
            features,
            id,
        })
    }

    /// Writes the detector as a bundle. The same detector gives the same bytes.
    ///
    /// # Errors
    /// Writing failed.
    pub fn save(&self, writer: impl Write) -> Result<(), DetectError> {
        bundle::write(&self.stored, writer)
    }

    /// Reads a bundle that [`Detector::save`] wrote. It takes memory with what is there, at most
    /// 1 GiB, not with what is claimed.
    ///
    /// # Errors
    /// Reading failed; the input is no bundle, a damaged one, or one whose features this
    /// version computes in another way.
    pub fn load(reader: impl Read) -> Result<Self, DetectError> {
        let (stored, id) = bundle::read(reader)?;
        Self::with_id(stored, id)
    }

    /// The feature sets that rows must be made with.
    #[must_use]
    pub fn features(&self) -> &FeatureSet {
        &self.features
    }

    /// The timeouts that flows must be cut with, and the default limits.
    #[must_use]
    pub fn flow_config(&self) -> FlowConfig {
        self.stored.flow_rules.config()
    }

    /// How packets must be decoded.
    #[must_use]
    pub fn decode_config(&self) -> DecodeConfig {
        // Checked when the detector was made.
        let tunnels = self.stored.decode_config().unwrap_or_default();
        self.features.decode_config(tunnels)
    }

    /// How packets must be tidied, as those of the training were; nothing to do where they were not, or where the bundle
    /// does not tell.
    #[must_use]
    pub fn tidy_config(&self) -> TidyConfig {
        self.stored.tidying.config()
    }

    /// A hash of the bundle: two detectors that share it judge alike. Alerts are identified by it too.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Which model scores.
    #[must_use]
    pub fn model(&self) -> ModelKind {
        self.stored.scorer.kind()
    }

    /// The threshold of the scores, and what it promises. Where known attacks raise alerts too,
    /// each of the two has half of the false alarms that were asked for.
    #[must_use]
    pub fn threshold(&self) -> &Threshold {
        &self.stored.threshold
    }

    /// The threshold of looking like a known attack, where known attacks raise alerts beside the score.
    #[must_use]
    pub fn known_attack_threshold(&self) -> Option<&Threshold> {
        self.stored.known.as_ref().map(|known| &known.threshold)
    }

    /// Share of benign flows that was asked for, by the score and by known attacks together.
    #[must_use]
    pub fn asked_false_alarm_rate(&self) -> f64 {
        let known = self.known_attack_threshold();
        self.threshold().asked_rate() + known.map_or(0.0, Threshold::asked_rate)
    }

    /// What the detector was trained on.
    #[must_use]
    pub fn training(&self) -> &TrainingSummary {
        &self.stored.summary
    }

    /// Share of benign flows to expect alerts on, in traffic like that of the training; an upper
    /// bound where both the score and a known attack can raise them.
    #[must_use]
    pub fn expected_false_alarm_rate(&self) -> f64 {
        let known = self.known_attack_threshold();
        let known = known.map_or(0.0, Threshold::expected_rate);
        (self.threshold().expected_rate() + known).min(1.0)
    }

    /// Alerts to expect in a day of benign traffic like that of the training: the expected rate
    /// times the flows of a day. `None` when the training spanned no time.
    #[must_use]
    pub fn expected_alerts_per_day(&self) -> Option<f64> {
        let flows = self.stored.summary.pace.flows_per_day()?;
        Some(self.expected_false_alarm_rate() * flows)
    }

    /// Scores of raw rows, in their order.
    ///
    /// # Errors
    /// Rows of other features.
    pub fn score(&self, rows: &FeatureMatrix) -> Result<Vec<f32>, DetectError> {
        self.check(rows)?;
        Ok(self.stored.scorer.score(rows)?.to_vec())
    }

    /// What each column of a raw row adds to its score, or takes from it where negative. Of several models that are fused, each adds to the score what it has part in.
    ///
    /// # Errors
    /// A row of another length, or with a value that is not finite.
    pub fn contributions(&self, row: &[f64]) -> Result<Vec<f64>, DetectError> {
        let expected = self.stored.schema.len();
        if row.len() != expected {
            let found = row.len();
            return Err(PrepareError::Columns { expected, found }.into());
        }
        self.stored.scorer.contributions(row)
    }

    /// Refuses rows of other features.
    pub(crate) fn check(&self, rows: &FeatureMatrix) -> Result<(), DetectError> {
        let (expected, found) = (&self.stored.schema, rows.schema().as_ref());
        if std::ptr::eq(self.features.schema().as_ref(), found) || expected == found {
            return Ok(());
        }
        Err(DetectError::OtherFeatures {
            expected: expected.fingerprint(),
            found: found.fingerprint(),
        })
    }

    /// Scores of collected flows, in their order.
    ///
    /// # Errors
    /// Rows of other features.
    pub fn scores(&self, flows: &FlowRows) -> Result<Vec<f32>, DetectError> {
        self.score(&flows.all()?)
    }
}
