//! Segments, and what they show of their connection.

mod model;
mod rules;

use super::TcpQuality;
use crate::accumulators::testing::accumulate;
use crate::tcp::script::Segment;

/// The quality of `segments`, with all their numbers moved.
fn quality(segments: &[Segment], moved: u32) -> TcpQuality {
    let packets: Vec<_> = segments
        .iter()
        .map(|segment| (segment.direction, segment.moved(moved).packet()))
        .collect();
    accumulate(&packets)
}
