//! The clock of the table, and packets that lie far from it.

use nettraffic_capture::{CaptureCounters, PacketMeta, Timestamp};

use super::FlowTable;
use crate::{Accumulate, FlowEnd};

/// What becomes of the first of the packets in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It is not far from the clock, now that those before it have been judged.
    Near,
    /// Its time is right: there was a pause, or the clock was wrong.
    Right,
    /// Its time is wrong.
    Wrong,
}

impl<A: Accumulate> FlowTable<A> {
    /// Whether `time` lies so far from the clock's that one of them may be wrong.
    #[inline]
    pub(super) fn is_far(&self, time: Timestamp) -> bool {
        are_far_apart(time, self.clock) && self.clock != Timestamp::MIN
    }

    /// Lets a packet wait in doubt, and judges what can be judged by it.
    #[cold]
    pub(super) fn push_doubted(&mut self, packet: &PacketMeta) {
        self.doubted.push_back(*packet);
        while let Some(verdict) = self.verdict() {
            self.take_doubted(verdict);
        }
    }

    /// Judges by the promise that nothing before `time`, which lies after the clock's, follows:
    /// what would bear out a time behind the clock will not come, and nothing that comes will
    /// speak against one ahead of it.
    #[cold]
    pub(super) fn judge_by_tick(&mut self, time: Timestamp) {
        while let Some(first) = self.doubted.front()
            && first.timestamp <= time
        {
            let verdict = match first.timestamp < self.clock {
                true => Verdict::Wrong,
                false => Verdict::Right,
            };
            self.take_doubted(verdict);
        }
    }

    /// Takes what is in doubt at its word: nothing follows that could tell.
    pub(super) fn judge_at_end(&mut self) {
        while !self.doubted.is_empty() {
            self.take_doubted(Verdict::Right);
        }
    }

    /// Moves the clock on to `time`, and ends what that shows to be over.
    #[inline]
    pub(super) fn advance_clock(&mut self, time: Timestamp) {
        if time > self.clock {
            self.clock = time;
            if self.next_deadline < time {
                self.expire();
            }
        }
    }

    /// Ends everything, in the order of the records' first packets, and unsets the clock.
    pub(super) fn end_all(&mut self) {
        for slot in self.slots_by_first_packet() {
            self.end_now(slot, FlowEnd::EndOfInput);
        }
        self.clock = Timestamp::MIN;
        self.next_deadline = Timestamp::MAX;
    }

    /// About the first packet in doubt, if those behind it are enough to tell; three always are.
    fn verdict(&self) -> Option<Verdict> {
        let mut times = self.doubted.iter().map(|packet| packet.timestamp);
        let first = times.next()?;
        if !self.is_far(first) {
            return Some(Verdict::Near);
        }
        let second = times.next()?;
        if !are_far_apart(first, second) {
            return Some(Verdict::Right);
        }
        if !self.goes_on(first, second) {
            return Some(Verdict::Wrong);
        }
        // Packets may come seldom, each a day or more after the one before it.
        let third = times.next()?;
        let bears_out = !are_far_apart(first, third) || self.goes_on(first, third);
        Some(match bears_out {
            true => Verdict::Right,
            false => Verdict::Wrong,
        })
    }

    /// Whether `next` lies after `first`, and as far from the clock on the same side of it.
    fn goes_on(&self, first: Timestamp, next: Timestamp) -> bool {
        next > first && self.is_far(next) && (next > self.clock) == (first > self.clock)
    }

    fn take_doubted(&mut self, verdict: Verdict) {
        let Some(mut first) = self.doubted.pop_front() else {
            return;
        };
        match verdict {
            Verdict::Right if first.timestamp < self.clock => {
                self.counters.clock_resets += 1;
                self.end_all();
            }
            Verdict::Right | Verdict::Near => {}
            Verdict::Wrong => {
                self.counters.outlying_packets += 1;
                first.timestamp = self.clock;
            }
        }
        self.take(&first);
    }
}

fn are_far_apart(a: Timestamp, b: Timestamp) -> bool {
    const JUMP_NANOS: u64 = CaptureCounters::JUMP.as_nanos() as u64;
    a.as_nanos().abs_diff(b.as_nanos()) > JUMP_NANOS
}
