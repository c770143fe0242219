//! From flows to a detector.

use std::collections::{BTreeMap, BTreeSet};

use nettraffic_eval::group_split;
use nettraffic_features::{FeatureMatrix, PreparedMatrix, Preprocessor, Scale};
use nettraffic_flow::{Flow, FlowConfig};
use nettraffic_models::{
    AnomalyModel, ClassWeight, ForestDetector, KMeans, RandomForest, Threshold,
};

use crate::baseline::Baseline;
use crate::detector::{KnownAttacks, Stored, Timeouts};
use crate::model::Model;
use crate::{BENIGN, DetectError, Detector, FalseAlarmGoal, FlowRows, ModelKind, Pace};

/// Share of the benign flows that is held out of fitting, for the threshold.
const HELD_OUT: f64 = 0.2;
/// From this many captures on, whole ones are held out.
const MANY_CAPTURES: usize = 10;
/// Fewer benign flows say too little about what is usual.
const LEAST_FLOWS: usize = 50;

/// How a detector is trained.
///
/// Of the benign flows four fifths fit the preprocessing and the model, the rest sets the
/// threshold. They are split by capture when there are ten or more, else by conversation (two
/// hosts and the service that they use): flows that belong together resemble each other, and a
/// threshold that was set on near copies of training flows would promise too much.
#[derive(Clone, Debug)]
pub struct Training {
    model: ModelKind,
    seed: u64,
    goal: FalseAlarmGoal,
    flow: FlowConfig,
}

/// Flows of which it is known what they are.
#[derive(Clone, Copy, Debug)]
pub struct Labelled<'a> {
    /// The flows.
    pub flows: &'a FlowRows,
    /// The class of each flow, in their order: [`BENIGN`] or the name of an attack.
    pub classes: &'a [String],
}

impl Training {
    /// Training of one model with seed 42, for 10 false alarms a day.
    #[must_use]
    pub fn new(model: ModelKind) -> Self {
        Self {
            model,
            seed: 42,
            goal: FalseAlarmGoal::default(),
            flow: FlowConfig::default(),
        }
    }

    /// With another seed.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// With another goal for false alarms.
    #[must_use]
    pub fn goal(mut self, goal: FalseAlarmGoal) -> Self {
        self.goal = goal;
        self
    }

    /// States the timeouts with which the training flows were cut, when not the default ones.
    #[must_use]
    pub fn flow_config(mut self, flow: FlowConfig) -> Self {
        self.flow = flow;
        self
    }

    /// Trains on benign flows and, where there are any, on labelled ones.
    ///
    /// Labelled flows are for the forest, which learns to tell the attacks from benign flows.
    /// Beside another model it gives alerts their class, and raises alerts of its own on flows
    /// that look like a known attack: then each of the two has half of the false alarms.
    ///
    /// # Errors
    /// Too few benign flows; a goal out of range, or in alerts a day when the flows span no time;
    /// a forest without attacks; what the model itself refuses.
    pub fn fit(
        &self,
        benign: &FlowRows,
        labelled: Option<Labelled<'_>>,
    ) -> Result<Detector, DetectError> {
        self.check(benign, labelled)?;
        let pace = Pace::of(
            benign.flows().iter().map(|flow| flow.first),
            self.flow.idle_timeout,
        );
        let rate = self.goal.rate(pace).ok_or(DetectError::NoTime)?;

        let split = group_split(&groups(benign), 1.0 - HELD_OUT, self.seed)?;
        let raw = benign.matrix(&split.train)?;
        let preprocessor = Preprocessor::params().scale(Scale::MinMax).fit(&raw)?;
        let usual = preprocessor.apply(&raw)?;
        let forest = labelled
            .map(|labelled| self.forest(&raw, labelled, &preprocessor))
            .transpose()?;
        let held_out = preprocessor.apply(&benign.matrix(&split.test)?)?;
        let threshold = |model: &dyn AnomalyModel, rate: f64| {
            let scores = model.score(held_out.view())?;
            Threshold::at_rate(&scores.to_vec(), rate)
        };

        let (model, known) = match (self.model, forest) {
            (ModelKind::KMeans, forest) => (Model::KMeans(self.kmeans(&usual)?), forest),
            (ModelKind::Autoencoder, forest) => (self.autoencoder(&usual)?, forest),
            (ModelKind::Forest, Some(forest)) => (Model::Forest(forest), None),
            (ModelKind::Forest, None) => {
                return Err(DetectError::NeedsLabels {
                    model: ModelKind::Forest.name(),
                });
            }
        };
        let rate = if known.is_some() { rate / 2.0 } else { rate };
        let known = known
            .map(|forest| {
                let threshold = threshold(&forest, rate)?;
                Ok::<_, DetectError>(KnownAttacks { forest, threshold })
            })
            .transpose()?;
        let threshold = threshold(model.as_anomaly_model(), rate)?;
        Detector::new(Stored {
            feature_sets: benign.features().name().to_owned(),
            schema: (*benign.features().schema()).clone(),
            timeouts: Timeouts::of(&self.flow),
            baseline: Baseline::of(&raw),
            preprocessor,
            model,
            threshold,
            known,
            summary: crate::TrainingSummary {
                fitted: split.train.len() as u64,
                held_out: split.test.len() as u64,
                attacks: labelled.map(count_attacks).unwrap_or_default(),
                pace,
                seed: self.seed,
            },
        })
    }

