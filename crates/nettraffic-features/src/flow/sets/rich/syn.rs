//! What the sides of a TCP connection offer when it opens.

use nettraffic_flow::{Direction, SynOffer};

use super::both_sides;
use crate::Feature;
use crate::Missing::{Indicated, Never, Zero};
use crate::flow::measure::flag;
use crate::flow::record::Record;

pub(super) static ENTRIES: &[Feature] = both_sides! {
    "syn_segment_size" {
        unit: Bytes,
        missing: Zero,
        source: "Moore, Zuev and Crogan 2005, maximum segment size requested",
        formula: "maximum segment size in the first SYN of the ", "; 0 when it offered none",
        value: |flow, side| offer(flow, side)?.maximum_segment_size.map(f64::from),
    }
    "syn_window_scale" {
        unit: None,
        missing: Indicated(0.0),
        source: "Moore, Zuev and Crogan 2005, requests for window scaling",
        formula: "window scale in the first SYN of the ", "; undefined when it offered none",
        value: |flow, side| offer(flow, side)?.window_scale.map(f64::from),
    }
    "syn_sack_permitted" {
        unit: Flag,
        missing: Never,
        source: "Moore, Zuev and Crogan 2005, requests for selective acknowledgements",
        formula: "1 when the first SYN of the ", " permits selective acknowledgements",
        value: |flow, side| flag(offer(flow, side).is_some_and(|offer| offer.sack_permitted)),
    }
    "syn_timestamps" {
        unit: Flag,
        missing: Never,
        source: "Moore, Zuev and Crogan 2005, requests for time stamps",
        formula: "1 when the first SYN of the ", " bears a time stamp",
        value: |flow, side| flag(offer(flow, side).is_some_and(|offer| offer.timestamps)),
    }
};

fn offer(flow: &Record<'_>, side: Direction) -> Option<SynOffer> {
    *flow.state.detail.syn.sides.get(side)
}
