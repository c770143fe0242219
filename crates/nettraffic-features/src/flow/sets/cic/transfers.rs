//! Bulks and subflows.

use nettraffic_flow::Bulks;
use nettraffic_flow::Direction::{Backward, Forward};

use crate::Missing::{Never, Zero};
use crate::flow::Value::Number;
use crate::flow::measure::{ratio, seconds};
use crate::flow::record::Record;
use crate::{Feature, Unit};

pub(super) const ENTRIES: &[Feature] = &[
    Feature {
        name: "forward_bulk_bytes",
        unit: Unit::Bytes,
        missing: Zero,
        source: "CIC-IDS2017 Fwd Avg Bytes/Bulk",
        formula: "mean payload of a bulk of the initiator (a bulk: 4 or more packets with payload, gaps up to 1 s, without payload of the other side between them); 0 without any",
        value: Number(|flow| bytes_per_bulk(&flow.state.transfers.bulks.of(Forward))),
    },
    Feature {
        name: "forward_bulk_packets",
        unit: Unit::Count,
        missing: Zero,
        source: "CIC-IDS2017 Fwd Avg Packets/Bulk",
        formula: "mean number of packets of a bulk of the initiator; 0 without any",
        value: Number(|flow| packets_per_bulk(&flow.state.transfers.bulks.of(Forward))),
    },
    Feature {
        name: "forward_bulk_rate",
        unit: Unit::BytesPerSecond,
        missing: Zero,
        source: "CIC-IDS2017 Fwd Avg Bulk Rate",
        formula: "payload of the bulks of the initiator / their durations; 0 without any, undefined at duration 0",
        value: Number(|flow| bulk_rate(&flow.state.transfers.bulks.of(Forward))),
    },
    Feature {
        name: "backward_bulk_bytes",
        unit: Unit::Bytes,
        missing: Zero,
        source: "CIC-IDS2017 Bwd Avg Bytes/Bulk",
        formula: "mean payload of a bulk of the responder (a bulk: 4 or more packets with payload, gaps up to 1 s, without payload of the other side between them); 0 without any",
        value: Number(|flow| bytes_per_bulk(&flow.state.transfers.bulks.of(Backward))),
    },
    Feature {
        name: "backward_bulk_packets",
        unit: Unit::Count,
        missing: Zero,
        source: "CIC-IDS2017 Bwd Avg Packets/Bulk",
        formula: "mean number of packets of a bulk of the responder; 0 without any",
        value: Number(|flow| packets_per_bulk(&flow.state.transfers.bulks.of(Backward))),
    },
    Feature {
        name: "backward_bulk_rate",
        unit: Unit::BytesPerSecond,
        missing: Zero,
        source: "CIC-IDS2017 Bwd Avg Bulk Rate",
        formula: "payload of the bulks of the responder / their durations; 0 without any, undefined at duration 0",
        value: Number(|flow| bulk_rate(&flow.state.transfers.bulks.of(Backward))),
    },
    Feature {
        name: "subflow_forward_packets",
        unit: Unit::Count,
        missing: Never,
        source: "CIC-IDS2017 Subflow Fwd Packets",
        formula: "packets of the initiator / parts of the flow between pauses over 1 s",
        value: Number(|flow| per_subflow(flow.forward.packets, flow)),
    },
    Feature {
        name: "subflow_forward_bytes",
        unit: Unit::Bytes,
        missing: Never,
        source: "CIC-IDS2017 Subflow Fwd Bytes",
        formula: "payload of the initiator / parts of the flow between pauses over 1 s",
        value: Number(|flow| per_subflow(flow.forward.payload_bytes, flow)),
    },
    Feature {
        name: "subflow_backward_packets",
        unit: Unit::Count,
        missing: Never,
        source: "CIC-IDS2017 Subflow Bwd Packets",
        formula: "packets of the responder / parts of the flow between pauses over 1 s",
        value: Number(|flow| per_subflow(flow.backward.packets, flow)),
    },
    Feature {
        name: "subflow_backward_bytes",
        unit: Unit::Bytes,
        missing: Never,
        source: "CIC-IDS2017 Subflow Bwd Bytes",
        formula: "payload of the responder / parts of the flow between pauses over 1 s",
        value: Number(|flow| per_subflow(flow.backward.payload_bytes, flow)),
    },
];

fn bytes_per_bulk(side: &Bulks) -> Option<f64> {
    ratio(side.bytes, side.bulks.into())
}

fn packets_per_bulk(side: &Bulks) -> Option<f64> {
    ratio(side.packets, side.bulks.into())
}

fn bulk_rate(side: &Bulks) -> Option<f64> {
    let duration = seconds(Some(side.nanos as f64))?;
    (duration > 0.0).then(|| side.bytes as f64 / duration)
}

fn per_subflow(amount: u64, flow: &Record<'_>) -> Option<f64> {
    ratio(amount, flow.state.transfers.subflows.count())
}
