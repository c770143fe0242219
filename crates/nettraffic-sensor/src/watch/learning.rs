//! Learning what is usual before there is a detector.

use std::time::Duration;

use nettraffic_capture::{DecodeConfig, Timestamp};
use nettraffic_detect::{
    DetectError, Detector, FalseAlarmGoal, FlowRows, Labelled, ModelKind, Training,
};
use nettraffic_features::FeatureSet;
use nettraffic_flow::{EarlyReports, FlowConfig};

/// How a sensor without a detector learns one.
///
/// Flows are reported early, two seconds after their first packet, and cut into records of a minute:
/// an attack is to be seen while it goes on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Learning {
    /// How long, in packet time (24 h).
    pub period: Duration,
    /// Flows that are needed at least (1,000); without them it goes on learning.
    pub least_flows: usize,
    /// Flows that are kept at most (200,000); beyond them whole conversations are left out.
    pub most_flows: usize,
    /// The model.
    pub model: ModelKind,
    /// How many false alarms there may be.
    pub goal: FalseAlarmGoal,
    /// Whether there may be more, where the flows cannot show so few (yes): see
    /// [`Training::resolvable`](nettraffic_detect::Training::resolvable).
    pub is_resolvable: bool,
    /// The seed of all randomness (42).
    pub seed: u64,
    /// What is looked at.
    pub features: FeatureSet,
    /// How flows are cut.
    pub flow: FlowConfig,
    /// How packets are decoded.
    pub decode: DecodeConfig,
    /// Flows of attacks that are known, with the class of each: for alerts that bear a name.
    pub attacks: Option<(FlowRows, Vec<String>)>,
}

impl Learning {
    /// Learning for a period.
    #[must_use]
    pub fn over(period: Duration) -> Self {
        Self {
            period,
            ..Self::default()
        }
    }

    /// How flows are cut unless something else is asked for.
    #[must_use]
    pub fn flow_config() -> FlowConfig {
        FlowConfig::default()
            .with_early_reports(EarlyReports::default().after(Duration::from_secs(2)))
            .with_active_timeout(Duration::from_secs(60))
    }

    /// A detector that has learned from these flows.
    ///
    /// # Errors
    /// As [`Training::fit`].
    pub fn fit(&self, flows: &FlowRows) -> Result<Detector, DetectError> {
        let attacks = self.attacks.as_ref();
        let training = Training::new(self.model)
            .seed(self.seed)
            .goal(self.goal)
            .flow_config(self.flow.clone())
            .decode_config(self.decode);
        let training = match self.is_resolvable {
            true => training.resolvable(),
            false => training,
        };
        let attacks = attacks.map(|(flows, classes)| Labelled { flows, classes });
        training.fit(flows, attacks)
    }

    pub(crate) fn decode_config(&self) -> DecodeConfig {
        self.features.decode_config(self.decode)
    }

    /// How much of the period has passed, 0 to 1, and what is left.
    pub(crate) fn progress(&self, begin: Timestamp, now: Timestamp) -> (f64, Duration) {
        let passed = now.saturating_since(begin);
        let share = passed.as_secs_f64() / self.period.as_secs_f64().max(1e-9);
        (share.min(1.0), self.period.saturating_sub(passed))
    }
}

impl Default for Learning {
    fn default() -> Self {
        Self {
            period: Duration::from_secs(24 * 60 * 60),
            least_flows: 1_000,
            most_flows: 200_000,
            model: ModelKind::default(),
            goal: FalseAlarmGoal::default(),
            is_resolvable: true,
            seed: 42,
            features: FeatureSet::default(),
            flow: Self::flow_config(),
            decode: DecodeConfig::default(),
            attacks: None,
        }
    }
}
