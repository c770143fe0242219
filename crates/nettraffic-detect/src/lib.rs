//! The trained detector: training from flows, the bundle file, the streaming engine, alerts.
//!
//! [`Training`] turns the [`FlowRows`] of usual traffic into a [`Detector`], whose threshold keeps
//! false alarms to a stated goal. A detector is kept in a bundle file, and judges flows that were
//! collected ([`Detector::judge`]) or packets as they come ([`Engine`]), with the same verdicts.
//! Every [`Alert`] says which features drove it; [`Incidents`] puts alerts together.
//!
//! ```
//! use nettraffic_capture::{Decoder, from_reader};
//! use nettraffic_detect::{Detector, Engine, FalseAlarmGoal, FlowRows, Limits, ModelKind, Training};
//! use nettraffic_features::{FeatureMeter, FeatureSet};
//! use nettraffic_flow::FlowConfig;
//! use nettraffic_synth::{Attack, AttackKind, Scenario};
//! use std::time::Duration;
//!
//! let office = |seed| Scenario::new(seed).hosts(3).duration(Duration::from_secs(300));
//! let capture = office(1).pcap_bytes();
//! let source = from_reader("usual traffic", &*capture)?;
//! let mut meter = FeatureMeter::new(source, FeatureSet::default(), FlowConfig::default());
//! let (mut usual, mut row) = (FlowRows::new(FeatureSet::default()), Vec::new());
//! while let Some(flow) = meter.next_flow(&mut row)? {
//!     usual.push(flow, &row);
//!     row.clear();
//! }
//! let detector = Training::new(ModelKind::KMeans).goal(FalseAlarmGoal::Rate(0.02)).fit(&usual, None)?;
//! let mut bundle = Vec::new();
//! detector.save(&mut bundle)?;
//!
//! let flood = Attack::new(AttackKind::UdpFlood).at(Duration::from_secs(60)).lasting(Duration::from_secs(1));
//! let capture = office(2).attack(flood).pcap_bytes();
//! let mut source = from_reader("today", &*capture)?;
//! let detector = Detector::load(&*bundle)?;
//! let mut decoder = Decoder::new(detector.decode_config());
//! let mut engine = Engine::new(detector, &Limits::default());
//! while let Some(packet) = source.next_packet()? {
//!     if let Ok(packet) = decoder.decode(&packet) {
//!         engine.push(&packet)?;
//!     }
//! }
//! engine.finish()?;
//! let verdicts = std::iter::from_fn(|| engine.pop());
//! let alert = verdicts.filter_map(|verdict| verdict.alert).next().ok_or("the flood is unusual")?;
//! println!("{}: {}", alert.id, alert.reasons[0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod alert;
mod allow;
mod baseline;
mod bundle;
mod card;
mod detector;
mod drift;
mod engine;
mod error;
mod explain;
mod goal;
mod held_out;
mod incident;
mod judge;
mod model;
mod rate;
mod recipe;
mod rows;
mod rules;
mod scorer;
mod stored;
#[cfg(test)]
mod testing;
mod training;
mod update;

pub use alert::{Alert, AlertId, ClassGuess, Evidence, Expected, Observed, Reason, Verdict};
pub use allow::{
    AllowEntry, AllowError, AllowList, AllowPlace, EntryUse, Listed, MarkedFile, MarkedList,
    Network, PortRange,
};
pub use bundle::{BundleError, BundleFault};
pub use card::{
    FeatureCard, Metrics, ModelCard, Provenance, ThresholdCard, TrainingCard, UsualValues,
};
pub use detector::{Detector, TrainingSummary};
pub use drift::{Adwin, Change, DriftLevel, DriftMonitor, DriftReport, FeatureDrift, ScoreDrift};
pub use engine::{Engine, Limits};
pub use error::DetectError;
pub use goal::{FalseAlarmGoal, Pace};
pub use held_out::HeldOutBy;
pub use incident::{Incident, Incidents};
pub use model::ModelKind;
pub use rate::Rate;
pub use rows::FlowRows;
pub use training::{Labelled, Training};
pub use update::{Canaries, CanaryTrial, Decision, ModelStore, Release, Trial, Update};

/// The class of flows that are no attack.
pub const BENIGN: &str = "benign";
