//! The object `nettraffic` of an incident's event.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::Serialize;

use super::super::own::OwnReason;
use super::super::parts::protocol_of_iana;
use super::super::time;
use super::IncidentWords;
use crate::{Closing, IncidentEvent, Turn};

/// All that is known of an incident.
#[derive(Serialize)]
pub(super) struct OwnIncident<'a> {
    id: String,
    /// The same name as in its alerts.
    incident: String,
    turn: &'static str,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    part_of: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<String>,
    distributed: bool,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<OwnClass<'a>>,
    detector: &'a str,
    score: f32,
    first: String,
    last: String,
    sources: &'a BTreeSet<IpAddr>,
    targets: &'a BTreeSet<IpAddr>,
    ports: &'a BTreeSet<u16>,
    protocols: Vec<Cow<'static, str>>,
    truncated: bool,
    counts: Counts,
    /// The identifier of its most severe alert, whose reasons these are.
    worst: String,
    reasons: Vec<OwnReason<'a>>,
    text: String,
}

#[derive(Serialize)]
struct OwnClass<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Counts {
    alerts: u64,
    flows: u64,
    written: u64,
    repeated: u64,
    limited: u64,
}

impl<'a> OwnIncident<'a> {
    pub(super) fn of(told: &'a IncidentEvent) -> Self {
        let incident = &*told.incident;
        let (facts, worst) = (&incident.facts, incident.worst.alert());
        Self {
            id: told.id().to_string(),
            incident: incident.id.to_string(),
            turn: told.turn.name(),
            state: told.turn.state(),
            cause: told.cause(),
            part_of: match told.turn {
                Turn::Closed(Closing::Merged(into)) => Some(into.to_string()),
                _ => None,
            },
            parts: incident.merged.iter().map(ToString::to_string).collect(),
            distributed: incident.is_distributed(),
            severity: incident.severity.name(),
            class: facts.class.as_deref().map(|name| OwnClass { name }),
            detector: &incident.worst.detector,
            score: facts.score,
            first: time::exact(facts.first),
            last: time::exact(facts.last),
            sources: &facts.sources,
            targets: &facts.targets,
            ports: &facts.ports,
            protocols: facts
                .protocols
                .iter()
                .copied()
                .map(protocol_of_iana)
                .collect(),
            truncated: facts.truncated,
            counts: Counts {
                alerts: facts.alerts,
                flows: incident.flows,
                written: incident.written,
                repeated: incident.repeated,
                limited: incident.limited,
            },
            worst: worst.id.to_string(),
            reasons: worst.reasons.iter().map(OwnReason::of).collect(),
            text: IncidentWords(told).sentence(),
        }
    }
}
