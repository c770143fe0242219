//! Events in the Elastic Common Schema.

use std::borrow::Cow;
use std::net::IpAddr;

use nettraffic_features::community_id;
use nettraffic_flow::Side;
use serde::Serialize;

use super::super::record::Record;
use super::own::Own;
use super::parts::{Parts, Rule, protocol_of_iana};
use super::time;
use super::words::Words;
use crate::Severity;

/// One event.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    #[serde(rename = "@timestamp")]
    timestamp: String,
    ecs: Version,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    event: LineEvent,
    source: End,
    destination: End,
    network: Network,
    observer: Observer<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<LineRule<'a>>,
    nettraffic: Own<'a>,
}

/// The version of the schema whose fields these are.
#[derive(Serialize)]
pub(super) struct Version {
    version: &'static str,
}

#[derive(Serialize)]
struct LineEvent {
    kind: &'static str,
    category: &'static [&'static str],
    #[serde(rename = "type")]
    kinds: &'static [&'static str],
    module: &'static str,
    dataset: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<u8>,
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
    packets: u64,
    bytes: u64,
}

#[derive(Serialize)]
struct Network {
    #[serde(rename = "type")]
    kind: &'static str,
    transport: Cow<'static, str>,
    iana_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    community_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vlan: Option<Vlan>,
    packets: u64,
    bytes: u64,
}

#[derive(Serialize)]
struct Vlan {
    id: String,
}

#[derive(Serialize)]
pub(super) struct Observer<'a> {
    product: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    ingress: Ingress<'a>,
}

#[derive(Serialize)]
struct Ingress<'a> {
    interface: Interface<'a>,
}

#[derive(Serialize)]
struct Interface<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct LineRule<'a> {
    id: String,
    name: String,
    category: &'static str,
    ruleset: &'a str,
}

impl<'a> Line<'a> {
    pub(super) fn of(record: &Record<'a>) -> Self {
        let (flow, alert) = (&record.verdict.flow, record.alert);
        let parts = Parts(flow);
        let ports = parts.ports();
        let rule = alert.map(|alert| (Rule::of(alert.alert()), &*alert.detector));
        Self {
            timestamp: time::zulu(flow.last),
            ecs: Version::default(),
            message: alert.map(|alert| Words(alert).sentence()),
            event: LineEvent::of(record),
            source: End::of(flow.key.initiator, ports.map(|p| p.0), &flow.forward),
            destination: End::of(flow.key.responder, ports.map(|p| p.1), &flow.backward),
            network: Network {
                kind: if parts.ip_version() == 4 {
                    "ipv4"
                } else {
                    "ipv6"
                },
                transport: protocol_of_iana(flow.key.protocol),
                iana_number: flow.key.protocol.0.to_string(),
                community_id: community_id(flow),
                vlan: flow.vlan.map(|vlan| Vlan {
                    id: vlan.to_string(),
                }),
                packets: flow.packets(),
                bytes: flow.ip_bytes(),
            },
            observer: Observer::on(record.source),
            rule: rule.map(|(rule, detector)| LineRule {
                id: rule.id.to_string(),
                name: rule.name,
                category: rule.category,
                ruleset: detector,
            }),
            nettraffic: Own::of(record),
        }
    }
}

impl LineEvent {
    fn of(record: &Record<'_>) -> Self {
        let flow = &record.verdict.flow;
        let about = match record.alert {
            Some(alert) => Self {
                kind: "alert",
                category: &["network", "intrusion_detection"],
                kinds: &["info"],
                dataset: "nettraffic.alert",
                id: Some(alert.alert().id.to_string()),
                severity: Some(severity(alert.severity)),
                ..Self::default()
            },
            None => Self {
                kind: "event",
                category: &["network"],
                kinds: &["connection", "info"],
                dataset: "nettraffic.flow",
                ..Self::default()
            },
        };
        Self {
            start: time::zulu(flow.first),
            end: time::zulu(flow.last),
            duration: u64::try_from(flow.duration().as_nanos()).unwrap_or(u64::MAX),
            ..about
        }
    }
}

/// As detection rules of Elastic have it.
pub(super) const fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Low => 21,
        Severity::Medium => 47,
        Severity::High => 73,
        Severity::Critical => 99,
    }
}

impl Default for Version {
    fn default() -> Self {
        Self { version: "8.11.0" }
    }
}

impl<'a> Observer<'a> {
    /// A sensor that watches this interface or capture.
    pub(super) const fn on(name: &'a str) -> Self {
        Self {
            product: "nettraffic",
            kind: "ids",
            ingress: Ingress {
                interface: Interface { name },
            },
        }
    }
}

impl Default for LineEvent {
    fn default() -> Self {
        Self {
            kind: "event",
            category: &[],
            kinds: &[],
            module: "nettraffic",
            dataset: "nettraffic",
            id: None,
            severity: None,
            start: String::new(),
            end: String::new(),
            duration: 0,
        }
    }
}

impl End {
    const fn of(ip: IpAddr, port: Option<u16>, side: &Side) -> Self {
        Self {
            ip,
            port,
            packets: side.packets,
            bytes: side.ip_bytes,
        }
    }
}
