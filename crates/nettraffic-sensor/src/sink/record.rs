//! The two shapes of an event: about one flow, or about an incident.

use nettraffic_detect::Verdict;

use super::Event;
use crate::{IncidentEvent, SensorAlert};

/// What an event is about.
pub(super) enum About<'a> {
    Flow(Record<'a>),
    Incident(&'a IncidentEvent),
}

/// An event about one flow.
pub(super) struct Record<'a> {
    pub(super) verdict: &'a Verdict,
    /// The interface or capture that it was seen on.
    pub(super) source: &'a str,
    /// The alert, if that is what the event tells.
    pub(super) alert: Option<&'a SensorAlert>,
}

impl Event {
    pub(super) fn about(&self) -> About<'_> {
        let source = self.source();
        match self {
            Self::Incident(told) => About::Incident(told),
            Self::Alert(alert) => About::Flow(Record {
                verdict: alert.verdict(),
                source,
                alert: Some(alert),
            }),
            Self::Flow { verdict, .. } => About::Flow(Record {
                verdict,
                source,
                alert: None,
            }),
        }
    }
}
