//! Training a successor, and comparing it in the shadow of the serving detector.

use nettraffic_eval::time_split;
use serde::Serialize;

use super::Canaries;
use crate::{DetectError, Detector, FalseAlarmGoal, FlowRows, Labelled, Rate, Training};

/// Share of the recent flows that the successor learns from: the earlier ones.
const LEARNED: f64 = 0.7;

/// Trains a successor on recent benign flows and tries it on others.
///
/// The successor learns from the earlier 70 % of the flows, as the serving detector did unless
/// [`Update::training`] says otherwise. Both then judge the later 30 %, and the [`Canaries`]. The
/// successor replaces the serving detector if the earlier flows hold no more alarms than the serving
/// detector promised of benign ones, and if it is not worse:
///
/// - its rate of false alarms, at its own threshold, is not above the upper end of the 95 %
///   interval of the serving detector's rate on the same flows;
/// - its recall of each class of canaries is not below the lower end of the 95 % interval of the serving
///   detector's recall of the same canaries.
///
/// The intervals are Wilson's; few flows or canaries make them wide, and then little is asked.
///
/// Flows with more alarms than promised ([`Threshold::alarms_among`](nettraffic_models::Threshold::alarms_among))
/// have drifted or hold attacks, which the successor would learn as usual, and no alarm rate would show it.
/// Somebody has to look at them, and says so with [`Update::even_if_unusual`].
///
/// ```
/// # use nettraffic_detect::{Decision, DetectError, Detector, FlowRows, ModelStore, Update};
/// # fn update(store: &ModelStore, serving: &Detector, recent: &FlowRows) -> Result<(), DetectError> {
/// let trial = Update::new(serving, recent).run()?;
/// match &trial.decision {
///     Decision::Replace => drop(store.promote(&trial.successor)?),
///     Decision::Unusual { at_most } => println!("{}, {at_most} at most were promised", trial.learned_alarms),
///     other => println!("{other:?}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Update<'a> {
    serving: &'a Detector,
    recent: &'a FlowRows,
    training: Training,
    labelled: Option<Labelled<'a>>,
    canaries: Option<&'a Canaries>,
    even_if_unusual: bool,
}

/// How a successor fared beside the serving detector.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Trial {
    /// The successor, fitted on the earlier flows.
    #[serde(skip)]
    pub successor: Detector,
    /// Flows that it learned from.
    pub learned: u64,
    /// Alerts of the serving detector on these: what it finds there, the successor takes for usual.
    pub learned_alarms: Rate,
    /// Alerts of the serving detector on the later flows.
    pub serving_alarms: Rate,
    /// Alerts of the successor on the same flows.
    pub successor_alarms: Rate,
    /// What each found among the canaries, class by class.
    pub canaries: Vec<CanaryTrial>,
    /// Whether it may replace the serving detector.
    pub decision: Decision,
}

/// What both detectors found of one class of canaries.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CanaryTrial {
    /// The class.
    pub class: String,
    /// Found by the serving detector.
    pub serving: Rate,
    /// Found by the successor.
    pub successor: Rate,
}

/// Whether a successor may replace the serving detector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Decision {
    /// It is not worse.
    Replace,
    /// It is worse, in these ways.
    Keep(Vec<String>),
    /// It is not worse, but the flows to learn from raise more alarms than the serving detector
    /// promised of benign ones: they hold attacks, or have drifted.
    Unusual {
        /// Alarms that the promise allows among as many benign flows.
        at_most: u64,
    },
}

impl Training {
    /// Training as that of `detector` was: the same model, seed, rate of false alarms and cutting
    /// of flows.
    #[must_use]
    pub fn like(detector: &Detector) -> Self {
        Self::new(detector.model())
            .seed(detector.training().seed)
            .goal(FalseAlarmGoal::Rate(
                detector.asked_false_alarm_rate().min(0.999),
            ))
            .flow_config(detector.flow_config())
            .decode_config(detector.decode_config())
            .tidy_config(detector.tidy_config())
    }
}

impl<'a> Update<'a> {
    /// A successor of `serving`, from recent benign flows.
    #[must_use]
    pub fn new(serving: &'a Detector, recent: &'a FlowRows) -> Self {
        Self {
            training: Training::like(serving),
            serving,
            recent,
            labelled: None,
            canaries: None,
            even_if_unusual: false,
        }
    }

    /// With other training than that of the serving detector.
    #[must_use]
    pub fn training(mut self, training: Training) -> Self {
        self.training = training;
        self
    }

    /// With labelled flows to learn from, none of which may be canaries: what was learned is found,
    /// which shows nothing. They are needed where the serving detector knows attacks.
    #[must_use]
    pub fn labelled(mut self, labelled: Labelled<'a>) -> Self {
        self.labelled = Some(labelled);
        self
    }

    /// With attacks that must still be found.
    #[must_use]
    pub fn canaries(mut self, canaries: &'a Canaries) -> Self {
        self.canaries = Some(canaries);
        self
    }

    /// Also when the flows to learn from raise more alarms than was promised: somebody has looked
    /// at these, and they are benign.
    #[must_use]
    pub fn even_if_unusual(mut self) -> Self {
        self.even_if_unusual = true;
        self
    }

