//! Who speaks which protocol, how long, how much, how fast, and which way.

use nettraffic_capture::IpProtocol;

use super::{Group, Table};
use crate::Missing::{Indicated, Never, Zero};
use crate::flow::Value::{Category, Number};
use crate::flow::level::Needs;
use crate::flow::measure::{flag, number, per_second, ratio};
use crate::flow::record::Record;
use crate::flow::service;
use crate::{Feature, Unit};

pub(super) static BASIC: Group = Group {
    name: "basic",
    about: "What is spoken, how long, how much, how fast, and which way.",
    tables: &[Table {
        needs: Needs::NOTHING,
        without: &[],
        features: &[
            Feature {
                name: "protocol",
                unit: Unit::None,
                missing: Never,
                source: "NetFlow v5 prot",
                formula: "transport protocol",
                value: Category(&PROTOCOLS, protocol),
            },
            Feature {
                name: "service",
                unit: Unit::None,
                missing: Never,
                source: "NSL-KDD service, coarser",
                formula: "kind of service that listens on the responder's port",
                value: Category(&service::NAMES, service::category),
            },
            Feature {
                name: "answered",
                unit: Unit::Flag,
                missing: Never,
                source: "one-way flows, RFC 5103",
                formula: "1 when the responder sent a packet",
                value: Number(|flow| flag(flow.backward.packets > 0)),
            },
            Feature {
                name: "flow_duration",
                unit: Unit::Seconds,
                missing: Never,
                source: "Zeek duration",
                formula: "last packet − first packet",
                value: Number(|flow| Some(flow.duration().as_secs_f64())),
            },
            Feature {
                name: "forward_packets",
                unit: Unit::Count,
                missing: Never,
                source: "Zeek orig_pkts",
                formula: "packets of the initiator",
                value: Number(|flow| number(flow.forward.packets)),
            },
            Feature {
                name: "backward_packets",
                unit: Unit::Count,
                missing: Never,
                source: "Zeek resp_pkts",
                formula: "packets of the responder",
                value: Number(|flow| number(flow.backward.packets)),
            },
            Feature {
                name: "forward_payload_bytes",
                unit: Unit::Bytes,
                missing: Never,
                source: "Zeek orig_bytes",
                formula: "transport payload of the initiator",
                value: Number(|flow| number(flow.forward.payload_bytes)),
            },
            Feature {
                name: "backward_payload_bytes",
                unit: Unit::Bytes,
                missing: Never,
                source: "Zeek resp_bytes",
                formula: "transport payload of the responder",
                value: Number(|flow| number(flow.backward.payload_bytes)),
            },
            Feature {
                name: "packets_per_second",
                unit: Unit::PacketsPerSecond,
                missing: Zero,
                source: "CIC-IDS2017 Flow Packets/s",
                formula: "packets / duration; undefined at duration 0",
                value: Number(|flow| per_second(flow.packets(), flow)),
            },
            Feature {
                name: "bytes_per_second",
                unit: Unit::BytesPerSecond,
                missing: Zero,
                source: "CIC-IDS2017 Flow Bytes/s, over IP bytes",
                formula: "bytes of IP packets / duration; undefined at duration 0",
                value: Number(|flow| per_second(flow.ip_bytes(), flow)),
            },
            Feature {
                name: "forward_payload_per_second",
                unit: Unit::BytesPerSecond,
                missing: Zero,
                source: "UNSW-NB15 sload, over payload bytes",
                formula: "payload of the initiator / duration; undefined at duration 0",
                value: Number(|flow| per_second(flow.forward.payload_bytes, flow)),
            },
            Feature {
                name: "backward_payload_per_second",
                unit: Unit::BytesPerSecond,
                missing: Zero,
                source: "UNSW-NB15 dload, over payload bytes",
                formula: "payload of the responder / duration; undefined at duration 0",
                value: Number(|flow| per_second(flow.backward.payload_bytes, flow)),
            },
            Feature {
                name: "forward_packet_share",
                unit: Unit::Ratio,
                missing: Zero,
                source: "CIC-IDS2017 Down/Up Ratio, as a share",
                formula: "packets of the initiator / packets",
                value: Number(|flow| ratio(flow.forward.packets, flow.packets())),
            },
            Feature {
                name: "forward_payload_share",
                unit: Unit::Ratio,
                missing: Indicated(0.5),
                source: "producer-consumer ratio (Bullard and Gerth 2014), as a share",
                formula: "payload of the initiator / payload; undefined without payload",
                value: Number(|flow| ratio(flow.forward.payload_bytes, flow.payload_bytes())),
            },
            Feature {
                name: "header_share",
                unit: Unit::Ratio,
                missing: Zero,
                source: "CIC-IDS2017 Fwd Header Length, as a share",
                formula: "bytes of IP and transport headers / bytes of IP packets",
                value: Number(|flow| {
                    ratio(flow.ip_bytes() - flow.payload_bytes(), flow.ip_bytes())
                }),
            },
        ],
    }],
};

const PROTOCOLS: [&str; 4] = ["tcp", "udp", "icmp", "icmpv6"];

fn protocol(flow: &Record<'_>) -> usize {
    match flow.key.protocol {
        IpProtocol::TCP => 0,
        IpProtocol::UDP => 1,
        IpProtocol::ICMP => 2,
        IpProtocol::ICMPV6 => 3,
        _ => PROTOCOLS.len(),
    }
}
