//! What a flow remembers beyond the base counters.

use nettraffic_capture::PacketMeta;

use crate::{Direction, Flow};

/// State that a flow table keeps per flow and updates with each of its packets.
///
/// Tuples of up to eight accumulators are accumulators, so a set of them is compiled into
/// one straight piece of code, and a flow pays only for what was chosen. `()` keeps nothing.
/// Each record starts from [`Default`]: a continuation does not inherit the state of the
/// record before it.
pub trait Accumulate: Clone + Default + Send + 'static {
    /// Takes in one packet. `flow` holds the base counters as they were *before* this packet
    /// (on the first packet of a record all its counts are 0 and `first == last == packet time`).
    /// Its `end` and `ended` mean nothing yet.
    ///
    /// Packet times are those of the capture: a packet that was read late has a time before
    /// `flow.last`, perhaps before `flow.first`.
    fn update(&mut self, packet: &PacketMeta, direction: Direction, flow: &Flow<()>);
}

impl Accumulate for () {
    fn update(&mut self, _: &PacketMeta, _: Direction, _: &Flow<()>) {}
}

macro_rules! accumulate_tuple {
    ($($part:ident $index:tt),+) => {
        impl<$($part: Accumulate),+> Accumulate for ($($part,)+) {
            fn update(&mut self, packet: &PacketMeta, direction: Direction, flow: &Flow<()>) {
                $(self.$index.update(packet, direction, flow);)+
            }
        }
    };
}

accumulate_tuple!(A 0);
accumulate_tuple!(A 0, B 1);
accumulate_tuple!(A 0, B 1, C 2);
accumulate_tuple!(A 0, B 1, C 2, D 3);
accumulate_tuple!(A 0, B 1, C 2, D 3, E 4);
accumulate_tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
accumulate_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
accumulate_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
