//! How well TCP connections run.

use nettraffic_flow::{Direction, SideQuality};

use super::both_sides;
use crate::Feature;
use crate::Missing::{Never, Zero};
use crate::flow::measure::{number, ratio};
use crate::flow::record::Record;

pub(super) static ENTRIES: &[Feature] = both_sides! {
    "retransmitted" {
        unit: Count,
        missing: Never,
        source: "UNSW-NB15 sloss and dloss, tshark tcp.analysis.retransmission",
        formula: "segments of the ", " with anything that was seen before",
        value: |flow, side| number(quality(flow, side).retransmitted()),
    }
    "retransmitted_share" {
        unit: Ratio,
        missing: Zero,
        source: "as retransmitted",
        formula: "payload that was seen before / payload, of the ", "",
        value: |flow, side| {
            ratio(quality(flow, side).retransmitted_bytes(), flow.state.lengths.payload.get(side).sum())
        },
    }
    "reordered" {
        unit: Count,
        missing: Never,
        source: "tshark tcp.analysis.out_of_order",
        formula: "segments of the ", " that were overtaken on the way",
        value: |flow, side| number(quality(flow, side).reordered()),
    }
    "recovered" {
        unit: Count,
        missing: Never,
        source: "tshark tcp.analysis.fast_retransmission and retransmissions after a loss",
        formula: "segments of the ", " that were lost before the capture and sent again",
        value: |flow, side| number(quality(flow, side).recovered()),
    }
    "missed_bytes" {
        unit: Bytes,
        missing: Never,
        source: "Zeek missed_bytes, per side",
        formula: "payload of the ", " that was acknowledged but not captured",
        value: |flow, side| number(quality(flow, side).missed_bytes()),
    }
    "acknowledged_bytes" {
        unit: Bytes,
        missing: Never,
        source: "Moore, Zuev and Crogan 2005, unique bytes sent",
        formula: "payload of the ", " that the other side acknowledged",
        value: |flow, side| number(quality(flow, side).acknowledged_bytes()),
    }
    "duplicate_acks" {
        unit: Count,
        missing: Never,
        source: "tshark tcp.analysis.duplicate_ack",
        formula: "acknowledgements that the ", " repeated while data was under way",
        value: |flow, side| number(quality(flow, side).duplicate_acks()),
    }
    "probes" {
        unit: Count,
        missing: Never,
        source: "tshark tcp.analysis.keep_alive and tcp.analysis.zero_window_probe",
        formula: "keep-alives and probes of a zero window of the ", "",
        value: |flow, side| number(quality(flow, side).probes()),
    }
    "zero_windows" {
        unit: Count,
        missing: Never,
        source: "tshark tcp.analysis.zero_window",
        formula: "segments of the ", " that tell it takes nothing more",
        value: |flow, side| number(quality(flow, side).zero_windows()),
    }
    "window_min" {
        unit: Bytes,
        missing: Zero,
        source: "Moore, Zuev and Crogan 2005, minimum window advertised",
        formula: "smallest receive window of the ", " outside the handshake, scaled when both SYNs were seen; 0 without any",
        value: |flow, side| quality(flow, side).windows().map(|(min, _)| f64::from(min)),
    }
    "window_max" {
        unit: Bytes,
        missing: Zero,
        source: "Moore, Zuev and Crogan 2005, maximum window advertised",
        formula: "largest receive window of the ", " outside the handshake, scaled when both SYNs were seen; 0 without any",
        value: |flow, side| quality(flow, side).windows().map(|(_, max)| f64::from(max)),
    }
};

fn quality<'a>(flow: &'a Record<'_>, side: Direction) -> &'a SideQuality {
    flow.state.detail.quality.sides.get(side)
}
