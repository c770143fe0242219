//! How often TCP flags are set, in either direction.

use nettraffic_capture::TcpFlags;

use crate::Missing::Never;
use crate::flow::Value::Number;
use crate::flow::measure::number;
use crate::{Feature, Unit};

pub(super) const ENTRIES: &[Feature] = &[
    Feature {
        name: "fin",
        unit: Unit::Count,
        missing: Never,
        source: "CIC-IDS2017 FIN Flag Count",
        formula: "packets with FIN",
        value: Number(|flow| number(flow.state.flags.of_both_sides(TcpFlags::FIN))),
    },
    Feature {
        name: "syn",
        unit: Unit::Count,
        missing: Never,
        source: "CIC-IDS2017 SYN Flag Count",
        formula: "packets with SYN",
        value: Number(|flow| number(flow.state.flags.of_both_sides(TcpFlags::SYN))),
    },
    Feature {
        name: "rst",
        unit: Unit::Count,
        missing: Never,
        source: "CIC-IDS2017 RST Flag Count",
        formula: "packets with RST",
        value: Number(|flow| number(flow.state.flags.of_both_sides(TcpFlags::RST))),
    },
    Feature {
        name: "psh",
        unit: Unit::Count,
        missing: Never,
        source: "CIC-IDS2017 PSH Flag Count",
        formula: "packets with PSH",
        value: Number(|flow| number(flow.state.flags.of_both_sides(TcpFlags::PSH))),
    },
    Feature {
        name: "cwr",
        unit: Unit::Count,
        missing: Never,
        source: "CIC-IDS2017 CWE Flag Count",
        formula: "packets with CWR",
        value: Number(|flow| number(flow.state.flags.of_both_sides(TcpFlags::CWR))),
    },
    Feature {
        name: "ece",
        unit: Unit::Count,
        missing: Never,
        source: "CIC-IDS2017 ECE Flag Count",
        formula: "packets with ECE",
        value: Number(|flow| number(flow.state.flags.of_both_sides(TcpFlags::ECE))),
    },
    Feature {
        name: "forward_urg",
        unit: Unit::Count,
        missing: Never,
        source: "CIC-IDS2017 Fwd URG Flags",
        formula: "packets of the initiator with URG",
        value: Number(|flow| number(flow.state.flags.sides.forward.of(TcpFlags::URG))),
    },
    Feature {
        name: "backward_urg",
        unit: Unit::Count,
        missing: Never,
        source: "CIC-IDS2017 Bwd URG Flags",
        formula: "packets of the responder with URG",
        value: Number(|flow| number(flow.state.flags.sides.backward.of(TcpFlags::URG))),
    },
];
