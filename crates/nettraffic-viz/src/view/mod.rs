//! What a report is told: plain values, no types of other crates.

mod alert;
mod incident;
mod map;
mod talker;
mod unit;

use serde::Serialize;

pub use alert::{Alert, Exchange, Reason};
pub use incident::{Incident, Rhythm};
pub use map::{FlowMap, MapPoint};
pub use talker::Talker;
pub use unit::Unit;

/// A line of what there is to know about the run, such as `Model: k-means`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What it is about.
    pub name: String,
    /// What there is to say.
    pub value: String,
}

impl Fact {
    /// A fact.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
}

/// The score above which a flow is an alert.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Threshold {
    /// The score.
    pub value: f64,
    /// What it means, as the end of "The threshold stands for …".
    pub meaning: String,
    /// Alerts per day to expect from benign traffic alone.
    pub alerts_per_day: Option<f64>,
}

impl Threshold {
    /// A threshold of which the alerts per day are not known.
    pub fn new(value: f64, meaning: impl Into<String>) -> Self {
        Self {
            value,
            meaning: meaning.into(),
            alerts_per_day: None,
        }
    }
}

/// The score of one judged flow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScorePoint {
    /// Time of the flow's first packet, nanoseconds since the Unix epoch.
    pub time_ns: i64,
    /// How strange it is; higher is stranger.
    pub score: f64,
    /// Whether it raised an alert.
    pub alert: bool,
}

impl ScorePoint {
    /// A flow that raised no alert.
    #[must_use]
    pub fn new(time_ns: i64, score: f64) -> Self {
        Self {
            time_ns,
            score,
            alert: false,
        }
    }

    /// The same flow, with an alert.
    #[must_use]
    pub fn alert(self) -> Self {
        Self {
            alert: true,
            ..self
        }
    }
}

/// One part of the traffic, such as a protocol or a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Its name.
    pub name: String,
    /// Flows.
    pub flows: u64,
    /// Packets.
    pub packets: u64,
    /// Bytes.
    pub bytes: u64,
}
