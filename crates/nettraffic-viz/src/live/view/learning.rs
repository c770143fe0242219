//! What a sensor is doing.

use serde::Serialize;

use crate::Fact;

/// What a sensor is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Phase {
    /// It is getting ready.
    #[default]
    Starting,
    /// It learns what is usual; there are no alerts yet.
    Learning,
    /// A detector is being made from what was learned.
    Training,
    /// It judges traffic.
    Detecting,
    /// The input is over, such as a capture that was replayed.
    Ended,
}

/// How far learning has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Learning {
    /// What the sensor is doing.
    pub phase: Phase,
    /// Part of the phase that is done, 0 to 1, where that is known.
    pub progress: Option<f64>,
    /// Packet time left in the phase, in nanoseconds, where that is known.
    pub left_ns: Option<u64>,
    /// What else there is to say, such as flows learned so far, or how a successor fares.
    pub facts: Vec<Fact>,
}

impl Learning {
    /// A phase of which no progress is known.
    #[must_use]
    pub fn new(phase: Phase) -> Self {
        Self {
            phase,
            ..Self::default()
        }
    }
}
