//! Which events a sink is to be given.

use super::{Event, EventKind};

/// Which kinds of event a sink is to be given. By default alerts alone.
///
/// ```
/// use nettraffic_sensor::{EventKind, Wants};
///
/// let wants = Wants::ALERTS.and(Wants::INCIDENTS);
/// assert!(wants.has(EventKind::Incident) && !wants.has(EventKind::Flow));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Wants {
    alerts: bool,
    incidents: bool,
    flows: bool,
}

impl Wants {
    /// Alerts alone.
    pub const ALERTS: Self = Self::NONE.with(EventKind::Alert);
    /// What happens to incidents alone: far fewer events than alerts.
    pub const INCIDENTS: Self = Self::NONE.with(EventKind::Incident);
    /// Flows alone, those that raised an alert among them.
    pub const FLOWS: Self = Self::NONE.with(EventKind::Flow);
    const NONE: Self = Self {
        alerts: false,
        incidents: false,
        flows: false,
    };

    /// These kinds and those of another: of a flow that raised an alert, the flow and the alert.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            alerts: self.alerts || other.alerts,
            incidents: self.incidents || other.incidents,
            flows: self.flows || other.flows,
        }
    }

    const fn with(mut self, kind: EventKind) -> Self {
        match kind {
            EventKind::Alert => self.alerts = true,
            EventKind::Incident => self.incidents = true,
            EventKind::Flow => self.flows = true,
        }
        self
    }

    /// Whether a kind is among them.
    #[must_use]
    pub const fn has(self, kind: EventKind) -> bool {
        match kind {
            EventKind::Alert => self.alerts,
            EventKind::Incident => self.incidents,
            EventKind::Flow => self.flows,
        }
    }

    /// Whether an event is among them.
    #[must_use]
    pub const fn includes(self, event: &Event) -> bool {
        self.has(event.kind())
    }

    /// Whether flows are among them, and others, too.
    pub(super) const fn mixes_flows(self) -> bool {
        self.flows && (self.alerts || self.incidents)
    }
}

impl Default for Wants {
    fn default() -> Self {
        Self::ALERTS
    }
}

impl FromIterator<EventKind> for Wants {
    fn from_iter<I: IntoIterator<Item = EventKind>>(kinds: I) -> Self {
        kinds.into_iter().fold(Self::NONE, Self::with)
    }
}
