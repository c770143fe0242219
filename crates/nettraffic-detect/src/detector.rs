//! The trained detector.

use std::io::{Read, Write};
use std::time::Duration;

use ndarray::{Array1, ArrayView1, ArrayView2};
use nettraffic_features::{FeatureMatrix, FeatureSet, Preprocessor, Schema};
use nettraffic_flow::{Flow, FlowConfig};
use nettraffic_models::{AnomalyModel, Classifier as _, ForestDetector, RandomForest, Threshold};
use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128 as _, SipHasher24};

use crate::alert::{Alert, AlertId, ClassGuess, Evidence, Verdict};
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
        let forest_width = (stored.known.as_ref()).map_or(width, |known| known.forest.columns());
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

    /// The threshold of the scores, and what it promises. Where known attacks raise alerts too,
    /// each of the two has half of the false alarms that were asked for.
    #[must_use]
    pub fn threshold(&self) -> &Threshold {
        &self.stored.threshold
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
        let known = self.stored.known.as_ref();
        self.stored.threshold.expected_rate()
            + known.map_or(0.0, |known| known.threshold.expected_rate())
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
        let mut prepared = Vec::new();
        for index in 0..flows.len() {
            self.prepare(flows.row(index), &mut prepared)?;
        }
        let rows = (0..flows.len()).map(|index| flows.row(index));
        self.judge_prepared(flows.flows().iter().cloned(), rows, &prepared)
    }

    /// Judges flows whose prepared rows lie one after another.
    pub(crate) fn judge_prepared<'a>(
        &self,
        flows: impl Iterator<Item = Flow>,
        rows: impl Iterator<Item = &'a [f64]>,
        prepared: &[f32],
    ) -> Result<Vec<Verdict>, DetectError> {
        let width = self.stored.preprocessor.columns();
        let count = prepared.len().checked_div(width).unwrap_or(0);
        let view = ArrayView2::from_shape((count, width), prepared).map_err(|_| {
            nettraffic_models::ModelError::Columns {
                expected: width,
                found: prepared.len(),
            }
        })?;
        let scores = self.stored.model.as_anomaly_model().score(view)?;
        let known = match &self.stored.known {
            Some(known) => known
                .forest
                .score(view)?
                .mapv(|p| known.threshold.is_alert(p)),
            None => Array1::from_elem(count, false),
        };
        (flows.zip(rows).zip(view.rows()))
            .zip(scores.iter().zip(known))
            .map(|(((flow, row), prepared), (score, known))| {
                self.verdict(flow, row, prepared, *score, known)
            })
            .collect()
    }

    /// Appends the prepared form of one raw row.
    pub(crate) fn prepare(&self, row: &[f64], prepared: &mut Vec<f32>) -> Result<(), DetectError> {
        Ok(self.stored.preprocessor.apply_row(row, prepared)?)
    }

    /// Puts a score into words when it is an alert.
    fn verdict(
        &self,
        flow: Flow,
        row: &[f64],
        prepared: ArrayView1<'_, f32>,
        score: f32,
        known: bool,
    ) -> Result<Verdict, DetectError> {
        let threshold = &self.stored.threshold;
        let evidence = match (&self.stored.known, threshold.is_alert(score), known) {
            (_, true, _) => Some((Evidence::Unusual, self.stored.model.as_anomaly_model())),
            (Some(known), false, true) => {
                Some((Evidence::Known, &known.forest as &dyn AnomalyModel))
            }
            _ => None,
        };
        let alert = evidence
            .map(|(evidence, model)| self.alert(&flow, row, prepared, score, evidence, model))
            .transpose()?;
        Ok(Verdict {
            flow,
            score,
            threshold: threshold.value(),
            alert,
        })
    }

    fn alert(
        &self,
        flow: &Flow,
        row: &[f64],
        prepared: ArrayView1<'_, f32>,
        score: f32,
        evidence: Evidence,
        model: &dyn AnomalyModel,
    ) -> Result<Alert, DetectError> {
        let stored = &self.stored;
        let contributions = model.contributions(prepared)?;
        Ok(Alert {
            id: self.alert_id(flow),
            evidence,
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
        let forest: &RandomForest = match (&self.stored.known, &self.stored.model) {
            (Some(known), _) => known.forest.forest(),
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
