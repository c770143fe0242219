//! How evenly the bytes of payloads are spread.

use nettraffic_capture::Entropy;
use nettraffic_flow::{Direction, EntropyRange};

use super::both_sides;
use crate::Feature;
use crate::Missing::{Indicated, Zero};
use crate::flow::record::Record;

pub(super) static ENTRIES: &[Feature] = both_sides! {
    "entropy_mean" {
        unit: None,
        missing: Indicated(0.0),
        source: "Joy's byte distribution and entropy, per packet",
        formula: "mean byte entropy of the payloads of the ", ", bits a byte; undefined when no payload was captured or its entropy not asked for",
        value: |flow, side| entropy(flow, side).mean(),
    }
    "entropy_first" {
        unit: None,
        missing: Zero,
        source: "as entropy_mean",
        formula: "byte entropy of the first payload of the ", ", bits a byte; undefined as the mean",
        value: |flow, side| entropy(flow, side).first().map(Entropy::bits),
    }
    "entropy_min" {
        unit: None,
        missing: Zero,
        source: "as entropy_mean",
        formula: "smallest byte entropy of a payload of the ", ", bits a byte; undefined as the mean",
        value: |flow, side| entropy(flow, side).min().map(Entropy::bits),
    }
    "entropy_max" {
        unit: None,
        missing: Zero,
        source: "as entropy_mean",
        formula: "largest byte entropy of a payload of the ", ", bits a byte; undefined as the mean",
        value: |flow, side| entropy(flow, side).max().map(Entropy::bits),
    }
};

fn entropy<'a>(flow: &'a Record<'_>, side: Direction) -> &'a EntropyRange {
    flow.state.detail.entropy.sides.get(side)
}
