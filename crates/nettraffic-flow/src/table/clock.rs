//! The clock of the table, and packets that lie far from it.

use std::collections::VecDeque;

use nettraffic_capture::{CaptureCounters, PacketMeta, Timestamp};

use crate::FlowCounters;

/// What the packets say of the time, and which of them say it wrongly.
#[derive(Clone, Debug)]
pub(super) struct PacketClock {
    /// The latest time so far.
    now: Timestamp,
    /// Packets far from the clock, two at most, until those that follow tell which is right.
    doubted: VecDeque<PacketMeta>,
    /// Packets since the clock last moved, or since there was a crowd of them.
    crowd: u32,
    late: u64,
    outlying: u64,
    resets: u64,
}

/// What follows from a packet or a tick.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'a> {
    /// A packet is to be taken in; by then the clock stands there.
    Packet(&'a PacketMeta, Timestamp),
    /// The clock steps back: all that is open ends.
    Reset,
    /// So many packets have come while the clock stood that records of its moment wait no longer.
    Crowd,
}

/// Packets of one moment that make a crowd.
pub(super) const CROWD: u32 = 4096;

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

impl PacketClock {
    pub(super) const fn new() -> Self {
        Self {
            now: Timestamp::MIN,
            doubted: VecDeque::new(),
            crowd: 0,
            late: 0,
            outlying: 0,
            resets: 0,
        }
    }

    /// The latest time so far; [`Timestamp::MIN`] before the first packet.
    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }

    /// Takes in a packet.
    #[inline]
    pub(super) fn push(&mut self, packet: &PacketMeta, step: &mut (impl FnMut(Step<'_>) + ?Sized)) {
        if self.doubted.is_empty() && !self.is_far(packet.timestamp) {
            self.take(packet, step);
        } else {
            self.push_doubted(packet, step);
        }
    }

    /// Moves the clock on to `time`, by the promise that nothing before it follows: what would bear
    /// out a time behind the clock will not come, and nothing that comes will speak against one
    /// ahead of it. Says whether the clock has moved.
    pub(super) fn tick(
        &mut self,
        time: Timestamp,
        step: &mut (impl FnMut(Step<'_>) + ?Sized),
    ) -> bool {
        if time <= self.now {
            return false;
        }
        while let Some(first) = self.doubted.front()
            && first.timestamp <= time
        {
            let verdict = match first.timestamp < self.now {
                true => Verdict::Wrong,
                false => Verdict::Right,
            };
            self.take_doubted(verdict, step);
        }
        if time > self.now {
            self.now = time;
            self.crowd = 0;
        }
        true
    }

    /// Takes what is in doubt at its word, as nothing follows that could tell.
    pub(super) fn settle(&mut self, step: &mut (impl FnMut(Step<'_>) + ?Sized)) {
        while !self.doubted.is_empty() {
            self.take_doubted(Verdict::Right, step);
        }
    }

    /// Lets the next packet set the clock.
    pub(super) const fn unset(&mut self) {
        self.now = Timestamp::MIN;
    }

    /// Adds what it counted.
    pub(super) fn count(&self, counters: &mut FlowCounters) {
        counters.late_packets += self.late;
        counters.outlying_packets += self.outlying;
        counters.clock_resets += self.resets;
    }

    #[inline]
    fn take(&mut self, packet: &PacketMeta, step: &mut (impl FnMut(Step<'_>) + ?Sized)) {
        self.late += u64::from(packet.timestamp < self.now);
        if packet.timestamp > self.now {
            self.now = packet.timestamp;
            self.crowd = 0;
        } else if self.crowd == CROWD {
            self.crowd = 0;
            step(Step::Crowd);
        }
        self.crowd += 1;
        step(Step::Packet(packet, self.now));
    }

    /// Whether `time` lies so far from the clock's that one of them may be wrong.
    #[inline]
    fn is_far(&self, time: Timestamp) -> bool {
        are_far_apart(time, self.now) && self.now != Timestamp::MIN
    }

    /// Lets a packet wait in doubt, and judges what can be judged by it.
    #[cold]
    fn push_doubted(&mut self, packet: &PacketMeta, step: &mut (impl FnMut(Step<'_>) + ?Sized)) {
        self.doubted.push_back(*packet);
        while let Some(verdict) = self.verdict() {
            self.take_doubted(verdict, step);
        }
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
        next > first && self.is_far(next) && (next > self.now) == (first > self.now)
    }

    fn take_doubted(&mut self, verdict: Verdict, step: &mut (impl FnMut(Step<'_>) + ?Sized)) {
        let Some(mut first) = self.doubted.pop_front() else {
            return;
        };
        match verdict {
            Verdict::Right if first.timestamp < self.now => {
                self.resets += 1;
                self.now = Timestamp::MIN;
                step(Step::Reset);
            }
            Verdict::Right | Verdict::Near => {}
            Verdict::Wrong => {
                self.outlying += 1;
                first.timestamp = self.now;
            }
        }
        self.take(&first, step);
    }
}

fn are_far_apart(a: Timestamp, b: Timestamp) -> bool {
    const JUMP_NANOS: u64 = CaptureCounters::JUMP.as_nanos() as u64;
    a.as_nanos().abs_diff(b.as_nanos()) > JUMP_NANOS
}
