//! How the gaps between the packets of a side are spread.

use nettraffic_flow::Direction;

use super::both_sides;
use crate::Feature;
use crate::Missing::Zero;
use crate::flow::measure::seconds;
use crate::flow::record::Record;

pub(super) static ENTRIES: &[Feature] = both_sides! {
    "gap_skewness" {
        unit: None,
        missing: Zero,
        source: "moments of inter-arrival times (Moore, Zuev and Crogan 2005 give mean and variance)",
        formula: "population skewness of the time between packets of the ", ", in whole microseconds; undefined when all are alike",
        value: |flow, side| flow.state.detail.gaps.sides.get(side).micros.skewness(),
    }
    "gap_p10" {
        unit: Seconds,
        missing: Zero,
        source: "as gap_p25",
        formula: "10th percentile of the time between packets of the ", ", within a fifth from 0.13 ms to 206 s; undefined with fewer than two",
        value: |flow, side| percentile(flow, side, 10),
    }
    "gap_p25" {
        unit: Seconds,
        missing: Zero,
        source: "Moore, Zuev and Crogan 2005, first quartile of inter-arrival times",
        formula: "25th percentile of the time between packets of the ", ", within a fifth from 0.13 ms to 206 s; undefined with fewer than two",
        value: |flow, side| percentile(flow, side, 25),
    }
    "gap_p50" {
        unit: Seconds,
        missing: Zero,
        source: "Moore, Zuev and Crogan 2005, median of inter-arrival times",
        formula: "median of the time between packets of the ", ", within a fifth from 0.13 ms to 206 s; undefined with fewer than two",
        value: |flow, side| percentile(flow, side, 50),
    }
    "gap_p75" {
        unit: Seconds,
        missing: Zero,
        source: "Moore, Zuev and Crogan 2005, third quartile of inter-arrival times",
        formula: "75th percentile of the time between packets of the ", ", within a fifth from 0.13 ms to 206 s; undefined with fewer than two",
        value: |flow, side| percentile(flow, side, 75),
    }
    "gap_p90" {
        unit: Seconds,
        missing: Zero,
        source: "as gap_p75",
        formula: "90th percentile of the time between packets of the ", ", within a fifth from 0.13 ms to 206 s; undefined with fewer than two",
        value: |flow, side| percentile(flow, side, 90),
    }
};

fn percentile(flow: &Record<'_>, side: Direction, percent: u8) -> Option<f64> {
    let range = flow.state.gaps.sides.get(side).nanos();
    let shape = flow.state.detail.gaps.sides.get(side);
    seconds(shape.nanos.percentile(percent, range.min()?, range.max()?))
}
