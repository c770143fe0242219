//! An event of an incident in Suricata's form. Suricata has no incidents: what its events share is named as there.

use std::borrow::Cow;
use std::net::IpAddr;

use serde::Serialize;

use super::super::parts::protocol_of_suricata;
use super::super::time;
use super::only;
use super::own::OwnIncident;
use crate::IncidentEvent;

/// One event. Ends, port and protocol are told where there is one alone.
#[derive(Serialize)]
pub(in super::super) struct Line<'a> {
    timestamp: String,
    in_iface: &'a str,
    event_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    src_ip: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dest_ip: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dest_port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proto: Option<Cow<'static, str>>,
    nettraffic: OwnIncident<'a>,
}

impl<'a> Line<'a> {
    pub(in super::super) fn of(told: &'a IncidentEvent) -> Self {
        let facts = &told.incident.facts;
        Self {
            timestamp: time::offset(told.at),
            in_iface: &told.incident.worst.source,
            event_type: "incident",
            src_ip: only(&facts.sources),
            dest_ip: only(&facts.targets),
            dest_port: only(&facts.ports),
            proto: only(&facts.protocols).map(protocol_of_suricata),
            nettraffic: OwnIncident::of(told),
        }
    }
}
