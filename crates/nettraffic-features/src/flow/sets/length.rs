//! How long packets are.

use super::{Group, Table};
use crate::Missing::Zero;
use crate::flow::Value::Number;
use crate::flow::level::Needs;
use crate::flow::measure::{ratio, whole};
use crate::{Feature, Unit};

pub(super) static LENGTH: Group = Group {
    name: "length",
    about: "How long packets are: transport payload, packets without payload included.",
    tables: &[Table {
        needs: Needs::TRAFFIC,
        without: &[],
        features: &[
            Feature {
                name: "payload_mean",
                unit: Unit::Bytes,
                missing: Zero,
                source: "CIC-IDS2017 Packet Length Mean",
                formula: "mean payload per packet",
                value: Number(|flow| flow.state.lengths.of_both_sides().mean()),
            },
            Feature {
                name: "payload_std",
                unit: Unit::Bytes,
                missing: Zero,
                source: "CIC-IDS2017 Packet Length Std",
                formula: "population standard deviation of the payload per packet",
                value: Number(|flow| flow.state.lengths.of_both_sides().population_std()),
            },
            Feature {
                name: "forward_payload_min",
                unit: Unit::Bytes,
                missing: Zero,
                source: "CIC-IDS2017 Fwd Packet Length Min",
                formula: "smallest payload per packet of the initiator; 0 when it sent none",
                value: Number(|flow| whole(flow.state.lengths.payload.forward.min())),
            },
            Feature {
                name: "forward_payload_mean",
                unit: Unit::Bytes,
                missing: Zero,
                source: "CIC-IDS2017 Fwd Packet Length Mean",
                formula: "mean payload per packet of the initiator; 0 when it sent none",
                value: Number(|flow| flow.state.lengths.payload.forward.mean()),
            },
            Feature {
                name: "forward_payload_max",
                unit: Unit::Bytes,
                missing: Zero,
                source: "CIC-IDS2017 Fwd Packet Length Max",
                formula: "largest payload per packet of the initiator; 0 when it sent none",
                value: Number(|flow| whole(flow.state.lengths.payload.forward.max())),
            },
            Feature {
                name: "forward_payload_std",
                unit: Unit::Bytes,
                missing: Zero,
                source: "CIC-IDS2017 Fwd Packet Length Std",
                formula: "population standard deviation of the payload per packet of the initiator; 0 when it sent none",
                value: Number(|flow| flow.state.lengths.payload.forward.population_std()),
            },
            Feature {
                name: "backward_payload_min",
                unit: Unit::Bytes,
                missing: Zero,
                source: "CIC-IDS2017 Bwd Packet Length Min",
                formula: "smallest payload per packet of the responder; 0 when it sent none",
                value: Number(|flow| whole(flow.state.lengths.payload.backward.min())),
            },
            Feature {
                name: "backward_payload_mean",
                unit: Unit::Bytes,
                missing: Zero,
                source: "CIC-IDS2017 Bwd Packet Length Mean",
                formula: "mean payload per packet of the responder; 0 when it sent none",
                value: Number(|flow| flow.state.lengths.payload.backward.mean()),
            },
            Feature {
                name: "backward_payload_max",
                unit: Unit::Bytes,
                missing: Zero,
                source: "CIC-IDS2017 Bwd Packet Length Max",
                formula: "largest payload per packet of the responder; 0 when it sent none",
                value: Number(|flow| whole(flow.state.lengths.payload.backward.max())),
            },
            Feature {
                name: "backward_payload_std",
                unit: Unit::Bytes,
                missing: Zero,
                source: "CIC-IDS2017 Bwd Packet Length Std",
                formula: "population standard deviation of the payload per packet of the responder; 0 when it sent none",
                value: Number(|flow| flow.state.lengths.payload.backward.population_std()),
            },
            Feature {
                name: "forward_data_share",
                unit: Unit::Ratio,
                missing: Zero,
                source: "CIC-IDS2017 act_data_pkt_fwd, as a share",
                formula: "packets with payload / packets, of the initiator",
                value: Number(|flow| {
                    ratio(
                        flow.state.data_packets.sides.forward.into(),
                        flow.forward.packets,
                    )
                }),
            },
            Feature {
                name: "backward_data_share",
                unit: Unit::Ratio,
                missing: Zero,
                source: "as forward_data_share",
                formula: "packets with payload / packets, of the responder",
                value: Number(|flow| {
                    ratio(
                        flow.state.data_packets.sides.backward.into(),
                        flow.backward.packets,
                    )
                }),
            },
        ],
    }],
};
