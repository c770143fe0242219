//! The times to live of a flow's packets.

use nettraffic_capture::PacketMeta;

use super::PerSide;
use crate::{Accumulate, Direction, Flow};

/// Range of the time to live (hop limit) per side: a side whose values differ much
/// speaks over changing paths, or somebody else speaks in its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeToLive {
    /// What each side's packets arrived with.
    pub sides: PerSide<TtlRange>,
}

impl Accumulate for TimeToLive {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, _: &Flow<()>) {
        let range = self.sides.get_mut(direction);
        range.min = range.min.min(packet.ttl);
        range.max = range.max.max(packet.ttl);
    }
}

/// Smallest and largest time to live of a series of packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TtlRange {
    min: u8,
    max: u8,
}

impl Default for TtlRange {
    fn default() -> Self {
        Self {
            min: u8::MAX,
            max: 0,
        }
    }
}

impl TtlRange {
    /// The smallest; `None` without packets.
    #[must_use]
    pub fn min(&self) -> Option<u8> {
        (self.min <= self.max).then_some(self.min)
    }

    /// The largest; `None` without packets.
    #[must_use]
    pub fn max(&self) -> Option<u8> {
        (self.min <= self.max).then_some(self.max)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accumulate, packet};
    use super::*;

    #[test]
    fn the_range_of_each_side() {
        let with_ttl = |ttl| {
            let mut packet = packet(0, 0);
            packet.ttl = ttl;
            packet
        };
        let ttl: TimeToLive = accumulate(&[
            (Direction::Forward, with_ttl(64)),
            (Direction::Forward, with_ttl(57)),
            (Direction::Forward, with_ttl(60)),
        ]);
        assert_eq!(ttl.sides.forward.min(), Some(57));
        assert_eq!(ttl.sides.forward.max(), Some(64));
        assert_eq!(ttl.sides.backward.min(), None);
        assert_eq!(ttl.sides.backward.max(), None);
    }
}