    fn check(&self, benign: &FlowRows, labelled: Option<Labelled<'_>>) -> Result<(), DetectError> {
        if !self.goal.is_sound() {
            return Err(DetectError::Goal);
        }
        if benign.len() < LEAST_FLOWS {
            return Err(DetectError::TooFewFlows {
                needed: LEAST_FLOWS,
                found: benign.len(),
            });
        }
        match labelled {
            Some(labelled) if labelled.classes.len() != labelled.flows.len() => {
                Err(DetectError::Labels {
                    labels: labelled.classes.len(),
                    flows: labelled.flows.len(),
                })
            }
            _ => Ok(()),
        }
    }

    fn kmeans(&self, rows: &PreparedMatrix) -> Result<KMeans, DetectError> {
        Ok(KMeans::params(8.min(rows.rows()))
            .seed(self.seed)
            .fit(rows)?)
    }

    #[cfg(feature = "autoencoder")]
    fn autoencoder(&self, rows: &PreparedMatrix) -> Result<Model, DetectError> {
        let model = nettraffic_models::Autoencoder::params()
            .seed(self.seed)
            .fit(rows)?;
        Ok(Model::Autoencoder(model))
    }

    #[cfg(not(feature = "autoencoder"))]
    #[expect(
        clippy::unused_self,
        reason = "the other build of this function trains"
    )]
    fn autoencoder(&self, _: &PreparedMatrix) -> Result<Model, DetectError> {
        Err(DetectError::NotCompiled {
            model: ModelKind::Autoencoder.name(),
            feature: "autoencoder",
        })
    }

    /// A forest that knows benign flows and each class of attack apart.
    fn forest(
        &self,
        benign: &FeatureMatrix,
        labelled: Labelled<'_>,
        preprocessor: &Preprocessor,
    ) -> Result<ForestDetector, DetectError> {
        let classes: Vec<String> = std::iter::once(BENIGN.to_owned())
            .chain(count_attacks(labelled).into_iter().map(|(name, _)| name))
            .collect();
        let mut rows = Vec::new();
        let mut labels = vec![0; benign.rows()];
        for row in benign.view().rows() {
            preprocessor.apply_row(&row.to_vec(), &mut rows)?;
        }
        for (index, class) in labelled.classes.iter().enumerate() {
            preprocessor.apply_row(labelled.flows.row(index), &mut rows)?;
            labels.push(classes.iter().position(|c| c == class).unwrap_or(0));
        }
        let values = ndarray::Array2::from_shape_vec((labels.len(), preprocessor.columns()), rows)
            .map_err(|_| DetectError::Labels {
                labels: labels.len(),
                flows: benign.rows() + labelled.flows.len(),
            })?;
        let forest = RandomForest::params()
            .min_leaf(5)
            .class_weight(ClassWeight::Balanced)
            .seed(self.seed)
            .fit(&PreparedMatrix::new(values)?, &labels, &classes)?;
        Ok(forest.into_anomaly_model(BENIGN)?)
    }
}

/// Names of the attacks with the number of their flows, in alphabetical order.
fn count_attacks(labelled: Labelled<'_>) -> Vec<(String, u64)> {
    let mut counts = BTreeMap::new();
    for class in labelled.classes.iter().filter(|class| *class != BENIGN) {
        *counts.entry(class.clone()).or_insert(0) += 1;
    }
    counts.into_iter().collect()
}

/// For each flow a number that it shares with those that must not be parted from it.
fn groups(benign: &FlowRows) -> Vec<u64> {
    let captures: BTreeSet<u32> = benign.origins().iter().copied().collect();
    if captures.len() >= MANY_CAPTURES {
        benign.origins().iter().copied().map(u64::from).collect()
    } else {
        benign.flows().iter().map(conversation).collect()
    }
}

/// A number that flows between the same hosts to the same service share.
fn conversation(flow: &Flow) -> u64 {
    use std::hash::{Hash as _, Hasher as _};
    let key = &flow.key;
    let mut hasher = siphasher::sip::SipHasher13::new();
    (
        key.initiator,
        key.responder,
        key.responder_port,
        key.protocol,
    )
        .hash(&mut hasher);
    hasher.finish()
}
