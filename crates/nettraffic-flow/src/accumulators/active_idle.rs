//! When a flow was busy and when it was silent.

use std::time::Duration;

use nettraffic_capture::{PacketMeta, Timestamp};

use super::Moments;
use super::inter_arrivals::nanos_between;
use crate::{Accumulate, Direction, Flow};

/// Lengths of the busy periods of a flow and of the silences between them, in nanoseconds.
///
/// A silence longer than [`ActiveIdle::SILENCE`] ends a period, as in CICFlowMeter, which
/// also leaves periods of a single moment out of the active ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActiveIdle {
    /// First and last moment of the period that is still open; without packets the last is before
    /// the first.
    start: Timestamp,
    end: Timestamp,
    closed: Moments,
    idle: Moments,
}

impl Default for ActiveIdle {
    fn default() -> Self {
        Self {
            start: Timestamp::MAX,
            end: Timestamp::MIN,
            closed: Moments::default(),
            idle: Moments::default(),
        }
    }
}

impl ActiveIdle {
    /// The gap that parts two periods must be longer than this.
    pub const SILENCE: Duration = Duration::from_secs(5);

    /// Lengths of the busy periods, the last one included.
    #[must_use]
    pub fn active(&self) -> Moments {
        let mut active = self.closed;
        add_period(&mut active, (self.start, self.end));
        active
    }

    /// Lengths of the silences between busy periods.
    #[must_use]
    pub const fn idle(&self) -> &Moments {
        &self.idle
    }
}

impl Accumulate for ActiveIdle {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, _: Direction, _: &Flow<()>) {
        let now = packet.timestamp;
        if self.is_empty() || nanos_between(self.end, now) > SILENCE_NANOS {
            self.begin(now);
        }
        self.end = self.end.max(now);
    }
}

impl ActiveIdle {
    fn is_empty(&self) -> bool {
        self.end < self.start
    }

    #[cold]
    fn begin(&mut self, now: Timestamp) {
        if !self.is_empty() {
            add_period(&mut self.closed, (self.start, self.end));
            self.idle.add(nanos_between(self.end, now));
        }
        (self.start, self.end) = (now, now);
    }
}

const SILENCE_NANOS: u64 = ActiveIdle::SILENCE.as_secs() * 1_000_000_000;

fn add_period(active: &mut Moments, (start, end): (Timestamp, Timestamp)) {
    let length = nanos_between(start, end);
    if length > 0 {
        active.add(length);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accumulate, packet};
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    /// Arrivals in tenths of a second; expected count and sum (tenths) of active and idle.
    fn check(arrivals: &[i64], active: (u64, u64), idle: (u64, u64)) {
        let packets: Vec<_> = arrivals
            .iter()
            .map(|at| (Direction::Forward, packet(at * SECOND / 10, 0)))
            .collect();
        let periods: ActiveIdle = accumulate(&packets);
        let tenths = |m: &Moments| (m.count(), m.sum() / 100_000_000);
        assert_eq!(tenths(&periods.active()), active, "active of {arrivals:?}");
        assert_eq!(tenths(periods.idle()), idle, "idle of {arrivals:?}");
    }

    #[test]
    fn silences_part_the_periods() {
        check(&[], (0, 0), (0, 0));
        check(&[7], (0, 0), (0, 0));
        check(&[0, 20], (1, 20), (0, 0));
        // Exactly five seconds do not end a period.
        check(&[0, 50], (1, 50), (0, 0));
        check(&[0, 10, 61, 71, 72], (2, 21), (1, 51));
        // A beacon: single packets far apart have silences but no busy period.
        check(&[0, 600, 1200], (0, 0), (2, 1200));
        // A late packet belongs to the open period.
        check(&[0, 40, 10, 60], (1, 60), (0, 0));
    }
}
