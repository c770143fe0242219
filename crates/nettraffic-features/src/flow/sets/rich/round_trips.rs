//! How long the hosts of a TCP connection take to answer.

use crate::Missing::{Indicated, Never, Zero};
use crate::flow::Value::Number;
use crate::flow::measure::{number, seconds, whole_seconds};
use crate::flow::record::Record;
use crate::{Feature, Unit};

pub(super) static ENTRIES: &[Feature] = &[
    Feature {
        name: "syn_to_syn_ack",
        unit: Unit::Seconds,
        missing: Indicated(0.0),
        source: "UNSW-NB15 synack",
        formula: "from the initiator's SYN to the responder's SYN-ACK; undefined when one was not seen or was sent again",
        value: Number(|flow| whole_seconds(flow.state.detail.round_trips.handshake_to_responder())),
    },
    Feature {
        name: "syn_ack_to_ack",
        unit: Unit::Seconds,
        missing: Indicated(0.0),
        source: "UNSW-NB15 ackdat",
        formula: "from the responder's SYN-ACK to the initiator's acknowledgement; undefined when one was not seen or was sent again",
        value: Number(|flow| whole_seconds(flow.state.detail.round_trips.handshake_to_initiator())),
    },
    Feature {
        name: "handshake_round_trip",
        unit: Unit::Seconds,
        missing: Zero,
        source: "UNSW-NB15 tcprtt",
        formula: "syn_to_syn_ack + syn_ack_to_ack; undefined unless both are defined",
        value: Number(handshake),
    },
    Feature {
        name: "responder_round_trips",
        unit: Unit::Count,
        missing: Never,
        source: "Moore, Zuev and Crogan 2005, RTT samples",
        formula: "round trips that were timed from the capture to the responder and back, after the handshake",
        value: Number(|flow| number(flow.state.detail.round_trips.to_responder().count())),
    },
    Feature {
        name: "responder_round_trip_min",
        unit: Unit::Seconds,
        missing: Zero,
        source: "Moore, Zuev and Crogan 2005, RTT minimum",
        formula: "shortest round trip to the responder after the handshake; 0 without any",
        value: Number(|flow| whole_seconds(flow.state.detail.round_trips.to_responder().min())),
    },
    Feature {
        name: "responder_round_trip_mean",
        unit: Unit::Seconds,
        missing: Zero,
        source: "Moore, Zuev and Crogan 2005, RTT average",
        formula: "mean round trip to the responder after the handshake; 0 without any",
        value: Number(|flow| seconds(flow.state.detail.round_trips.to_responder().mean())),
    },
    Feature {
        name: "responder_round_trip_max",
        unit: Unit::Seconds,
        missing: Zero,
        source: "Moore, Zuev and Crogan 2005, RTT maximum",
        formula: "longest round trip to the responder after the handshake; 0 without any",
        value: Number(|flow| whole_seconds(flow.state.detail.round_trips.to_responder().max())),
    },
    Feature {
        name: "initiator_round_trips",
        unit: Unit::Count,
        missing: Never,
        source: "Moore, Zuev and Crogan 2005, RTT samples",
        formula: "round trips that were timed from the capture to the initiator and back, after the handshake",
        value: Number(|flow| number(flow.state.detail.round_trips.to_initiator().count())),
    },
    Feature {
        name: "initiator_round_trip_min",
        unit: Unit::Seconds,
        missing: Zero,
        source: "Moore, Zuev and Crogan 2005, RTT minimum",
        formula: "shortest round trip to the initiator after the handshake; 0 without any",
        value: Number(|flow| whole_seconds(flow.state.detail.round_trips.to_initiator().min())),
    },
    Feature {
        name: "initiator_round_trip_mean",
        unit: Unit::Seconds,
        missing: Zero,
        source: "Moore, Zuev and Crogan 2005, RTT average",
        formula: "mean round trip to the initiator after the handshake; 0 without any",
        value: Number(|flow| seconds(flow.state.detail.round_trips.to_initiator().mean())),
    },
    Feature {
        name: "initiator_round_trip_max",
        unit: Unit::Seconds,
        missing: Zero,
        source: "Moore, Zuev and Crogan 2005, RTT maximum",
        formula: "longest round trip to the initiator after the handshake; 0 without any",
        value: Number(|flow| whole_seconds(flow.state.detail.round_trips.to_initiator().max())),
    },
];

fn handshake(flow: &Record<'_>) -> Option<f64> {
    let trips = &flow.state.detail.round_trips;
    let (responder, initiator) = (
        trips.handshake_to_responder()?,
        trips.handshake_to_initiator()?,
    );
    whole_seconds(Some(responder.saturating_add(initiator)))
}
