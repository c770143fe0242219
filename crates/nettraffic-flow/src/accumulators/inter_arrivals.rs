//! How much time lies between packets.

use nettraffic_capture::{PacketMeta, Timestamp};

use super::{Moments, PerSide};
use crate::{Accumulate, Direction, Flow};

/// Moments of the gaps between packets: over the flow, and between packets of the same side.
///
/// In nanoseconds. A packet that is stamped before its forerunner counts as a gap of 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InterArrivals {
    /// Gaps between packets of either side.
    pub flow: Gaps,
    /// Gaps between packets of one side.
    pub sides: PerSide<Gaps>,
}

impl Accumulate for InterArrivals {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, _: &Flow<()>) {
        self.flow.add(packet.timestamp);
        self.sides.get_mut(direction).add(packet.timestamp);
    }
}

/// Moments of the gaps of one series of moments in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    first: Option<Timestamp>,
    latest: Option<Timestamp>,
    nanos: Moments,
}

impl Gaps {
    /// The moments of the gaps, in nanoseconds; `n` packets have `n − 1` gaps.
    #[must_use]
    pub const fn nanos(&self) -> &Moments {
        &self.nanos
    }

    /// When the first packet was seen; `None` without packets.
    #[must_use]
    pub const fn first(&self) -> Option<Timestamp> {
        self.first
    }

    /// The latest time stamp; `None` without packets.
    #[must_use]
    pub const fn latest(&self) -> Option<Timestamp> {
        self.latest
    }

    #[inline]
    fn add(&mut self, time: Timestamp) {
        self.first = self.first.or(Some(time));
        if let Some(latest) = self.latest {
            self.nanos.add(nanos_between(latest, time));
        }
        // `None` is below every time: a late packet does not turn the clock back.
        self.latest = self.latest.max(Some(time));
    }
}

/// Nanoseconds from `earlier` to `later`; 0 when they stand the other way round.
#[inline]
pub(super) fn nanos_between(earlier: Timestamp, later: Timestamp) -> u64 {
    let gap = i128::from(later.as_nanos()) - i128::from(earlier.as_nanos());
    u64::try_from(gap).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accumulate, packet};
    use super::*;
    use Direction::{Backward, Forward};

    fn check(packets: &[(Direction, i64)], expected: [(u64, u64); 3]) {
        let packets: Vec<_> = packets.iter().map(|(d, at)| (*d, packet(*at, 0))).collect();
        let gaps: InterArrivals = accumulate(&packets);
        let found = [&gaps.flow, &gaps.sides.forward, &gaps.sides.backward]
            .map(|gaps| (gaps.nanos().count(), gaps.nanos().sum()));
        assert_eq!(found, expected);
    }

    #[test]
    fn gaps_of_the_flow_and_of_its_sides() {
        check(&[], [(0, 0); 3]);
        check(&[(Forward, 5)], [(0, 0); 3]);
        check(
            &[(Forward, 0), (Backward, 10), (Backward, 40), (Forward, 100)],
            [(3, 100), (1, 100), (1, 30)],
        );
    }

    #[test]
    fn a_late_packet_is_a_gap_of_zero_and_does_not_turn_the_clock_back() {
        check(
            &[(Forward, 100), (Forward, 40), (Forward, 130)],
            [(2, 30), (2, 30), (0, 0)],
        );
        let late: Gaps =
            accumulate::<InterArrivals>(&[(Forward, packet(9, 0)), (Forward, packet(5, 0))]).flow;
        let nanos = [late.first(), late.latest()].map(|time| time.map(Timestamp::as_nanos));
        assert_eq!(nanos, [Some(9), Some(9)]);
        check(
            &[(Forward, i64::MIN), (Forward, i64::MAX)],
            [(1, u64::MAX), (1, u64::MAX), (0, 0)],
        );
    }
}
