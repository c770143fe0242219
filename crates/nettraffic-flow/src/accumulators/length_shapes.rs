//! How the lengths of packets are spread.

use nettraffic_capture::PacketMeta;

use super::{LogHistogram, PerSide, PowerSums};
use crate::{Accumulate, Direction, Flow};

/// Skewness and percentiles of the transport payload lengths of each side, in bytes; packets
/// without payload count as 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LengthShapes {
    /// What each side sent.
    pub sides: PerSide<LengthShape>,
}

impl Accumulate for LengthShapes {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, _: &Flow<()>) {
        let side = self.sides.get_mut(direction);
        side.powers.add(packet.payload_len);
        side.histogram.add(u64::from(packet.payload_len));
    }
}

/// How the lengths of one side are spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LengthShape {
    /// For the skewness.
    pub powers: PowerSums,
    /// For percentiles: within a fifth up to 48 KiB.
    pub histogram: LogHistogram<32, 0>,
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accumulate, packet};
    use super::*;
    use Direction::{Backward, Forward};

    #[test]
    fn sides_are_apart() {
        let shapes: LengthShapes = accumulate(&[
            (Forward, packet(0, 0)),
            (Forward, packet(0, 0)),
            (Forward, packet(0, 0)),
            (Forward, packet(0, 1000)),
            (Backward, packet(0, u32::MAX)),
        ]);
        let skewness = shapes.sides.forward.powers.skewness();
        assert!(skewness.is_some_and(|s| (s - 2.0 / 3_f64.sqrt()).abs() < 1e-12));
        assert_eq!(shapes.sides.backward.powers.skewness(), None);
        let forward = &shapes.sides.forward.histogram;
        assert_eq!(forward.percentile(75, 0, 1000), Some(0.0));
        assert_eq!(shapes.sides.backward.histogram.count(), 1);
    }
}
