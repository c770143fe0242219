//! The trained detector.

use std::io::{Read, Write};
use std::time::Duration;

use ndarray::{ArrayView1, ArrayView2};
use nettraffic_features::{FeatureMatrix, FeatureSet, Preprocessor, Schema};
use nettraffic_flow::{Flow, FlowConfig};
use nettraffic_models::{Classifier as _, RandomForest, Threshold};
use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128 as _, SipHasher24};

use crate::alert::{Alert, AlertId, ClassGuess, Verdict};
use crate::baseline::{Baseline, Usual};
use crate::model::Model;
use crate::{DetectError, FlowRows, ModelKind, Pace, bundle, explain};

/// Reasons that an alert carries at most.
const MOST_REASONS: usize = 5;

/// A trained detector: everything that turns a flow into a verdict.
///
/// Made by [`Training`](crate::Training), kept in a bundle file by [`Detector::save`].
/// It holds no addresses and no payload.
#[derive(Clone, Debug)]
pub struct Detector {
    stored: Stored,
    features: FeatureSet,
    id: u64,
}

/// What a bundle holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    /// Names of the feature sets, separated by commas.
    pub(crate) feature_sets: String,
    pub(crate) schema: Schema,
    pub(crate) timeouts: Timeouts,
    pub(crate) preprocessor: Preprocessor,
    pub(crate) model: Model,
    pub(crate) threshold: Threshold,
    pub(crate) baseline: Baseline,
    /// Knows labelled attacks apart; gives an alert its class.
    pub(crate) namer: Option<RandomForest>,
    pub(crate) summary: TrainingSummary,
}

/// Nanoseconds after which flows end: part of what a model learned, so part of its bundle.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Timeouts {
    idle: u64,
    active: u64,
    linger: u64,
}

/// What a detector was trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TrainingSummary {
    /// Benign flows that the model was fitted on.
    pub fitted: u64,
    /// Benign flows that were held out for the threshold.
    pub held_out: u64,
    /// Labelled attack flows, by class in alphabetical order.
    pub attacks: Vec<(String, u64)>,
    /// How fast benign flows came.
    pub pace: Pace,
    /// The seed of all randomness.
    pub seed: u64,
}

