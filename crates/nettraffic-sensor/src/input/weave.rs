//! Several sources as one stream in the order of time.

use std::collections::VecDeque;
use std::time::Duration;

use nettraffic_capture::Timestamp;

use super::{Batch, Drain, Message};

/// Batches of one source that wait for the others at most; beyond it the source's own queue fills.
const MOST_WAITING: usize = 64;

/// The queues of all sources. One source is passed on as it comes; the packets of several are merged by time, equal
/// times in the order of the sources, as far as each has told that nothing earlier follows.
pub(crate) struct Weave {
    lanes: Vec<Lane>,
    /// The time that was told last.
    told: Timestamp,
}

struct Lane {
    drain: Drain,
    waiting: VecDeque<Batch>,
    /// Packets of the first batch that were taken.
    taken: usize,
    /// Nothing earlier follows.
    until: Timestamp,
    has_ended: bool,
}

impl Weave {
    pub(crate) fn new(drains: Vec<Drain>) -> Self {
        let lane = |drain| Lane {
            drain,
            waiting: VecDeque::new(),
            taken: 0,
            until: Timestamp::MIN,
            has_ended: false,
        };
        Self {
            lanes: drains.into_iter().map(lane).collect(),
            told: Timestamp::MIN,
        }
    }

    /// What comes next, if something comes in this time.
    pub(crate) fn next(&mut self, wait: Duration) -> Option<Message> {
        match &mut self.lanes[..] {
            [] => Some(Message::Ended),
            [only] => only.drain.next(wait),
            _ => self.next_of_several(wait),
        }
    }

    /// Gives the memory of a batch back.
    pub(crate) fn give_back(&self, batch: Batch) {
        if let [only] = &self.lanes[..] {
            only.drain.give_back(batch);
        }
    }

    fn next_of_several(&mut self, wait: Duration) -> Option<Message> {
        for lane in &mut self.lanes {
            if let Some(message) = lane.take_in(Duration::ZERO) {
                return Some(message);
            }
        }
        if let Some(next) = self.merge() {
            return Some(next);
        }
        // All wait for the one that is furthest behind.
        let open = self.lanes.iter_mut().filter(|lane| !lane.has_ended);
        let behind = open.min_by_key(|lane| lane.until)?;
        if let Some(message) = behind.take_in(wait) {
            return Some(message);
        }
        self.merge()
    }

    /// What can be told of what was taken in.
    fn merge(&mut self) -> Option<Message> {
        let ended = self.lanes.iter().all(|lane| lane.has_ended);
        let until = (self.lanes.iter())
            .filter(|lane| !lane.has_ended)
            .map(|lane| lane.until)
            .min()
            .unwrap_or(Timestamp::MAX);
        let mut merged = Batch::default();
        while !merged.is_full() && self.take_first(until, &mut merged) {}
        if !merged.is_empty() {
            return Some(Message::Packets(merged));
        }
        if ended {
            return Some(Message::Ended);
        }
        (until > self.told).then(|| {
            self.told = until;
            Message::Clock(until)
        })
    }

    /// Moves the first packet of all, unless it may not be the first.
    fn take_first(&mut self, until: Timestamp, into: &mut Batch) -> bool {
        let heads =
            (self.lanes.iter().enumerate()).filter_map(|(index, lane)| Some((lane.head()?, index)));
        let Some((time, index)) = heads.min() else {
            return false;
        };
        // An earlier source may yet give a packet of the very same time, which goes first.
        let earlier = self.lanes.iter().take(index);
        let may_come = |lane: &Lane| !lane.has_ended && lane.until <= time && lane.head().is_none();
        if time > until || earlier.into_iter().any(may_come) {
            return false;
        }
        if let Some(lane) = self.lanes.get_mut(index) {
            lane.take(into);
        }
        true
    }
}

