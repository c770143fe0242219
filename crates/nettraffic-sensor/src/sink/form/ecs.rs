//! Events in the Elastic Common Schema.

use std::borrow::Cow;
use std::net::IpAddr;

use nettraffic_features::community_id;
use nettraffic_flow::Side;
use serde::Serialize;

use super::super::Event;
use super::own::Own;
use super::parts::{Parts, Rule};
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
struct Version {
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
struct Observer<'a> {
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
    pub(super) fn of(event: &'a Event) -> Self {
        let flow = &event.verdict().flow;
        let parts = Parts(flow);
        let ports = parts.ports();
        let alert = match event {
            Event::Alert(alert) => Some(alert),
            Event::Flow { .. } => None,
        };
        let rule = alert.map(|alert| (Rule::of(alert.alert()), &*alert.detector));
        Self {
            timestamp: time::zulu(event.time()),
            ecs: Version { version: "8.11.0" },
            message: alert.map(|alert| Words(alert).sentence()),
            event: LineEvent::of(event),
            source: End::of(flow.key.initiator, ports.map(|p| p.0), &flow.forward),
            destination: End::of(flow.key.responder, ports.map(|p| p.1), &flow.backward),
            network: Network {
                kind: if parts.ip_version() == 4 {
                    "ipv4"
                } else {
                    "ipv6"
                },
                transport: parts.protocol_of_iana(),
                iana_number: flow.key.protocol.0.to_string(),
                community_id: community_id(flow),
                vlan: flow.vlan.map(|vlan| Vlan {
                    id: vlan.to_string(),
                }),
                packets: flow.packets(),
                bytes: flow.ip_bytes(),
            },
            observer: Observer {
                product: "nettraffic",
                kind: "ids",
                ingress: Ingress {
                    interface: Interface {
                        name: event.source(),
                    },
                },
            },
            rule: rule.map(|(rule, detector)| LineRule {
                id: rule.id.to_string(),
                name: rule.name,
                category: rule.category,
                ruleset: detector,
            }),
            nettraffic: Own::of(event),
        }
    }
}

impl LineEvent {
    fn of(event: &Event) -> Self {
        let flow = &event.verdict().flow;
        let about = match event {
            Event::Alert(alert) => Self {
                kind: "alert",
                category: &["network", "intrusion_detection"],
                kinds: &["info"],
                dataset: "nettraffic.alert",
                id: Some(alert.alert().id.to_string()),
                severity: Some(match alert.severity {
                    Severity::Low => 21,
                    Severity::Medium => 47,
                    Severity::High => 73,
                    Severity::Critical => 99,
                }),
                ..Self::default()
            },
            Event::Flow { .. } => Self {
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
