//! What belongs to a flow beside its packets.

use crate::Missing::Never;
use crate::flow::Value::Number;
use crate::flow::measure::{flag, number};
use crate::{Feature, Unit};

pub(super) static ENTRIES: &[Feature] = &[
    Feature {
        name: "icmp_error_packets",
        unit: Unit::Count,
        missing: Never,
        source: "RFC 792 and RFC 4443, errors that quote a packet of the flow",
        formula: "ICMP errors about packets of the flow",
        value: Number(|flow| number(flow.icmp_errors.packets)),
    },
    Feature {
        name: "icmp_error_bytes",
        unit: Unit::Bytes,
        missing: Never,
        source: "as icmp_error_packets",
        formula: "bytes of IP packets with ICMP errors about packets of the flow",
        value: Number(|flow| number(flow.icmp_errors.ip_bytes)),
    },
    Feature {
        name: "continues",
        unit: Unit::Flag,
        missing: Never,
        source: "records that an active timeout splits, as in IPFIX",
        formula: "1 when the record goes on with a conversation of which an earlier record tells",
        value: Number(|flow| flag(flow.continuation > 0)),
    },
];
