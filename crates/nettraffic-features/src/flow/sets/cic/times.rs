//! How fast, and with which pauses.

use crate::Missing::{Never, Zero};
use crate::flow::Value::Number;
use crate::flow::measure::{per_second, seconds, whole_seconds};
use crate::{Feature, Unit};

pub(super) const ENTRIES: &[Feature] = &[
    Feature {
        name: "payload_per_second",
        unit: Unit::BytesPerSecond,
        missing: Zero,
        source: "CIC-IDS2017 Flow Bytes/s",
        formula: "payload / duration; undefined at duration 0",
        value: Number(|flow| per_second(flow.payload_bytes(), flow)),
    },
    Feature {
        name: "forward_packets_per_second",
        unit: Unit::PacketsPerSecond,
        missing: Zero,
        source: "CIC-IDS2017 Fwd Packets/s",
        formula: "packets of the initiator / duration; undefined at duration 0",
        value: Number(|flow| per_second(flow.forward.packets, flow)),
    },
    Feature {
        name: "backward_packets_per_second",
        unit: Unit::PacketsPerSecond,
        missing: Zero,
        source: "CIC-IDS2017 Bwd Packets/s",
        formula: "packets of the responder / duration; undefined at duration 0",
        value: Number(|flow| per_second(flow.backward.packets, flow)),
    },
    Feature {
        name: "gap_sample_std",
        unit: Unit::Seconds,
        missing: Zero,
        source: "CIC-IDS2017 Flow IAT Std",
        formula: "sample standard deviation of the time between packets; undefined with fewer than three",
        value: Number(|flow| seconds(flow.state.gaps.flow.nanos().sample_std())),
    },
    Feature {
        name: "forward_gap_total",
        unit: Unit::Seconds,
        missing: Never,
        source: "CIC-IDS2017 Fwd IAT Total",
        formula: "from the first packet of the initiator to its last",
        value: Number(|flow| whole_seconds(Some(flow.state.gaps.sides.forward.nanos().sum()))),
    },
    Feature {
        name: "forward_gap_sample_std",
        unit: Unit::Seconds,
        missing: Zero,
        source: "CIC-IDS2017 Fwd IAT Std",
        formula: "sample standard deviation of the time between packets of the initiator; undefined with fewer than three",
        value: Number(|flow| seconds(flow.state.gaps.sides.forward.nanos().sample_std())),
    },
    Feature {
        name: "backward_gap_total",
        unit: Unit::Seconds,
        missing: Never,
        source: "CIC-IDS2017 Bwd IAT Total",
        formula: "from the first packet of the responder to its last",
        value: Number(|flow| whole_seconds(Some(flow.state.gaps.sides.backward.nanos().sum()))),
    },
    Feature {
        name: "backward_gap_sample_std",
        unit: Unit::Seconds,
        missing: Zero,
        source: "CIC-IDS2017 Bwd IAT Std",
        formula: "sample standard deviation of the time between packets of the responder; undefined with fewer than three",
        value: Number(|flow| seconds(flow.state.gaps.sides.backward.nanos().sample_std())),
    },
    Feature {
        name: "active_sample_std",
        unit: Unit::Seconds,
        missing: Zero,
        source: "CIC-IDS2017 Active Std",
        formula: "sample standard deviation of the lengths of busy periods; undefined with fewer than two",
        value: Number(|flow| seconds(flow.state.periods.active().sample_std())),
    },
    Feature {
        name: "active_min",
        unit: Unit::Seconds,
        missing: Zero,
        source: "CIC-IDS2017 Active Min",
        formula: "shortest busy period; 0 without any",
        value: Number(|flow| whole_seconds(flow.state.periods.active().min())),
    },
    Feature {
        name: "idle_sample_std",
        unit: Unit::Seconds,
        missing: Zero,
        source: "CIC-IDS2017 Idle Std",
        formula: "sample standard deviation of the lengths of silence over 5 s; undefined with fewer than two",
        value: Number(|flow| seconds(flow.state.periods.idle().sample_std())),
    },
    Feature {
        name: "idle_min",
        unit: Unit::Seconds,
        missing: Zero,
        source: "CIC-IDS2017 Idle Min",
        formula: "shortest silence over 5 s; 0 without any",
        value: Number(|flow| whole_seconds(flow.state.periods.idle().min())),
    },
];