    /// Trains the successor and tries it.
    ///
    /// # Errors
    /// Flows or canaries of other features; too few flows; no labelled flows of an attack that the
    /// serving detector knows; whatever training refuses.
    pub fn run(&self) -> Result<Trial, DetectError> {
        let (expected, found) = (
            self.serving.features().schema().fingerprint(),
            self.recent.features().schema().fingerprint(),
        );
        if expected != found {
            return Err(DetectError::OtherFeatures { expected, found });
        }
        self.check_known_attacks()?;
        let times: Vec<_> = self.recent.flows().iter().map(|flow| flow.first).collect();
        let split = time_split(&times, LEARNED)?;
        let (learned, later) = (
            self.recent.select(&split.train),
            self.recent.select(&split.test),
        );
        let successor = self.training.fit(&learned, self.labelled)?;
        let learned_alarms = alarms(self.serving, &learned)?;
        let serving_alarms = alarms(self.serving, &later)?;
        let successor_alarms = alarms(&successor, &later)?;
        let mut canaries = Vec::new();
        if let Some(given) = self.canaries {
            let (before, after) = (given.found_by(self.serving)?, given.found_by(&successor)?);
            let both = before.into_iter().zip(after);
            canaries.extend(both.map(|((class, serving), (_, successor))| CanaryTrial {
                class,
                serving,
                successor,
            }));
        }
        let at_most = most_alarms(self.serving, learned.len() as u64);
        let decision = match decide(serving_alarms, successor_alarms, &canaries) {
            Decision::Replace if !self.even_if_unusual && learned_alarms.hits > at_most => {
                Decision::Unusual { at_most }
            }
            decision => decision,
        };
        Ok(Trial {
            decision,
            learned: learned.len() as u64,
            learned_alarms,
            successor,
            serving_alarms,
            successor_alarms,
            canaries,
        })
    }

    /// Refuses to forget an attack that the serving detector was shown.
    fn check_known_attacks(&self) -> Result<(), DetectError> {
        let given = self.labelled.map_or(&[][..], |labelled| labelled.classes);
        let known = self.serving.training().attacks.iter();
        let missing: Vec<&str> = known
            .map(|(name, _)| name.as_str())
            .filter(|name| !given.iter().any(|class| class == name))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let attacks = missing.join(", ");
        Err(DetectError::ForgetsAttacks { attacks })
    }
}

/// Alarms that the promise of a detector allows among so many benign flows.
fn most_alarms(detector: &Detector, flows: u64) -> u64 {
    let thresholds = [
        Some(detector.threshold()),
        detector.known_attack_threshold(),
    ];
    (thresholds.into_iter().flatten())
        .map(|threshold| threshold.alarms_among(flows).high)
        .fold(0, u64::saturating_add)
}

fn alarms(detector: &Detector, flows: &FlowRows) -> Result<Rate, DetectError> {
    let verdicts = detector.judge(flows)?;
    let alarms = verdicts
        .iter()
        .filter(|verdict| verdict.alert.is_some())
        .count();
    Ok(Rate::of(alarms as u64, verdicts.len() as u64))
}

fn decide(serving: Rate, successor: Rate, canaries: &[CanaryTrial]) -> Decision {
    let mut worse = Vec::new();
    let ends = (serving.interval, successor.share);
    if !matches!(ends, (Some((_, high)), Some(share)) if share <= high) {
        worse.push(format!("false alarms: {successor}, serving {serving}"));
    }
    for CanaryTrial {
        class,
        serving,
        successor,
    } in canaries
    {
        let ends = (serving.interval, successor.share);
        if !matches!(ends, (Some((low, _)), Some(share)) if share >= low) {
            worse.push(format!(
                "canaries {class:?}: {successor}, serving {serving}"
            ));
        }
    }
    if worse.is_empty() {
        Decision::Replace
    } else {
        Decision::Keep(worse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_successor_replaces_only_if_it_is_not_worse() {
        let canary = |serving: (u64, u64), successor: (u64, u64)| CanaryTrial {
            class: "scan".into(),
            serving: Rate::of(serving.0, serving.1),
            successor: Rate::of(successor.0, successor.1),
        };
        for (what, serving, successor, canaries, replaces) in [
            ("the same", (3, 300), (3, 300), vec![], true),
            ("fewer alarms", (90, 300), (3, 300), vec![], true),
            (
                "more, within the interval",
                (3, 300),
                (7, 300),
                vec![],
                true,
            ),
            ("more", (3, 300), (12, 300), vec![], false),
            ("nothing to judge", (0, 0), (0, 0), vec![], false),
            (
                "canaries found",
                (3, 300),
                (3, 300),
                vec![canary((50, 50), (50, 50))],
                true,
            ),
            (
                "canaries lost",
                (3, 300),
                (3, 300),
                vec![canary((50, 50), (40, 50))],
                false,
            ),
            (
                "all canaries lost",
                (3, 300),
                (0, 300),
                vec![canary((3, 3), (0, 3))],
                false,
            ),
            (
                "one class lost",
                (3, 300),
                (3, 300),
                vec![canary((50, 50), (50, 50)), canary((9, 9), (1, 9))],
                false,
            ),
            (
                "never found",
                (3, 300),
                (3, 300),
                vec![canary((0, 50), (0, 50))],
                true,
            ),
        ] {
            let rate = |(hits, rows)| Rate::of(hits, rows);
            let decision = decide(rate(serving), rate(successor), &canaries);
            assert_eq!(
                decision == Decision::Replace,
                replaces,
                "{what}: {decision:?}"
            );
        }
    }
}
