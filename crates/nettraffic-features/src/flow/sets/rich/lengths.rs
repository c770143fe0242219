//! How lengths are spread, and what headers take.

use nettraffic_flow::{Direction, Side};

use super::both_sides;
use crate::Feature;
use crate::Missing::{Never, Zero};
use crate::flow::measure::{number, ratio};
use crate::flow::record::Record;

pub(super) static ENTRIES: &[Feature] = both_sides! {
    "payload_skewness" {
        unit: None,
        missing: Zero,
        source: "moments of packet sizes (Moore, Zuev and Crogan 2005 give mean and variance)",
        formula: "population skewness of the payload per packet of the ", "; undefined when all are alike",
        value: |flow, side| flow.state.detail.lengths.sides.get(side).powers.skewness(),
    }
    "payload_p10" {
        unit: Bytes,
        missing: Zero,
        source: "as payload_p25",
        formula: "10th percentile of the payload per packet of the ", ", within a fifth; 0 when it sent none",
        value: |flow, side| percentile(flow, side, 10),
    }
    "payload_p25" {
        unit: Bytes,
        missing: Zero,
        source: "Moore, Zuev and Crogan 2005, first quartile of bytes in packets",
        formula: "25th percentile of the payload per packet of the ", ", within a fifth; 0 when it sent none",
        value: |flow, side| percentile(flow, side, 25),
    }
    "payload_p50" {
        unit: Bytes,
        missing: Zero,
        source: "Moore, Zuev and Crogan 2005, median of bytes in packets",
        formula: "median of the payload per packet of the ", ", within a fifth; 0 when it sent none",
        value: |flow, side| percentile(flow, side, 50),
    }
    "payload_p75" {
        unit: Bytes,
        missing: Zero,
        source: "Moore, Zuev and Crogan 2005, third quartile of bytes in packets",
        formula: "75th percentile of the payload per packet of the ", ", within a fifth; 0 when it sent none",
        value: |flow, side| percentile(flow, side, 75),
    }
    "payload_p90" {
        unit: Bytes,
        missing: Zero,
        source: "as payload_p75",
        formula: "90th percentile of the payload per packet of the ", ", within a fifth; 0 when it sent none",
        value: |flow, side| percentile(flow, side, 90),
    }
    "ip_bytes" {
        unit: Bytes,
        missing: Never,
        source: "UNSW-NB15 sbytes and dbytes, Zeek orig_ip_bytes",
        formula: "bytes of IP packets of the ", ", headers included",
        value: |flow, side| number(side_of(flow, side).ip_bytes),
    }
    "ip_length_mean" {
        unit: Bytes,
        missing: Zero,
        source: "UNSW-NB15 smeansz and dmeansz, NFStream src2dst_mean_ps",
        formula: "mean length of IP packets of the ", ", headers included; 0 when it sent none",
        value: |flow, side| {
            let sent = side_of(flow, side);
            ratio(sent.ip_bytes, sent.packets)
        },
    }
    "header_share" {
        unit: Ratio,
        missing: Zero,
        source: "CIC-IDS2017 Fwd Header Length, as a share",
        formula: "bytes of IP and transport headers / bytes of IP packets, of the ", "; 0 when it sent none",
        value: |flow, side| {
            let sent = side_of(flow, side);
            ratio(sent.ip_bytes.saturating_sub(sent.payload_bytes), sent.ip_bytes)
        },
    }
};

fn percentile(flow: &Record<'_>, side: Direction, percent: u8) -> Option<f64> {
    let range = flow.state.lengths.payload.get(side);
    let shape = flow.state.detail.lengths.sides.get(side);
    shape
        .histogram
        .percentile(percent, range.min()?, range.max()?)
}

fn side_of<'a>(flow: &'a Record<'_>, side: Direction) -> &'a Side {
    match side {
        Direction::Forward => &flow.forward,
        Direction::Backward => &flow.backward,
    }
}
