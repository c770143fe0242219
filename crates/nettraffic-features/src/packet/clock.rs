//! The time of one stream.

use nettraffic_capture::Timestamp;

/// A step back by more than this, a day, is taken for a corrected clock.
const CORRECTION: u64 = 86_400_000_000_000;

/// The latest packet time of a stream.
///
/// Packets that overtook each other move it only forwards: an older one counts as of the same
/// moment as the latest, and none is damped twice for one passage of time. Where time falls back
/// by more than a day, the clock was wrong before, and follows: one wrong packet must not stop
/// the forgetting for good.
#[derive(Clone, Copy, Debug)]
pub(super) struct StreamClock(Timestamp);

impl StreamClock {
    pub(super) const fn new(time: Timestamp) -> Self {
        Self(time)
    }

    /// Moves on to `time`, and tells the nanoseconds that passed.
    #[inline]
    pub(super) fn advance(&mut self, time: Timestamp) -> u64 {
        let (now, then) = (time.as_nanos(), self.0.as_nanos());
        let apart = now.abs_diff(then);
        if now >= then {
            self.0 = time;
            apart
        } else {
            if apart > CORRECTION {
                self.0 = time;
            }
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_once_and_never_backwards() {
        const DAY: i64 = CORRECTION as i64;
        let mut clock = StreamClock::new(Timestamp::from_nanos(10));
        for (nanos, passed) in [
            (10, 0),
            (15, 5),
            (12, 0),
            (20, 5),
            (DAY + 20, DAY as u64),
            (20, 0),
            (DAY + 21, 1),
            // The day and one: the clock had been wrong.
            (20, 0),
            (21, 1),
            (i64::MAX, i64::MAX as u64 - 21),
            (i64::MIN, 0),
            (i64::MAX, u64::MAX),
        ] {
            let passes = clock.advance(Timestamp::from_nanos(nanos));
            assert_eq!(passes, passed, "at {nanos}");
        }
    }
}
