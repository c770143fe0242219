//! An event of an incident in the Elastic Common Schema.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::Serialize;

use super::super::ecs::{Observer, Version, severity};
use super::super::parts::protocol_of_iana;
use super::super::time;
use super::own::OwnIncident;
use super::{IncidentWords, only};
use crate::{IncidentEvent, Turn};

/// One event.
#[derive(Serialize)]
pub(in super::super) struct Line<'a> {
    #[serde(rename = "@timestamp")]
    timestamp: String,
    ecs: Version,
    message: String,
    event: LineEvent,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<End>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<End>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<Network>,
    observer: Observer<'a>,
    related: Related<'a>,
    nettraffic: OwnIncident<'a>,
}

/// No `alert`: who counts these counts alerts, and incidents are made of them.
#[derive(Serialize)]
struct LineEvent {
    kind: &'static str,
    category: [&'static str; 2],
    #[serde(rename = "type")]
    kinds: &'static [&'static str],
    action: String,
    module: &'static str,
    dataset: &'static str,
    id: String,
    severity: u8,
    start: String,
    end: String,
    /// Nanoseconds.
    duration: u64,
}

#[derive(Serialize)]
struct End {
    ip: IpAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
}

#[derive(Serialize)]
struct Network {
    transport: Cow<'static, str>,
    iana_number: String,
}

/// All addresses, whichever side they are of.
#[derive(Serialize)]
struct Related<'a> {
    ip: BTreeSet<&'a IpAddr>,
}

impl<'a> Line<'a> {
    pub(in super::super) fn of(told: &'a IncidentEvent) -> Self {
        let incident = &*told.incident;
        let facts = &incident.facts;
        Self {
            timestamp: time::zulu(told.at),
            ecs: Version::default(),
            message: IncidentWords(told).sentence(),
            event: LineEvent::of(told),
            source: only(&facts.sources).map(|ip| End { ip, port: None }),
            destination: only(&facts.targets).map(|ip| End {
                ip,
                port: only(&facts.ports),
            }),
            network: only(&facts.protocols).map(|protocol| Network {
                transport: protocol_of_iana(protocol),
                iana_number: protocol.0.to_string(),
            }),
            observer: Observer::on(&incident.worst.source),
            related: Related {
                ip: facts.sources.union(&facts.targets).collect(),
            },
            nettraffic: OwnIncident::of(told),
        }
    }
}

impl LineEvent {
    fn of(told: &IncidentEvent) -> Self {
        let facts = &told.incident.facts;
        let length = facts.last.saturating_since(facts.first);
        Self {
            kind: "event",
            category: ["network", "intrusion_detection"],
            kinds: match told.turn {
                Turn::Opened => &["start", "info"],
                Turn::Worsened => &["info"],
                Turn::Closed(_) => &["end", "info"],
            },
            action: format!("incident-{}", told.turn.name()),
            module: "nettraffic",
            dataset: "nettraffic.incident",
            id: told.id().to_string(),
            severity: severity(told.incident.severity),
            start: time::zulu(facts.first),
            end: time::zulu(facts.last),
            duration: u64::try_from(length.as_nanos()).unwrap_or(u64::MAX),
        }
    }
}
