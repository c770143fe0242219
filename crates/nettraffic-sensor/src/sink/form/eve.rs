//! Events as Suricata writes them (EVE, as of its version 7).

use std::borrow::Cow;
use std::net::IpAddr;

use nettraffic_features::community_id;
use nettraffic_flow::{Flow, FlowEnd, FlowUid, SideState};
use serde::Serialize;

use super::super::record::Record;
use super::own::Own;
use super::parts::{Parts, Rule, protocol_of_suricata};
use super::time;
use crate::{SensorAlert, Severity};

/// One event.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    timestamp: String,
    flow_id: u64,
    in_iface: &'a str,
    event_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    vlan: Option<[u16; 1]>,
    src_ip: IpAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    src_port: Option<u16>,
    dest_ip: IpAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    dest_port: Option<u16>,
    proto: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icmp_type: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icmp_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    community_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alert: Option<LineAlert>,
    flow: LineFlow,
    nettraffic: Own<'a>,
}

#[derive(Serialize)]
struct LineAlert {
    action: &'static str,
    gid: u8,
    signature_id: u64,
    rev: u8,
    signature: String,
    category: &'static str,
    severity: u8,
}

#[derive(Serialize)]
struct LineFlow {
    pkts_toserver: u64,
    pkts_toclient: u64,
    bytes_toserver: u64,
    bytes_toclient: u64,
    start: String,
    #[serde(flatten)]
    over: Option<LineEnd>,
}

/// What is known only when a flow is over.
#[derive(Serialize)]
struct LineEnd {
    end: String,
    age: u64,
    state: &'static str,
    reason: &'static str,
    alerted: bool,
}

impl<'a> Line<'a> {
    pub(super) fn of(record: &Record<'a>) -> Self {
        let verdict = record.verdict;
        let flow = &verdict.flow;
        let (ports, icmp) = (Parts(flow).ports(), Parts(flow).icmp());
        let over = || LineEnd::of(flow, verdict.alert.is_some());
        Self {
            timestamp: time::offset(flow.last),
            flow_id: flow_id(flow.uid()),
            in_iface: record.source,
            event_type: match record.alert {
                Some(_) => "alert",
                None => "flow",
            },
            vlan: flow.vlan.map(|vlan| [vlan]),
            src_ip: flow.key.initiator,
            src_port: ports.map(|ports| ports.0),
            dest_ip: flow.key.responder,
            dest_port: ports.map(|ports| ports.1),
            proto: protocol_of_suricata(flow.key.protocol),
            icmp_type: icmp.map(|icmp| icmp.0),
            icmp_code: icmp.map(|icmp| icmp.1),
            community_id: community_id(flow),
            alert: record.alert.map(LineAlert::of),
            flow: LineFlow {
                pkts_toserver: flow.forward.packets,
                pkts_toclient: flow.backward.packets,
                bytes_toserver: flow.forward.ip_bytes,
                bytes_toclient: flow.backward.ip_bytes,
                start: time::offset(flow.first),
                over: record.alert.is_none().then(over),
            },
            nettraffic: Own::of(record),
        }
    }
}

impl LineAlert {
    fn of(alert: &SensorAlert) -> Self {
        let rule = Rule::of(alert.alert());
        Self {
            action: "allowed",
            gid: 1,
            signature_id: rule.id,
            rev: 1,
            signature: rule.name,
            category: rule.category,
            severity: match alert.severity {
                Severity::Critical => 1,
                Severity::High => 2,
                Severity::Medium => 3,
                Severity::Low => 4,
            },
        }
    }
}

impl LineEnd {
    fn of(flow: &Flow, alerted: bool) -> Self {
        let spoke = |state| state != SideState::Silent;
        let state = match flow.end {
            FlowEnd::Fin | FlowEnd::Rst => "closed",
            _ if spoke(flow.forward.state) && spoke(flow.backward.state) => "established",
            _ => "new",
        };
        Self {
            end: time::offset(flow.last),
            age: flow.duration().as_secs(),
            state,
            reason: match flow.end {
                FlowEnd::Evicted => "forced",
                FlowEnd::EndOfInput => "shutdown",
                FlowEnd::Early => "unknown",
                _ => "timeout",
            },
            alerted,
        }
    }
}

/// The lowest 53 bits of the flow's identifier: as much as every reader of JSON keeps.
const fn flow_id(uid: FlowUid) -> u64 {
    uid.0 as u64 & ((1 << 53) - 1)
}
