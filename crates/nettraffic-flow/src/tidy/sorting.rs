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
    in_doubt: Option<Doubted>,
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
                self.begin_with(&doubted, give);
                return self.push(packet, give);
            }
            if !doubted.is_given_out {
                self.hold(clock, &doubted.packet);
            }
        }
        if is_far {
            self.in_doubt = Some(Doubted {
                packet: *packet,
                is_given_out: false,
            });
        } else if time < self.open_from {
            self.late += 1;
            give(packet);
        } else {
            self.reordered += u64::from(time < clock);
            self.clock = Some(clock.max(time));
            self.hold(time, packet);
        }
        self.release_what_is_over(give);
    }

    /// Gives out what nothing can come before that lies at `time` or later.
    pub(super) fn tick(&mut self, time: Timestamp, give: &mut impl FnMut(&PacketMeta)) {
        self.release_before(time, give);
        if self.clock.is_some_and(|clock| clock < time)
            && let Some(doubted) = &mut self.in_doubt
            && doubted.packet.timestamp < time
        {
            // It stays in doubt: what follows is to be judged as it would be without ticks.
            doubted.give_out(give);
        }
    }

    /// Gives out everything, and unsets the clock.
    pub(super) fn finish(&mut self, give: &mut impl FnMut(&PacketMeta)) {
        while self.first().is_some() {
            self.give_first(give);
        }
        if let Some(mut doubted) = self.in_doubt.take() {
            doubted.give_out(give);
        }
        self.clock = None;
        self.open_from = Timestamp::MIN;
    }

    /// How many packets are held.
    pub(super) fn len(&self) -> usize {
        let waits = self.in_doubt.as_ref().is_some_and(|it| !it.is_given_out);
        self.run.len() + self.stragglers.len() + usize::from(waits)
    }

    /// Begins the order anew with a packet whose time is believed now.
    fn begin_with(&mut self, doubted: &Doubted, give: &mut impl FnMut(&PacketMeta)) {
        if doubted.is_given_out {
            self.clock = Some(doubted.packet.timestamp);
            self.release_what_is_over(give);
        } else {
            self.push(&doubted.packet, give);
        }
    }

    /// Gives out what lies more than the window before the clock.
    fn release_what_is_over(&mut self, give: &mut impl FnMut(&PacketMeta)) {
        if let Some(clock) = self.clock {
            let open_from = clock.as_nanos().saturating_sub(self.window_nanos);
            self.release_before(Timestamp::from_nanos(open_from), give);
        }
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

/// A packet far from the clock.
#[derive(Clone, Debug)]
struct Doubted {
    packet: PacketMeta,
    is_given_out: bool,
}

impl Doubted {
    fn give_out(&mut self, give: &mut impl FnMut(&PacketMeta)) {
        if !self.is_given_out {
            self.is_given_out = true;
            give(&self.packet);
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

#[cfg(test)]
mod tests {
    use nettraffic_capture::IpProtocol;

    use super::*;

    const DAY: i64 = 86_400_000;

    fn packet(millis: i64, sequence: u64) -> PacketMeta {
        let time = Timestamp::from_nanos(millis * 1_000_000);
        let (source, destination) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        let mut packet = PacketMeta::new(time, source, destination, IpProtocol::UDP);
        packet.sequence = sequence;
        packet
    }

    /// Pushes packets of these times (in milliseconds, window 10) and checks the times of those given
    /// out by each and at the end.
    fn check(times: &[i64], expected: &[&[i64]]) -> Sorting {
        let mut sorting = Sorting::new(Duration::from_millis(10), 100);
        let mut given = Vec::new();
        let millis = |packet: &PacketMeta| packet.timestamp.as_nanos() / 1_000_000;
        for (sequence, time) in (0..).zip(times) {
            let mut now = Vec::new();
            let packet = packet(*time, sequence);
            sorting.push(&packet, &mut |packet| now.push(millis(packet)));
            given.push(now);
        }
        let mut now = Vec::new();
        sorting.finish(&mut |packet| now.push(millis(packet)));
        given.push(now);
        assert_eq!(given, expected);
        assert_eq!(sorting.len(), 0);
        sorting
    }

    #[test]
    fn packets_wait_for_the_window_and_come_out_in_order() {
        let sorting = check(
            &[0, 5, 2, 10, 11, 30],
            &[&[], &[], &[], &[], &[0], &[2, 5, 10, 11], &[30]],
        );
        assert_eq!((sorting.reordered, sorting.late), (1, 0));
    }

    #[test]
    fn what_comes_too_late_is_given_out_at_once() {
        let sorting = check(
            &[0, 20, 10, 9, 21],
            &[&[], &[0], &[], &[9], &[10], &[20, 21]],
        );
        assert_eq!((sorting.reordered, sorting.late), (1, 1));
    }

    #[test]
    fn a_wrong_time_holds_up_nothing() {
        for wrong in [5 * DAY, -5 * DAY] {
            let sorting = check(
                &[0, 5, wrong, 4, 30],
                &[&[], &[], &[], &[], &[0, 4, 5, wrong], &[30]],
            );
            assert_eq!((sorting.reordered, sorting.late), (1, 0));
        }
    }

    #[test]
    fn after_a_pause_or_a_wrong_clock_the_order_begins_anew() {
        for then in [5 * DAY, -5 * DAY] {
            check(
                &[0, 5, then, then - 1, then + 11],
                &[&[], &[], &[], &[0, 5], &[then - 1, then], &[then + 11]],
            );
        }
        // Seldom packets, each far from the one before it.
        check(
            &[0, 2 * DAY, 4 * DAY, 6 * DAY],
            &[&[], &[], &[0], &[2 * DAY], &[4 * DAY, 6 * DAY]],
        );
    }

    #[test]
    fn a_tick_gives_out_what_it_promises_nothing_before() {
        let mut sorting = Sorting::new(Duration::from_secs(1_000), 100);
        let mut given = Vec::new();
        let mut give = |packet: &PacketMeta| given.push(packet.sequence);
        for (sequence, time) in (0..).zip([3, 1, 2, 5 * DAY]) {
            sorting.push(&packet(time, sequence), &mut give);
        }
        sorting.tick(Timestamp::from_nanos(2_000_000), &mut give);
        sorting.tick(Timestamp::from_nanos(5 * DAY * 1_000_000), &mut give);
        sorting.tick(Timestamp::from_nanos(5 * DAY * 1_000_000 + 1), &mut give);
        assert_eq!(given, [1, 2, 0, 3]);
    }

    #[test]
    fn the_limit_gives_out_the_earliest() {
        let mut sorting = Sorting::new(Duration::from_secs(1_000), 2);
        let mut given = Vec::new();
        for (sequence, time) in (0..).zip([3, 1, 2, 0]) {
            let give = &mut |packet: &PacketMeta| given.push(packet.sequence);
            sorting.push(&packet(time, sequence), give);
        }
        assert_eq!(given, [1, 3]);
        assert_eq!(
            (sorting.crowded_out, sorting.late, sorting.len()),
            (1, 1, 2)
        );
    }
}
