//! What a flow remembers beyond the base counters.

use nettraffic_capture::PacketMeta;

use crate::{Direction, Flow};

/// State that a flow table keeps per flow and updates with each of its packets.
///
/// Tuples of accumulators are accumulators, so a set of them is compiled into one
/// straight piece of code, and a flow pays only for what was chosen. `()` keeps nothing.
pub trait Accumulate: Clone + Default + Send + 'static {
    /// Takes in one packet. `flow` holds the base counters as they were *before* this packet
    /// (on the first packet of a record all its counts are 0 and `first == last == packet time`).
    fn update(&mut self, packet: &PacketMeta, direction: Direction, flow: &Flow<()>);
}

impl Accumulate for () {
    fn update(&mut self, _: &PacketMeta, _: Direction, _: &Flow<()>) {}
}
