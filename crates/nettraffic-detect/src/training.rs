//! From flows to a detector.

use std::collections::BTreeMap;

use ndarray::{Array2, Axis, concatenate};
use nettraffic_capture::DecodeConfig;
use nettraffic_features::{FeatureMatrix, PreparedMatrix, Preprocessor, Scale};
use nettraffic_flow::{FlowConfig, TidyConfig};
use nettraffic_models::{ClassWeight, ModelError, RandomForest, Threshold};

use crate::baseline::Baseline;
use crate::held_out::hold_out;
use crate::model::Model;
use crate::recipe::ingredients;
use crate::scorer::{Member, Scorer, fusion, member_scores, scores_as_if_fresh};
use crate::stored::{FlowRules, KnownAttacks, Stored, TidyRules};
use crate::{
    BENIGN, DetectError, Detector, FalseAlarmGoal, FlowRows, ModelKind, Pace, Provenance,
    TrainingSummary,
};

/// Fewer benign flows say too little about what is usual.
const LEAST_FLOWS: usize = 50;

/// How a detector is trained.
///
/// The threshold is set on scores of benign flows that the scoring model was not fitted on. With
/// fewer than 20,000 flows every fifth of them is held out in turn, and the detector itself is
/// fitted on all (the scores then come from five models much like it); with more, one fifth is held
/// out for good. Flows are parted by capture when there are ten or more, else by conversation (two
/// hosts and the service that they use), and by flow only when one conversation outweighs all
/// others; [`TrainingSummary::held_out_by`] tells.
#[derive(Clone, Debug)]
pub struct Training {
    model: ModelKind,
    seed: u64,
    goal: FalseAlarmGoal,
    is_resolvable: bool,
    flow: FlowConfig,
    decode: DecodeConfig,
    tidy: TidyConfig,
}

/// Flows of which it is known what they are.
#[derive(Clone, Copy, Debug)]
pub struct Labelled<'a> {
    /// The flows. Benign ones must not be among those that are given to be held out: the forest
    /// would have seen what its threshold is set on.
    pub flows: &'a FlowRows,
    /// The class of each flow, in their order: [`BENIGN`] or the name of an attack.
    pub classes: &'a [String],
}

/// What is fitted on rows alone, before there is a threshold.
struct Fitted {
    members: Vec<Member>,
    known: Option<Member>,
}

/// Scores of benign flows by models that were fitted without them.
#[derive(Default)]
struct HeldOutScores {
    by_member: Vec<Array2<f32>>,
    by_known: Vec<f32>,
}

impl HeldOutScores {
    fn extend(&mut self, fitted: &Fitted, held_out: &FeatureMatrix) -> Result<(), DetectError> {
        let scores = member_scores(&fitted.members, held_out)?;
        self.by_member.push(scores);
        if let Some(known) = &fitted.known {
            self.by_known.extend(known.score(held_out)?);
        }
        Ok(())
    }

    /// The scores of the members, shape `(rows, members)`.
    fn of_members(&self) -> Result<Array2<f32>, ModelError> {
        let parts: Vec<_> = self.by_member.iter().map(Array2::view).collect();
        concatenate(Axis(0), &parts).map_err(|_| ModelError::TooFewRows {
            what: "a threshold",
            needed: 1,
            found: 0,
        })
    }
}

