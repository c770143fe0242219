//! Runs of packets of one side.

use nettraffic_flow::{BurstCounts, Direction};

use super::both_sides;
use crate::Feature;
use crate::Missing::{Never, Zero};
use crate::flow::measure::{number, ratio, seconds, whole_seconds};
use crate::flow::record::Record;

pub(super) static ENTRIES: &[Feature] = both_sides! {
    "bursts" {
        unit: Count,
        missing: Never,
        source: "bursts of traffic analysis (Dyer and others 2012), also parted by gaps",
        formula: "runs of packets of the ", " with none of the other side in between and no gap over 1 s",
        value: |flow, side| number(bursts(flow, side).count()),
    }
    "burst_packets_mean" {
        unit: Count,
        missing: Zero,
        source: "as bursts",
        formula: "packets / bursts, of the ", "; 0 without any",
        value: |flow, side| {
            ratio(flow.state.detail.lengths.sides.get(side).powers.count(), bursts(flow, side).count().into())
        },
    }
    "burst_packets_max" {
        unit: Count,
        missing: Never,
        source: "as bursts",
        formula: "most packets in one burst of the ", "; 0 without any",
        value: |flow, side| number(bursts(flow, side).largest_packets()),
    }
    "burst_payload_mean" {
        unit: Bytes,
        missing: Zero,
        source: "Dyer and others 2012, bytes per burst",
        formula: "payload / bursts, of the ", "; 0 without any",
        value: |flow, side| {
            ratio(flow.state.lengths.payload.get(side).sum(), bursts(flow, side).count().into())
        },
    }
    "burst_payload_max" {
        unit: Bytes,
        missing: Never,
        source: "Dyer and others 2012, bytes per burst",
        formula: "most payload in one burst of the ", "; 0 without any",
        value: |flow, side| number(bursts(flow, side).largest_payload()),
    }
    "burst_duration_mean" {
        unit: Seconds,
        missing: Zero,
        source: "as bursts",
        formula: "mean time from the first to the last packet of a burst of the ", "; 0 without any",
        value: |flow, side| {
            let bursts = bursts(flow, side);
            seconds(ratio(bursts.nanos(), bursts.count().into()))
        },
    }
    "burst_duration_max" {
        unit: Seconds,
        missing: Never,
        source: "as bursts",
        formula: "longest time from the first to the last packet of a burst of the ", "; 0 without any",
        value: |flow, side| whole_seconds(Some(bursts(flow, side).longest_nanos())),
    }
};

fn bursts(flow: &Record<'_>, side: Direction) -> BurstCounts {
    flow.state.detail.bursts.of(side)
}
