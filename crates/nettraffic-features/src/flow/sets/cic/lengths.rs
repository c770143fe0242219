//! How much is sent, in which sizes.

use nettraffic_flow::Direction::{Backward, Forward};

use crate::Missing::{Never, Zero};
use crate::flow::Value::Number;
use crate::flow::measure::{number, ratio, whole};
use crate::{Feature, Unit};

pub(super) const ENTRIES: &[Feature] = &[
    Feature {
        name: "forward_payload_sample_std",
        unit: Unit::Bytes,
        missing: Zero,
        source: "CIC-IDS2017 Fwd Packet Length Std",
        formula: "sample standard deviation of the payload per packet of the initiator; undefined with fewer than two packets",
        value: Number(|flow| flow.state.lengths.payload.forward.sample_std()),
    },
    Feature {
        name: "backward_payload_sample_std",
        unit: Unit::Bytes,
        missing: Zero,
        source: "CIC-IDS2017 Bwd Packet Length Std",
        formula: "sample standard deviation of the payload per packet of the responder; undefined with fewer than two packets",
        value: Number(|flow| flow.state.lengths.payload.backward.sample_std()),
    },
    Feature {
        name: "payload_min",
        unit: Unit::Bytes,
        missing: Never,
        source: "CIC-IDS2017 Min Packet Length",
        formula: "smallest payload per packet",
        value: Number(|flow| whole(flow.state.lengths.of_both_sides().min())),
    },
    Feature {
        name: "payload_max",
        unit: Unit::Bytes,
        missing: Never,
        source: "CIC-IDS2017 Max Packet Length",
        formula: "largest payload per packet",
        value: Number(|flow| whole(flow.state.lengths.of_both_sides().max())),
    },
    Feature {
        name: "payload_sample_std",
        unit: Unit::Bytes,
        missing: Zero,
        source: "CIC-IDS2017 Packet Length Std",
        formula: "sample standard deviation of the payload per packet; undefined with fewer than two packets",
        value: Number(|flow| flow.state.lengths.of_both_sides().sample_std()),
    },
    Feature {
        name: "payload_sample_variance",
        unit: Unit::None,
        missing: Zero,
        source: "CIC-IDS2017 Packet Length Variance",
        formula: "its square, in bytes²: the sample variance of the payload per packet",
        value: Number(|flow| flow.state.lengths.of_both_sides().sample_variance()),
    },
    Feature {
        name: "forward_header_bytes",
        unit: Unit::Bytes,
        missing: Never,
        source: "CIC-IDS2017 Fwd Header Length",
        formula: "bytes of the transport headers of the initiator, options included, IP headers not",
        value: Number(|flow| number(flow.state.transfers.headers.bytes(Forward))),
    },
    Feature {
        name: "backward_header_bytes",
        unit: Unit::Bytes,
        missing: Never,
        source: "CIC-IDS2017 Bwd Header Length",
        formula: "bytes of the transport headers of the responder, options included, IP headers not",
        value: Number(|flow| number(flow.state.transfers.headers.bytes(Backward))),
    },
    Feature {
        name: "forward_header_min",
        unit: Unit::Bytes,
        missing: Zero,
        source: "CIC-IDS2017 min_seg_size_forward",
        formula: "shortest transport header of the initiator; 0 when it sent none",
        value: Number(|flow| {
            whole(
                flow.state
                    .transfers
                    .headers
                    .smallest(Forward)
                    .map(u64::from),
            )
        }),
    },
    Feature {
        name: "forward_data_packets",
        unit: Unit::Count,
        missing: Never,
        source: "CIC-IDS2017 act_data_pkt_fwd",
        formula: "packets of the initiator with payload",
        value: Number(|flow| number(flow.state.data_packets.sides.forward)),
    },
    Feature {
        name: "down_up_ratio",
        unit: Unit::Ratio,
        missing: Zero,
        source: "CIC-IDS2017 Down/Up Ratio",
        formula: "packets of the responder / packets of the initiator, not rounded; undefined when it sent none",
        value: Number(|flow| ratio(flow.backward.packets, flow.forward.packets)),
    },
];
