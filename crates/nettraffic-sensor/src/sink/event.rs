//! What sinks are given.

use std::fmt;
use std::sync::Arc;

use nettraffic_capture::Timestamp;
use nettraffic_detect::Verdict;
use serde::Deserialize;

use crate::{EventId, IncidentEvent, SensorAlert};

/// What sinks are given. A clone costs next to nothing, so that each sink has its own.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// An alert that is to be written.
    Alert(Arc<SensorAlert>),
    /// What happened to an incident: all that one actor does.
    Incident(IncidentEvent),
    /// Every flow record with its score, for sinks that want flows.
    #[non_exhaustive]
    Flow {
        /// The flow and its score.
        verdict: Arc<Verdict>,
        /// The interface or capture that it was seen on.
        source: Arc<str>,
    },
}

/// A kind of event. Settings name them `alerts`, `incidents` and `flows`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a sink says of each kind whether it wants it"
)]
pub enum EventKind {
    /// An alert that is to be written.
    #[serde(rename = "alerts")]
    Alert,
    /// What happened to an incident.
    #[serde(rename = "incidents")]
    Incident,
    /// A flow record.
    #[serde(rename = "flows")]
    Flow,
}

impl Event {
    /// An alert.
    #[must_use]
    pub fn alert(alert: impl Into<Arc<SensorAlert>>) -> Self {
        Self::Alert(alert.into())
    }

    /// A flow record that was seen on an interface or in a capture.
    #[must_use]
    pub fn flow(verdict: impl Into<Arc<Verdict>>, source: impl Into<Arc<str>>) -> Self {
        Self::Flow {
            verdict: verdict.into(),
            source: source.into(),
        }
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> EventKind {
        match self {
            Self::Alert(_) => EventKind::Alert,
            Self::Incident(_) => EventKind::Incident,
            Self::Flow { .. } => EventKind::Flow,
        }
    }

    /// What the same event is known by in every run; `None` of a flow.
    #[must_use]
    pub fn id(&self) -> Option<EventId> {
        match self {
            Self::Alert(alert) => Some(EventId(alert.alert().id.0)),
            Self::Incident(told) => Some(told.id()),
            Self::Flow { .. } => None,
        }
    }

    /// The flow and its score; `None` of an incident, which has many.
    #[must_use]
    pub fn verdict(&self) -> Option<&Verdict> {
        match self {
            Self::Alert(alert) => Some(alert.verdict()),
            Self::Incident(_) => None,
            Self::Flow { verdict, .. } => Some(verdict),
        }
    }

    /// The interface or capture that it was seen on.
    #[must_use]
    pub fn source(&self) -> &str {
        match self {
            Self::Alert(alert) => &alert.source,
            Self::Incident(told) => &told.incident.worst.source,
            Self::Flow { source, .. } => source,
        }
    }

    /// Its moment in packet time. Of alerts and flows that of the latest packet that they tell of: a timeout ends a
    /// flow later, but nothing was seen then. Of an incident when it happened.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        match self {
            Self::Alert(alert) => alert.verdict().flow.last,
            Self::Incident(told) => told.at,
            Self::Flow { verdict, .. } => verdict.flow.last,
        }
    }
}

impl From<IncidentEvent> for Event {
    fn from(told: IncidentEvent) -> Self {
        Self::Incident(told)
    }
}

impl EventKind {
    /// The name used in records: `alert`, `incident`, `flow`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Incident => "incident",
            Self::Flow => "flow",
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
