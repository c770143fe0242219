//! The trained detector: training from flows, the bundle file, the streaming engine, alerts.

mod alert;
mod baseline;
mod bundle;
mod detector;
mod engine;
mod error;
mod explain;
mod goal;
mod held_out;
mod incident;
mod judge;
mod model;
mod rows;
mod stored;
#[cfg(test)]
mod testing;
mod training;

pub use alert::{Alert, AlertId, ClassGuess, Evidence, Expected, Observed, Reason, Verdict};
pub use detector::{Detector, TrainingSummary};
pub use engine::{Engine, Limits};
pub use error::DetectError;
pub use goal::{FalseAlarmGoal, Pace};
pub use held_out::HeldOutBy;
pub use incident::{Incident, Incidents};
pub use model::ModelKind;
pub use rows::FlowRows;
pub use training::{Labelled, Training};

/// The class of flows that are no attack.
pub const BENIGN: &str = "benign";
