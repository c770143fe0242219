//! Packets held back until those that belong before them have come.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use nettraffic_capture::{CaptureCounters, PacketMeta, Timestamp};

/// Puts packets in the order of (time, sequence).
///
/// The clock is the latest packet time. Whatever lies more than the window before it is given out;
/// what comes later than that is late. A packet more than a day from the clock is in doubt until
/// the next one comes. Is that near the clock, the time was wrong, and its packet stands where the
/// clock was. Is that far from the clock too, time has passed or the clock was wrong: what was held is
/// given out, and the order begins anew with the packet in doubt.
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
    /// The latest packet, when it lies far from the clock.
    in_doubt: Option<PacketMeta>,
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
            in_doubt: None,
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
        if let Some(doubted) = self.in_doubt.take() {
            if is_far {
                self.finish(give);
                self.push(&doubted, give);
                return self.push(packet, give);
            }
            self.hold(clock, &doubted);
        }
        if is_far {
            self.in_doubt = Some(*packet);
        } else if time < self.open_from {
            self.late += 1;
            give(packet);
        } else {
            self.reordered += u64::from(time < clock);
            self.clock = Some(clock.max(time));
            self.hold(time, packet);
        }
        let latest = self.clock.unwrap_or(clock).as_nanos();
        let open_from = Timestamp::from_nanos(latest.saturating_sub(self.window_nanos));
        self.release_before(open_from, give);
    }

    /// Gives out what nothing can come before that lies at `time` or later.
    pub(super) fn tick(&mut self, time: Timestamp, give: &mut impl FnMut(&PacketMeta)) {
        self.release_before(time, give);
        if self.clock.is_some_and(|clock| clock < time)
            && let Some(doubted) = self.in_doubt.take_if(|doubted| doubted.timestamp < time)
        {
            give(&doubted);
        }
    }

    /// Gives out everything, and unsets the clock.
    pub(super) fn finish(&mut self, give: &mut impl FnMut(&PacketMeta)) {
        while self.first().is_some() {
            self.give_first(give);
        }
        if let Some(doubted) = self.in_doubt.take() {
            give(&doubted);
        }
        self.clock = None;
        self.open_from = Timestamp::MIN;
    }

    pub(super) fn len(&self) -> usize {
        self.run.len() + self.stragglers.len() + usize::from(self.in_doubt.is_some())
    }

    /// Gives out what lies before `time`, and everything that the limit leaves no room for.
    fn release_before(&mut self, time: Timestamp, give: &mut impl FnMut(&PacketMeta)) {
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
