//! From flows to a detector.

use std::collections::BTreeMap;

use ndarray::{Array2, Axis, concatenate};
use nettraffic_capture::DecodeConfig;
use nettraffic_features::{FeatureMatrix, PreparedMatrix, Preprocessor, Scale};
use nettraffic_flow::FlowConfig;
use nettraffic_models::{ClassWeight, ModelError, RandomForest, Threshold};

use crate::baseline::Baseline;
use crate::held_out::hold_out;
use crate::model::Model;
use crate::recipe::ingredients;
use crate::scorer::{Member, Scorer, fusion, member_scores, scores_as_if_fresh};
use crate::stored::{FlowRules, KnownAttacks, Stored};
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
mod tests {
    use super::*;
    use crate::testing::{
        attacked, classes, fit_with_attacks, forest, office, rows, rows_with, saved, training,
    };
    use nettraffic_features::FeatureSet;

    fn check(
        training: &Training,
        benign: &FlowRows,
        labelled: Option<(&FlowRows, &[String])>,
        expected: &str,
    ) {
        let labelled = labelled.map(|(flows, classes)| Labelled { flows, classes });
        let error = training.fit(benign, labelled).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }

    #[test]
    fn a_goal_finer_than_the_flows_can_show_is_raised_on_request_and_no_further() {
        let benign = rows(&office(1));
        for (goal, is_raised) in [(1e-7, true), (0.05, false)] {
            let training = Training::new(ModelKind::KMeans).goal(FalseAlarmGoal::Rate(goal));
            let as_asked = training.fit(&benign, None).unwrap();
            assert_eq!(as_asked.threshold().is_resolvable(), !is_raised);
            let raised = training.resolvable().fit(&benign, None).unwrap();
            assert!(raised.threshold().is_resolvable());
            let (before, after) = (as_asked.threshold().value(), raised.threshold().value());
            assert_eq!(after < before, is_raised, "{goal}: {before} {after}");
            assert!(after <= before);
        }
    }

    #[test]
    fn what_cannot_be_learned_from_is_refused_with_the_reason() {
        let benign = rows(&office(1));
        let few: Vec<usize> = (0..49).collect();
        let kmeans = |goal| Training::new(ModelKind::KMeans).goal(goal);
        let rate = || kmeans(FalseAlarmGoal::Rate(0.01));
        check(
            &rate(),
            &benign.select(&few),
            None,
            "49 benign flows are too few",
        );
        for goal in [
            FalseAlarmGoal::Rate(0.0),
            FalseAlarmGoal::Rate(1.0),
            FalseAlarmGoal::Rate(f64::NAN),
            FalseAlarmGoal::PerDay(0.0),
            FalseAlarmGoal::PerDay(f64::INFINITY),
        ] {
            check(&kmeans(goal), &benign, None, "lies between 0 and 1");
        }
        let at_once = benign.select(&[0; 60]);
        check(
            &kmeans(FalseAlarmGoal::PerDay(10.0)),
            &at_once,
            None,
            "span no time",
        );

        let forest = training(ModelKind::Forest);
        let needs = "the model forest learns from labelled attacks";
        check(&forest, &benign, None, needs);
        let all_benign = vec![BENIGN.to_owned(); benign.len()];
        check(&forest, &benign, Some((&benign, &all_benign)), needs);
        let none = FlowRows::new(FeatureSet::default());
        check(&forest, &benign, Some((&none, &[])), needs);
        let message = format!("1 labels were given for {} flows", benign.len());
        check(
            &rate(),
            &benign,
            Some((&benign, &all_benign[..1])),
            &message,
        );
        let other = rows_with(&office(1), FeatureSet::named("basic").unwrap());
        let mut one_attack = vec![BENIGN.to_owned(); other.len()];
        one_attack[0] = "scan".into();
        check(&rate(), &benign, Some((&other, &one_attack)), "schema");
    }

    #[test]
    fn labels_without_an_attack_change_nothing() {
        let benign = rows(&office(1));
        let classes = vec![BENIGN.to_owned(); benign.len()];
        let labelled = Labelled {
            flows: &benign,
            classes: &classes,
        };
        let training = training(ModelKind::KMeans);
        let with = training.fit(&benign, Some(labelled)).unwrap();
        let without = training.fit(&benign, None).unwrap();
        assert_eq!(
            with.scores(&benign).unwrap(),
            without.scores(&benign).unwrap()
        );
        assert_eq!(with.threshold(), without.threshold());
        assert!(with.stored.known.is_none());
    }

    #[test]
    fn one_conversation_alone_is_enough_to_learn_from() {
        let benign = rows(&office(1));
        let key = benign.flows()[0].key;
        let flows: Vec<_> = benign.select(&[0; 100]).flows().to_vec();
        assert!(flows.iter().all(|flow| flow.key == key));
        let detector = training(ModelKind::KMeans)
            .fit(&benign.select(&[0; 100]), None)
            .unwrap();
        let summary = detector.training();
        assert_eq!((summary.fitted, summary.held_out), (100, 100));
        assert_eq!(summary.held_out_by, crate::HeldOutBy::Flow);
    }

    #[test]
    fn the_same_flows_and_seed_give_the_same_bytes() {
        for model in [ModelKind::KMeans, ModelKind::Forest] {
            let basic = || FeatureSet::named("basic").unwrap();
            let fit = || saved(&fit_with_attacks(model, basic()));
            assert_eq!(fit(), fit());
        }
        let benign = rows(&office(1));
        let fit = |seed| {
            saved(
                &training(ModelKind::KMeans)
                    .seed(seed)
                    .fit(&benign, None)
                    .unwrap(),
            )
        };
        assert_ne!(fit(1), fit(2));
    }

    #[test]
    fn the_summary_tells_what_was_learned_from() {
        let detector = forest();
        let (flows, usual) = (rows(&attacked(2)), rows(&office(1)));
        let count = |name: &str| {
            let classes = classes(&attacked(2), &flows);
            (
                name.to_owned(),
                classes.iter().filter(|class| *class == name).count() as u64,
            )
        };
        let summary = detector.training();
        let all = usual.len() as u64;
        assert_eq!((summary.fitted, summary.held_out), (all, all));
        assert_eq!(summary.attacks, [count("dos_udpflood"), count("scan_syn")]);
        assert!(summary.attacks.iter().all(|(_, flows)| *flows > 0));
        assert_eq!(summary.pace.flows(), usual.len() as u64);
    }

    /// The promise holds on average over trainings; one training is off by chance.
    #[test]
    fn fresh_usual_traffic_alerts_about_as_often_as_promised() {
        let fresh: Vec<FlowRows> = (100..103).map(|seed| rows(&office(seed))).collect();
        for rate in [0.02, 0.1] {
            let (mut alerts, mut flows) = (0, 0);
            for seed in 1..=3 {
                let detector = Training::new(ModelKind::KMeans)
                    .goal(FalseAlarmGoal::Rate(rate))
                    .fit(&rows(&office(seed)), None)
                    .unwrap();
                for rows in &fresh {
                    let verdicts = detector.judge(rows).unwrap();
                    alerts += verdicts
                        .iter()
                        .filter(|verdict| verdict.alert.is_some())
                        .count();
                    flows += verdicts.len();
                }
            }
            let found = alerts as f64 / flows as f64;
            println!("asked for {rate}, found {found} of {flows}");
            assert!(
                found > rate / 4.0 && found < rate * 3.0,
                "{found} instead of {rate}"
            );
        }
    }
}