impl Training {
    /// Training of one model with seed 42, for 10 false alarms a day.
    #[must_use]
    pub fn new(model: ModelKind) -> Self {
        Self {
            model,
            seed: 42,
            goal: FalseAlarmGoal::default(),
            is_resolvable: false,
            flow: FlowConfig::default(),
            decode: DecodeConfig::default(),
            tidy: TidyConfig::default(),
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

    /// With no fewer false alarms than the training flows can show: where the goal asks for less, one among the flows that
    /// are held out takes its place. A threshold beyond all of their scores, where their tail points to, would miss
    /// attacks.
    #[must_use]
    pub fn resolvable(mut self) -> Self {
        self.is_resolvable = true;
        self
    }

    /// States the timeouts with which the training flows were cut, when not the default ones.
    #[must_use]
    pub fn flow_config(mut self, flow: FlowConfig) -> Self {
        self.flow = flow;
        self
    }

    /// States how the packets of the training flows were decoded, when not in the default way.
    #[must_use]
    pub fn decode_config(mut self, decode: DecodeConfig) -> Self {
        self.decode = decode;
        self
    }

    /// States how the packets of the training flows were tidied, when they were.
    #[must_use]
    pub fn tidy_config(mut self, tidy: TidyConfig) -> Self {
        self.tidy = tidy;
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
    /// a forest without attacks; labels that do not fit the labelled flows, or labelled flows with
    /// other features; what the model itself refuses.
    pub fn fit(
        &self,
        benign: &FlowRows,
        labelled: Option<Labelled<'_>>,
    ) -> Result<Detector, DetectError> {
        self.check(benign, labelled)?;
        let pace = Pace::of(
            benign.flows().iter().map(|flow| flow.first),
            self.flow.idle_timeouts.longest(),
        );
        let rate = self.goal.rate(pace).ok_or(DetectError::NoTime)?;

        let (splits, held_out_by) = hold_out(benign, self.seed)?;
        let mut scores = HeldOutScores::default();
        let mut fitted = None;
        for split in &splits {
            let part = self.fit_on(benign, &benign.matrix(&split.train)?, labelled)?;
            scores.extend(&part, &benign.matrix(&split.test)?)?;
            fitted = Some((part, split.train.clone()));
        }
        // What was fitted on a part has served to set the threshold; all flows make the detector.
        let (fitted, fitted_on) = match (fitted, splits.len()) {
            (Some(once), 1) => once,
            _ => {
                let all: Vec<usize> = (0..benign.len()).collect();
                let rows = benign.matrix(&all)?;
                (self.fit_on(benign, &rows, labelled)?, all)
            }
        };

        let rate = if fitted.known.is_some() {
            rate / 2.0
        } else {
            rate
        };
        let held_out = scores.of_members()?;
        let rate = match self.is_resolvable {
            true => rate.max(1.001 / (held_out.nrows() as f64 + 1.0)),
            false => rate,
        };
        let scorer = Scorer {
            members: fitted.members,
            fusion: fusion(held_out.view())?,
        };
        let threshold = Threshold::beyond(&scores_as_if_fresh(held_out.view())?, rate)?;
        let known = fitted
            .known
            .map(|forest| {
                let threshold = Threshold::beyond(&scores.by_known, rate)?;
                Ok::<_, ModelError>(KnownAttacks { forest, threshold })
            })
            .transpose()?;
        Detector::new(Stored {
            feature_sets: benign.features().name().to_owned(),
            flow_rules: FlowRules::of(&self.flow),
            tunnels: self.decode.tunnels.to_string(),
            tidying: TidyRules::of(&self.tidy),
            schema: benign.features().schema().as_ref().clone(),
            baseline: Baseline::of(&benign.matrix(&fitted_on)?),
            scorer,
            threshold,
            known,
            summary: TrainingSummary {
                fitted: fitted_on.len() as u64,
                held_out: held_out.nrows() as u64,
                held_out_by,
                attacks: labelled.map(count_attacks).unwrap_or_default(),
                pace,
                seed: self.seed,
                provenance: Provenance::of(benign, labelled),
            },
        })
    }

    /// Models from these rows of benign flows, and labelled flows where there are any.
    fn fit_on(
        &self,
        benign: &FlowRows,
        rows: &FeatureMatrix,
        labelled: Option<Labelled<'_>>,
    ) -> Result<Fitted, DetectError> {
        let mut members = ingredients(self.model)
            .iter()
            .map(|ingredient| Member::fit(ingredient, benign.features(), rows, self.seed))
            .collect::<Result<Vec<_>, _>>()?;
        let mut known = labelled
            .filter(|labelled| !count_attacks(*labelled).is_empty())
            .map(|labelled| self.forest(rows, labelled))
            .transpose()?;
        if members.is_empty() {
            members.extend(known.take());
        }
        if members.is_empty() {
            return Err(DetectError::NeedsLabels {
                model: self.model.name(),
            });
        }
        Ok(Fitted { members, known })
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

    /// A forest that knows benign flows and each class of attack apart.
    fn forest(
        &self,
        benign: &FeatureMatrix,
        labelled: Labelled<'_>,
    ) -> Result<Member, DetectError> {
        let preprocessor = Preprocessor::params().scale(Scale::MinMax).fit(benign)?;
        let usual = preprocessor.apply(benign)?;
        let classes: Vec<String> = std::iter::once(BENIGN.to_owned())
            .chain(count_attacks(labelled).into_iter().map(|(name, _)| name))
            .collect();
        let known = preprocessor.apply(&labelled.flows.all()?)?;
        let rows = concatenate(Axis(0), &[usual.view(), known.view()]).map_err(|_| {
            ModelError::Columns {
                expected: usual.columns(),
                found: known.columns(),
            }
        })?;
        let class_of = |name: &String| classes.iter().position(|class| class == name);
        let labels: Vec<usize> = std::iter::repeat_n(0, usual.rows())
            .chain(labelled.classes.iter().filter_map(class_of))
            .collect();
        let forest = RandomForest::params()
            .min_leaf(5)
            .class_weight(ClassWeight::Balanced)
            .seed(self.seed)
            .fit(&PreparedMatrix::new(rows)?, &labels, &classes)?;
        let model = Model::Forest(forest.into_anomaly_model(BENIGN)?);
        Ok(Member::whole(preprocessor, model))
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

#[cfg(test)]
mod tests;
