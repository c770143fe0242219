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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gaps {
    first: Timestamp,
    latest: Timestamp,
    sum_of_squares: u128,
    min: u64,
    max: u64,
    /// Moments in time: one more than gaps.
    times: u32,
}

impl Default for Gaps {
    fn default() -> Self {
        Self {
            first: Timestamp::MAX,
            latest: Timestamp::MIN,
            sum_of_squares: 0,
            min: u64::MAX,
            max: 0,
            times: 0,
        }
    }
}

impl Gaps {
    /// The moments of the gaps, in nanoseconds; `n` packets have `n − 1` gaps.
    #[must_use]
    pub fn nanos(&self) -> Moments {
        let count = u64::from(self.times.saturating_sub(1));
        // All gaps together lead from the first packet to the latest.
        let sum = nanos_between(self.first, self.latest);
        Moments::of(count, sum, self.sum_of_squares, (self.min, self.max))
    }

    /// When the first packet was seen; `None` without packets.
    #[must_use]
    pub fn first(&self) -> Option<Timestamp> {
        (self.times > 0).then_some(self.first)
    }

    /// The latest time stamp; `None` without packets.
    #[must_use]
    pub fn latest(&self) -> Option<Timestamp> {
        (self.times > 0).then_some(self.latest)
    }

    #[inline]
    fn add(&mut self, time: Timestamp) {
        if self.times == 0 {
            self.first = time;
        } else {
            let gap = nanos_between(self.latest, time);
            self.sum_of_squares = self
                .sum_of_squares
                .saturating_add(u128::from(gap) * u128::from(gap));
            self.min = self.min.min(gap);
            self.max = self.max.max(gap);
        }
        // A late packet does not turn the clock back.
        self.latest = self.latest.max(time);
        // A record ends before it has more packets.
        self.times = self.times.wrapping_add(1);
    }
}

/// Nanoseconds from `earlier` to `later`; 0 when they stand the other way round.
#[inline]
pub(super) fn nanos_between(earlier: Timestamp, later: Timestamp) -> u64 {
    match later > earlier {
        // The difference of any two has 64 bits, without a sign.
        true => later
            .as_nanos()
            .wrapping_sub(earlier.as_nanos())
            .cast_unsigned(),
        false => 0,
    }
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
