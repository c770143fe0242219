//! The account of packet time.

use crate::{CaptureCounters, Timestamp};

/// Follows the times of a stream of packets and counts the odd steps.
///
/// Nothing is changed or held back: a packet from the past or from next year is a packet.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TimeAccount {
    last: Option<Timestamp>,
    backwards: u64,
    jumps: u64,
}

impl TimeAccount {
    /// The next packet bears `time`.
    #[inline]
    pub(crate) fn see(&mut self, time: Timestamp) {
        const JUMP_NANOS: i64 = CaptureCounters::JUMP.as_nanos() as i64;
        let last = self.last.replace(time).unwrap_or(time);
        let step = time.as_nanos().saturating_sub(last.as_nanos());
        self.backwards += u64::from(step < 0);
        self.jumps += u64::from(step > JUMP_NANOS);
    }

    /// The time of the latest packet to be seen.
    pub(crate) fn last(&self) -> Option<Timestamp> {
        self.last
    }

    /// `counters` with what was seen here in place of what they say about time.
    pub(crate) fn told_in(&self, counters: CaptureCounters) -> CaptureCounters {
        CaptureCounters {
            backwards: self.backwards,
            jumps: self.jumps,
            ..counters
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_back_and_jumps_are_counted() {
        const DAY: i64 = 86_400_000_000_000;
        let cases: [(&[i64], u64, u64); 8] = [
            (&[], 0, 0),
            (&[i64::MAX], 0, 0),
            (&[5, 5, 6], 0, 0),
            (&[5, 4, 4, 3], 2, 0),
            (&[0, DAY], 0, 0),
            (&[0, DAY + 1], 0, 1),
            // One wrong clock: there and back.
            (&[0, 2 * DAY, 1], 1, 1),
            (&[i64::MIN, i64::MAX, i64::MIN], 1, 1),
        ];
        for (times, backwards, jumps) in cases {
            let mut account = TimeAccount::default();
            for nanos in times {
                account.see(Timestamp::from_nanos(*nanos));
            }
            let counters = account.told_in(CaptureCounters::default());
            assert_eq!(
                (counters.backwards, counters.jumps),
                (backwards, jumps),
                "{times:?}"
            );
        }
    }
}
