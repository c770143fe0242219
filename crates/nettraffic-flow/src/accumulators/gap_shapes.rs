//! How the gaps between packets are spread.

use nettraffic_capture::{PacketMeta, Timestamp};

use super::inter_arrivals::nanos_between;
use super::{LogHistogram, PerSide, PowerSums};
use crate::{Accumulate, Direction, Flow};

/// Skewness and percentiles of the gaps between the packets of each side.
///
/// As in [`InterArrivals`](super::InterArrivals), a packet that is stamped before its forerunner
/// counts as a gap of 0 and does not turn the clock back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GapShapes {
    /// Between packets of one side.
    pub sides: PerSide<GapShape>,
}

impl Accumulate for GapShapes {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, _: &Flow<()>) {
        self.sides.get_mut(direction).add(packet.timestamp);
    }
}

/// How the gaps of one side are spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GapShape {
    latest: Option<Timestamp>,
    /// For the skewness, in whole microseconds; gaps over 71 minutes count as that much.
    pub micros: PowerSums,
    /// For percentiles, in nanoseconds: within a fifth from 0.13 milliseconds to 206 seconds.
    pub nanos: LogHistogram<44, 16>,
}

impl GapShape {
    #[inline]
    fn add(&mut self, time: Timestamp) {
        if let Some(latest) = self.latest {
            let nanos = nanos_between(latest, time);
            self.nanos.add(nanos);
            self.micros
                .add(u32::try_from(nanos / 1_000).unwrap_or(u32::MAX));
        }
        self.latest = self.latest.max(Some(time));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accumulate, packet};
    use super::*;
    use Direction::{Backward, Forward};

    const MILLI: i64 = 1_000_000;

    #[test]
    fn gaps_lie_between_packets_of_a_side() {
        let shapes: GapShapes = accumulate(&[
            (Forward, packet(0, 0)),
            (Backward, packet(MILLI, 0)),
            (Forward, packet(2 * MILLI, 0)),
            (Forward, packet(4 * MILLI, 0)),
            // Late: a gap of 0, and the next counts from 4 ms.
            (Forward, packet(3 * MILLI, 0)),
            (Forward, packet(6 * MILLI, 0)),
        ]);
        let forward = &shapes.sides.forward;
        assert_eq!((forward.micros.count(), forward.nanos.count()), (4, 4));
        // 2, 2, 0, 2 ms: third moment −0.75 ms³, variance 0.75 ms².
        let skewness = forward.micros.skewness().unwrap_or(0.0);
        assert!(
            (skewness + 0.75 / 0.75_f64.powi(3).sqrt()).abs() < 1e-12,
            "{skewness}"
        );
        assert_eq!(forward.nanos.percentile(25, 0, 2_000_000), Some(0.0));
        let median = forward.nanos.percentile(50, 0, 2_000_000).unwrap_or(0.0);
        assert!((median - 2e6).abs() <= 0.2 * 2e6, "{median}");
        assert_eq!(shapes.sides.backward.nanos.count(), 0);
    }

    #[test]
    fn centuries_count_as_the_longest() {
        let shapes: GapShapes = accumulate(&[
            (Forward, packet(i64::MIN, 0)),
            (Forward, packet(i64::MAX, 0)),
            (Forward, packet(i64::MAX, 0)),
        ]);
        let forward = &shapes.sides.forward;
        let skewness = forward.micros.skewness();
        assert!(skewness.is_some_and(|s| s.abs() < 1e-12), "{skewness:?}");
        assert!(
            forward
                .nanos
                .percentile(90, 0, u64::MAX)
                .is_some_and(|p| p >= 206e9)
        );
    }
}