impl Detector {
    pub(crate) fn new(stored: Stored) -> Result<Self, DetectError> {
        let unsound = |what: &str| Err(DetectError::Bundle(what.to_owned()));
        let features = FeatureSet::named(&stored.feature_sets)
            .map_err(|error| DetectError::Bundle(error.to_string()))?;
        let (schema, built) = (&stored.schema, features.schema());
        if schema.fingerprint() != built.fingerprint() {
            return Err(DetectError::OtherFeatures {
                expected: built.fingerprint(),
                found: schema.fingerprint(),
            });
        }
        if stored.preprocessor.schema().fingerprint() != schema.fingerprint() {
            return unsound("its preprocessing is for other features");
        }
        let width = stored.preprocessor.columns();
        let forest_width = stored.namer.as_ref().map_or(width, RandomForest::columns);
        if stored.model.as_anomaly_model().columns() != width || forest_width != width {
            return unsound("its model is for another number of columns");
        }
        let fits = stored.baseline.columns.len() == schema.len()
            && schema
                .columns()
                .iter()
                .zip(&stored.baseline.columns)
                .all(|(column, usual)| match (&column.kind, usual) {
                    (nettraffic_features::ColumnKind::Category(names), Usual::Shares(shares)) => {
                        shares.len() == names.len() + 1
                    }
                    (nettraffic_features::ColumnKind::Category(_), Usual::Range { .. }) => false,
                    (_, usual) => matches!(usual, Usual::Range { .. }),
                });
        if !fits || !stored.baseline.is_sound() {
            return unsound("its baseline does not fit its features");
        }
        let hasher = SipHasher24::new();
        hasher.hash(&bundle::encode(&stored)?);
        let id = hasher.finish128().h1;
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

    /// Reads a bundle that [`Detector::save`] wrote.
    ///
    /// # Errors
    /// Reading failed; the input is no bundle, a damaged one, or one whose features this
    /// version computes in another way.
    pub fn load(reader: impl Read) -> Result<Self, DetectError> {
        Self::new(bundle::read(reader)?)
    }

    /// The feature sets that rows must be made with.
    #[must_use]
    pub fn features(&self) -> &FeatureSet {
        &self.features
    }

    /// The timeouts that flows must be cut with, and the default limits.
    #[must_use]
    pub fn flow_config(&self) -> FlowConfig {
        let Timeouts {
            idle,
            active,
            linger,
        } = self.stored.timeouts;
        let mut config = FlowConfig::default();
        config.idle_timeout = Duration::from_nanos(idle);
        config.active_timeout = Duration::from_nanos(active);
        config.tcp_linger = Duration::from_nanos(linger);
        config
    }

    /// Which model scores.
    #[must_use]
    pub fn model(&self) -> ModelKind {
        self.stored.model.kind()
    }

    /// The threshold, and what it promises.
    #[must_use]
    pub fn threshold(&self) -> &Threshold {
        &self.stored.threshold
    }

    /// What the detector was trained on.
    #[must_use]
    pub fn training(&self) -> &TrainingSummary {
        &self.stored.summary
    }

    /// Alerts to expect in a day of benign traffic like that of the training: the threshold's
    /// expected rate times the flows of a day. `None` when the training spanned no time.
    #[must_use]
    pub fn expected_alerts_per_day(&self) -> Option<f64> {
        let flows = self.stored.summary.pace.flows_per_day()?;
        Some(self.stored.threshold.expected_rate() * flows)
    }

    /// Scores of raw rows, in their order.
    ///
    /// # Errors
    /// Rows of other features.
    pub fn score(&self, rows: &FeatureMatrix) -> Result<Vec<f32>, DetectError> {
        let prepared = self.stored.preprocessor.apply(rows)?;
        let model = self.stored.model.as_anomaly_model();
        Ok(model.score(prepared.view())?.to_vec())
    }

    /// Scores of collected flows, in their order.
    ///
    /// # Errors
    /// Rows of other features.
    pub fn scores(&self, flows: &FlowRows) -> Result<Vec<f32>, DetectError> {
        let all: Vec<usize> = (0..flows.len()).collect();
        self.score(&flows.matrix(&all)?)
    }

    /// Judges collected flows, in their order.
    ///
    /// # Errors
    /// Rows of other features.
    pub fn judge(&self, flows: &FlowRows) -> Result<Vec<Verdict>, DetectError> {
        let scores = self.scores(flows)?;
        (flows.flows().iter().zip(scores).enumerate())
            .map(|(index, (flow, score))| self.verdict(flow.clone(), flows.row(index), score))
            .collect()
    }

    /// The scores of prepared rows that lie one after another.
    pub(crate) fn score_prepared(&self, rows: &[f32]) -> Result<Vec<f32>, DetectError> {
        let width = self.stored.preprocessor.columns();
        let count = rows.len().checked_div(width).unwrap_or(0);
        let view =
            ArrayView2::from_shape((count, width), &rows[..count * width]).map_err(|_| {
                nettraffic_models::ModelError::Columns {
                    expected: width,
                    found: rows.len(),
                }
            })?;
        let scores = self.stored.model.as_anomaly_model().score(view)?;
        Ok(scores.to_vec())
    }

    /// Appends the prepared form of one raw row.
    pub(crate) fn prepare(&self, row: &[f64], prepared: &mut Vec<f32>) -> Result<(), DetectError> {
        Ok(self.stored.preprocessor.apply_row(row, prepared)?)
    }

    /// Puts a score into words when it is an alert.
    pub(crate) fn verdict(
        &self,
        flow: Flow,
        row: &[f64],
        score: f32,
    ) -> Result<Verdict, DetectError> {
        let threshold = &self.stored.threshold;
        let alert = if threshold.is_alert(score) {
            Some(self.alert(&flow, row, score)?)
        } else {
            None
        };
        Ok(Verdict {
            flow,
            score,
            threshold: threshold.value(),
            alert,
        })
    }

    fn alert(&self, flow: &Flow, row: &[f64], score: f32) -> Result<Alert, DetectError> {
        let stored = &self.stored;
        let mut prepared = Vec::new();
        self.prepare(row, &mut prepared)?;
        let prepared = ArrayView1::from(&prepared);
        let model = stored.model.as_anomaly_model();
        let contributions = model.contributions(prepared)?;
        Ok(Alert {
            id: self.alert_id(flow),
            p_value: stored.threshold.p_value(score),
            class: self.class(prepared)?,
            reasons: explain::reasons(
                &stored.schema,
                &stored.preprocessor,
                &stored.baseline,
                row,
                &contributions.to_vec(),
                MOST_REASONS,
            ),
        })
    }

    /// The most probable attack class, when it is more probable than benign.
    fn class(&self, row: ArrayView1<'_, f32>) -> Result<Option<ClassGuess>, DetectError> {
        let forest = match (&self.stored.namer, &self.stored.model) {
            (Some(namer), _) => namer,
            (None, Model::Forest(model)) => model.forest(),
            (None, _) => return Ok(None),
        };
        let rows = row.insert_axis(ndarray::Axis(0));
        let probabilities = forest.probabilities(rows)?;
        let best = forest
            .classes()
            .iter()
            .zip(probabilities.row(0))
            .reduce(|best, next| if next.1 > best.1 { next } else { best });
        Ok(best
            .filter(|(name, _)| *name != crate::BENIGN)
            .map(|(name, probability)| ClassGuess {
                name: name.clone(),
                probability: *probability,
            }))
    }

    fn alert_id(&self, flow: &Flow) -> AlertId {
        let hasher = SipHasher24::new();
        hasher.hash(&self.id.to_le_bytes());
        hasher.hash(&flow.uid().0.to_le_bytes());
        AlertId(hasher.finish128().h1)
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
}
