//! How many packets carried something.

use nettraffic_capture::PacketMeta;

use super::PerSide;
use crate::{Accumulate, Direction, Flow};

/// Packets with at least one byte of transport payload, per side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DataPackets {
    /// What each side sent.
    pub sides: PerSide<u32>,
}

impl Accumulate for DataPackets {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, _: &Flow<()>) {
        *self.sides.get_mut(direction) += u32::from(packet.payload_len > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accumulate, packet};
    use super::*;

    #[test]
    fn empty_packets_do_not_count() {
        let data: DataPackets = accumulate(&[
            (Direction::Forward, packet(0, 0)),
            (Direction::Forward, packet(0, 1)),
            (Direction::Backward, packet(0, 0)),
        ]);
        assert_eq!((data.sides.forward, data.sides.backward), (1, 0));
    }
}
