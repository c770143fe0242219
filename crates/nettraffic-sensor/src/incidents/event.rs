//! What happens to an incident.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use nettraffic_capture::Timestamp;
use siphasher::sip::SipHasher24;

use super::OpenIncident;
use crate::IncidentId;

/// Something that happened to an incident, with all that was known of it then. A clone costs next to nothing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct IncidentEvent {
    /// What happened.
    pub turn: Turn,
    /// When, in packet time. An incident that was quiet for long enough closed when that time was over, however late
    /// it was noticed.
    pub at: Timestamp,
    /// The incident as it was then.
    pub incident: Arc<OpenIncident>,
}

/// What happens to an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Turn {
    /// It began.
    Opened,
    /// It is of a higher severity than was told before, or many sources share in it now: four times at most.
    Worsened,
    /// It is over, or no longer followed.
    Closed(Closing),
}

/// Why an incident is no longer open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Closing {
    /// It was quiet for long enough.
    Quiet,
    /// It had to make room for a more urgent or a later one: there are too many.
    Room,
    /// It turned out to be part of a distributed one. What it counted is among that one's counts from now on.
    Merged(IncidentId),
    /// The sensor stops. What goes on is another incident to the next run.
    Stopped,
}

/// Identifies an event: the same in every run that comes to the same event. It is what forms tell as `id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub u64);

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl IncidentEvent {
    pub(super) fn new(turn: Turn, at: Timestamp, incident: Arc<OpenIncident>) -> Self {
        Self { turn, at, incident }
    }

    /// Its identifier: a keyless hash of the incident, what happened, and, but for its begin, what was known by then.
    /// A run that is repeated and stopped at another moment tells of another end.
    #[must_use]
    pub fn id(&self) -> EventId {
        let mut hasher = SipHasher24::new();
        let incident = &self.incident;
        (incident.id, self.turn.name(), self.cause()).hash(&mut hasher);
        if self.turn != Turn::Opened {
            let severity = incident.severity.name();
            (severity, incident.facts.alerts, incident.active).hash(&mut hasher);
        }
        EventId(hasher.finish())
    }

    /// Why it closed, if it did: `quiet`, `room`, `merged`, `stopped`.
    #[must_use]
    pub const fn cause(&self) -> Option<&'static str> {
        match self.turn {
            Turn::Closed(closing) => Some(closing.name()),
            Turn::Opened | Turn::Worsened => None,
        }
    }
}

impl Turn {
    /// The name used in records: `opened`, `worsened`, `closed`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Worsened => "worsened",
            Self::Closed(_) => "closed",
        }
    }

    /// What the incident is since then: `open`, `closed`.
    #[must_use]
    pub const fn state(self) -> &'static str {
        match self {
            Self::Opened | Self::Worsened => "open",
            Self::Closed(_) => "closed",
        }
    }
}

impl Closing {
    /// The name used in records: `quiet`, `room`, `merged`, `stopped`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Room => "room",
            Self::Merged(_) => "merged",
            Self::Stopped => "stopped",
        }
    }
}