impl Lane {
    /// Takes in what came; what is no packet goes ahead of those that wait.
    fn take_in(&mut self, wait: Duration) -> Option<Message> {
        let mut wait = wait;
        while !self.has_ended && self.waiting.len() < MOST_WAITING {
            match self.drain.next(wait)? {
                Message::Packets(batch) => {
                    let last = batch.len().checked_sub(1).and_then(|last| batch.time(last));
                    self.until = self.until.max(last.unwrap_or(self.until));
                    self.waiting.push_back(batch);
                }
                Message::Clock(time) => self.until = self.until.max(time),
                Message::Ended => self.has_ended = true,
                other => return Some(other),
            }
            wait = Duration::ZERO;
        }
        None
    }

    fn head(&self) -> Option<Timestamp> {
        self.waiting.front()?.time(self.taken)
    }

    fn take(&mut self, into: &mut Batch) {
        let Some(batch) = self.waiting.front() else {
            return;
        };
        if let Some(packet) = batch.get(self.taken) {
            into.push(&packet);
        }
        self.taken += 1;
        if self.taken >= batch.len() {
            self.taken = 0;
            if let Some(batch) = self.waiting.pop_front() {
                self.drain.give_back(batch);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Feed, WhenFull, queue};
    use super::*;
    use nettraffic_capture::{LinkType, Packet};

    fn push(feed: &mut Feed, seconds: &[i64], mark: u8) {
        for second in seconds {
            let time = Timestamp::from_seconds(*second, 0);
            let packet = Packet::new(time, LinkType::ETHERNET, std::slice::from_ref(&mark));
            assert!(feed.push(&packet).is_ok());
        }
        assert!(feed.hand_on().is_ok());
    }

    /// Second and mark of each packet, `(second, b'-')` of each time told.
    fn drained(weave: &mut Weave) -> Vec<(i64, u8)> {
        let mut out = Vec::new();
        let seconds = |time: Timestamp| time.as_nanos() / 1_000_000_000;
        while let Some(message) = weave.next(Duration::ZERO) {
            match message {
                Message::Packets(batch) => {
                    let packets = (0..).map_while(|index| batch.get(index));
                    out.extend(packets.map(|p| (seconds(p.timestamp), p.data[0])));
                }
                Message::Clock(time) => out.push((seconds(time), b'-')),
                Message::Ended => {
                    out.push((-1, b'.'));
                    break;
                }
                _ => {}
            }
        }
        out
    }

    #[test]
    fn packets_of_two_sources_wait_for_each_other() {
        let (mut one, drain_one, _) = queue(WhenFull::Wait);
        let (mut two, drain_two, _) = queue(WhenFull::Wait);
        let mut weave = Weave::new(vec![drain_one, drain_two]);
        push(&mut one, &[1, 4, 9], b'a');
        assert_eq!(drained(&mut weave), []);
        push(&mut two, &[2, 4, 5], b'b');
        assert_eq!(
            drained(&mut weave),
            [
                (1, b'a'),
                (2, b'b'),
                (4, b'a'),
                (4, b'b'),
                (5, b'b'),
                (5, b'-')
            ]
        );
        assert!(two.tell_time(Timestamp::from_seconds(8, 0)).is_ok());
        assert_eq!(drained(&mut weave), [(8, b'-')]);
        assert!(two.say(Message::Ended).is_ok());
        assert_eq!(drained(&mut weave), [(9, b'a'), (9, b'-')]);
        drop(one);
        assert_eq!(drained(&mut weave), [(-1, b'.')]);
    }

    #[test]
    fn a_full_queue_sheds_and_counts_or_waits() {
        let (mut feed, drain, counters) = queue(WhenFull::Shed);
        for second in 0..300 {
            push(&mut feed, &[second, second], b'a');
        }
        assert_eq!((counters.received(), counters.shed()), (600, 2 * 44));
        assert_eq!(counters.waiting(), 256);
        let mut weave = Weave::new(vec![drain]);
        drop(feed);
        let out = drained(&mut weave);
        assert_eq!(out.len() as u64 - 1, counters.received() - counters.shed());
        assert_eq!(counters.waiting(), 0);
    }
}
