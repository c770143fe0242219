//! How long the packets of a flow are.

use nettraffic_capture::PacketMeta;

use super::{Moments, PerSide, SmallMoments};
use crate::{Accumulate, Direction, Flow};

/// Moments of the transport payload lengths, in bytes; packets without payload count as 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PacketLengths {
    /// Payload bytes per packet and side.
    pub payload: PerSide<SmallMoments>,
}

impl PacketLengths {
    /// The moments over the packets of both sides.
    #[must_use]
    pub fn of_both_sides(&self) -> Moments {
        let sides = &self.payload;
        sides.forward.moments().merged(sides.backward.moments())
    }
}

impl Accumulate for PacketLengths {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, _: &Flow<()>) {
        self.payload.get_mut(direction).add(packet.payload_len);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accumulate, packet};
    use super::*;
    use Direction::{Backward, Forward};

    #[test]
    fn sides_are_apart_and_merge() {
        let lengths: PacketLengths = accumulate(&[
            (Forward, packet(0, 10)),
            (Backward, packet(1, 1000)),
            (Forward, packet(2, 0)),
        ]);
        assert_eq!(lengths.payload.forward.sum(), 10);
        assert_eq!(lengths.payload.forward.mean(), Some(5.0));
        assert_eq!(lengths.payload.backward.min(), Some(1000));
        assert_eq!(lengths.of_both_sides().count(), 3);
        assert_eq!(lengths.of_both_sides().max(), Some(1000));
    }
}
