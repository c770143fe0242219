//! Packets held back until those that belong before them have come.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use nettraffic_capture::{CaptureCounters, PacketMeta, Timestamp};

/// Puts packets in the order of (time, sequence).
///
/// The clock is the latest packet time. Whatever lies more than the window before it is given out; what
/// comes later than that is late. A time more than a day from the clock may be wrong: its packet
/// stands where the clock was, and the next one tells. When that is as far from the clock, the
/// clock was wrong or time has passed, and all begins anew with it.
#[derive(Clone, Debug)]
pub(super) struct Sorting {
    window_nanos: i64,
    limit: usize,
    /// Packets that were the latest when they came, so in order.
    run: VecDeque<Held>,
    /// Packets that came after a later one. The last of the run lies behind all of them.
    stragglers: BinaryHeap<Reverse<Held>>,
    arrivals: u64,
    clock: Option<Timestamp>,
    /// The packet before this one lay far from the clock.
    in_doubt: bool,
    /// What lies before this moment has been given out.
    open_from: Timestamp,
    pub(super) reordered: u64,
    pub(super) late: u64,
    pub(super) crowded_out: u64,
}

impl Sorting {
    pub(super) fn new(window: Duration, limit: usize) -> Self {
        Self {
            window_nanos: i64::try_from(window.as_nanos()).unwrap_or(i64::MAX),
            limit: limit.max(1),
            run: VecDeque::new(),
            stragglers: BinaryHeap::new(),
            arrivals: 0,
            clock: None,
            in_doubt: false,
            open_from: Timestamp::MIN,
            reordered: 0,
            late: 0,
            crowded_out: 0,
        }
    }

    /// Takes in a packet and gives out those that wait for nothing any more.
    pub(super) fn push(&mut self, packet: &PacketMeta, give: &mut impl FnMut(&PacketMeta)) {
        let time = packet.timestamp;
        let clock = self.clock.unwrap_or(time);
        let is_far = are_far_apart(clock, time);
        if is_far && self.in_doubt {
            self.finish(give);
            return self.push(packet, give);
        }
        self.in_doubt = is_far;
        if is_far {
            // Only its place in the order is the clock's; its own time goes with it.
            self.hold(clock, packet);
        } else if time < self.open_from {
            self.late += 1;
            return give(packet);
        } else {
            self.reordered += u64::from(time < clock);
            self.hold(time, packet);
            self.clock = Some(clock.max(time));
        }
        let latest = self.clock.unwrap_or(clock).as_nanos();
        let open_from = Timestamp::from_nanos(latest.saturating_sub(self.window_nanos));
        self.release_before(open_from, give);
    }

    /// Gives out what lies before `time`, and everything that the limit leaves no room for.
    pub(super) fn release_before(&mut self, time: Timestamp, give: &mut impl FnMut(&PacketMeta)) {
        self.open_from = self.open_from.max(time);
        while let Some(first) = self.first() {
            let is_ready = first < self.open_from;
            if !is_ready && self.len() <= self.limit {
                break;
            }
            self.crowded_out += u64::from(!is_ready);
            self.open_from = self.open_from.max(first);
            self.give_first(give);
        }
    }

    /// Gives out everything, and unsets the clock.
    pub(super) fn finish(&mut self, give: &mut impl FnMut(&PacketMeta)) {
        while self.len() > 0 {
            self.give_first(give);
        }
        self.clock = None;
        self.in_doubt = false;
        self.open_from = Timestamp::MIN;
    }

    pub(super) fn len(&self) -> usize {
        self.run.len() + self.stragglers.len()
    }

    fn hold(&mut self, time: Timestamp, packet: &PacketMeta) {
        let held = Held {
            time,
            arrival: self.arrivals,
            packet: *packet,
        };
        self.arrivals += 1;
        match self.run.back() {
            Some(last) if held < *last => self.stragglers.push(Reverse(held)),
            _ => self.run.push_back(held),
        }
    }

    /// When the first packet in order lies.
    fn first(&self) -> Option<Timestamp> {
        let run = self.run.front().map(|held| held.time);
        let straggler = self.stragglers.peek().map(|Reverse(held)| held.time);
        straggler.into_iter().chain(run).min()
    }

    fn give_first(&mut self, give: &mut impl FnMut(&PacketMeta)) {
        let straggler = self.stragglers.peek().map(|Reverse(held)| held);
        let held = match (straggler, self.run.front()) {
            (Some(straggler), Some(first)) if straggler < first => {
                self.stragglers.pop().map(|Reverse(held)| held)
            }
            _ => self.run.pop_front(),
        };
        if let Some(held) = held {
            give(&held.packet);
        }
    }
}

/// A packet, and where it stands in the order.
#[derive(Clone, Debug)]
struct Held {
    time: Timestamp,
    arrival: u64,
    packet: PacketMeta,
}

impl Ord for Held {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = |held: &Self| (held.time, held.packet.sequence, held.arrival);
        order(self).cmp(&order(other))
    }
}

impl PartialOrd for Held {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Held {}

fn are_far_apart(a: Timestamp, b: Timestamp) -> bool {
    const JUMP_NANOS: u64 = CaptureCounters::JUMP.as_nanos() as u64;
    a.as_nanos().abs_diff(b.as_nanos()) > JUMP_NANOS
}
