//! Who has to go when the table is full.

use std::time::Duration;

use nettraffic_capture::Timestamp;

use crate::FlowConfig;
use crate::queues::Queues;

/// What is known of a flow, from which follows how much it is worth keeping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// It has closed and waits for stragglers.
    Closed,
    /// One side alone has spoken, or a TCP handshake was not completed: what floods consist of.
    Unanswered,
    /// Both sides have spoken.
    Answered,
}

/// Logical shards, each with its own part of the limit and its own queues for eviction, so that
/// who is evicted depends on the flows of the same shard alone, however shards are dealt to threads.
///
/// Of a full shard, when the unanswered are a quarter of it or more, the stalest of these goes; else
/// the closed flow that has been silent longest, once it has had time for its last packets, or when the
/// closed are a quarter too; else the stalest of all.
///
/// What is queued notes when it was last seen. While a shard is not nearly full, packets move nothing:
/// a flow that has been seen since goes to the back of its queue when its turn comes. Else each
/// packet moves its flow: were all of a shard's flows seen since they were queued, the one that was
/// not would be the newest, and go.
#[derive(Clone, Debug)]
pub(super) struct Room {
    queues: Queues,
    shards: Vec<Shard>,
    limit: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Shard {
    flows: u32,
    unanswered: u32,
    closed: u32,
}

/// Logical shards of a table that is large enough to be cut.
const SHARDS: usize = 64;
/// Flows for which a shard is worth while.
const LEAST_FLOWS: usize = 64;
const STANDINGS: usize = 3;
/// The unanswered, and the closed, may have this part of a shard without being the first to go.
const PART: u32 = 4;
/// The last packets of a connection that has closed come within this time.
const LAST_PACKETS: Duration = Duration::from_secs(1);
/// A shard is nearly full when this part of it, or less, is free.
const NEARLY: u32 = 8;

/// How many logical shards a table has.
pub(crate) fn shards(config: &FlowConfig) -> usize {
    match config.max_flows >= SHARDS * LEAST_FLOWS {
        true => SHARDS,
        false => 1,
    }
}

impl Room {
    /// For `limit` flows at most, in `shards` parts.
    pub(super) fn new(shards: usize, limit: usize) -> Self {
        let limit = (limit / shards).max(1);
        Self {
            queues: Queues::new(shards * STANDINGS),
            shards: vec![Shard::default(); shards],
            limit: u32::try_from(limit).unwrap_or(u32::MAX),
        }
    }

    pub(super) fn shards(&self) -> usize {
        self.shards.len()
    }

    /// All slots.
    pub(super) fn slots(&self) -> Vec<u32> {
        let mut slots = Vec::new();
        for queue in 0..self.queues.len() {
            let mut place = self.queues.front(queue);
            while let Some((slot, _)) = place {
                slots.push(slot);
                place = self.queues.behind(slot);
            }
        }
        slots
    }

    pub(super) fn is_full(&self, shard: u8) -> bool {
        self.shards[usize::from(shard)].flows >= self.limit
    }

    /// Whether it may soon have to be decided who has to go.
    #[inline]
    pub(super) fn is_nearly_full(&self, shard: u8) -> bool {
        self.shards[usize::from(shard)].flows >= self.limit - self.limit / NEARLY
    }

    /// Notes that a flow was seen.
    pub(super) fn see(&mut self, slot: u32, shard: u8, standing: Standing, now: Timestamp) {
        self.queues.move_to_back(queue(shard, standing), slot, now);
    }

    pub(super) fn enter(&mut self, slot: u32, shard: u8, standing: Standing, now: Timestamp) {
        let counts = &mut self.shards[usize::from(shard)];
        counts.flows += 1;
        counts.unanswered += u32::from(standing == Standing::Unanswered);
        counts.closed += u32::from(standing == Standing::Closed);
        self.queues.push_back(queue(shard, standing), slot, now);
    }

    pub(super) fn leave(&mut self, slot: u32, shard: u8, standing: Standing) {
        let counts = &mut self.shards[usize::from(shard)];
        counts.flows -= 1;
        counts.unanswered -= u32::from(standing == Standing::Unanswered);
        counts.closed -= u32::from(standing == Standing::Closed);
        self.queues.remove(queue(shard, standing), slot);
    }

    /// Who has to leave this shard now; `last_seen` tells when a slot last had a packet.
    pub(super) fn victim(
        &mut self,
        shard: u8,
        now: Timestamp,
        last_seen: impl Fn(u32) -> Option<Timestamp>,
    ) -> Option<u32> {
        let unanswered = self.stalest(queue(shard, Standing::Unanswered), &last_seen);
        let quarter = (self.limit / PART).max(1);
        let counts = self.shards[usize::from(shard)];
        if counts.unanswered >= quarter {
            return unanswered.map(|(slot, _)| slot);
        }
        let closed = self.stalest(queue(shard, Standing::Closed), &last_seen);
        if let Some((slot, since)) = closed
            && (counts.closed >= quarter || since.saturating_add(LAST_PACKETS) < now)
        {
            return Some(slot);
        }
        let answered = self.stalest(queue(shard, Standing::Answered), &last_seen);
        match (unanswered, answered) {
            (Some(unanswered), Some(answered)) if answered.1 < unanswered.1 => Some(answered.0),
            (unanswered, answered) => unanswered.or(answered).or(closed).map(|(slot, _)| slot),
        }
    }

    /// The front of a queue, once those that were seen since they were queued have gone back.
    fn stalest(
        &mut self,
        queue: usize,
        last_seen: &impl Fn(u32) -> Option<Timestamp>,
    ) -> Option<(u32, Timestamp)> {
        loop {
            let (slot, since) = self.queues.front(queue)?;
            match last_seen(slot) {
                Some(seen) if seen > since => self.queues.move_to_back(queue, slot, seen),
                _ => return Some((slot, since)),
            }
        }
    }
}

fn queue(shard: u8, standing: Standing) -> usize {
    usize::from(shard) * STANDINGS + standing as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use Standing::{Answered, Closed, Unanswered};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds, 0)
    }

    /// Flows by standing and last packet, each entered at second 0 in their order; who goes.
    #[track_caller]
    fn check(limit: usize, flows: &[(Standing, i64)], expected: &[u32]) {
        let mut room = Room::new(1, limit);
        for (slot, (standing, _)) in (0..).zip(flows) {
            room.enter(slot, 0, *standing, at(0));
        }
        assert!(room.is_full(0));
        let mut victims = Vec::new();
        while let Some(slot) = room.victim(0, at(10), |slot| Some(at(flows.get(slot as usize)?.1)))
        {
            room.leave(slot, 0, flows[slot as usize].0);
            victims.push(slot);
        }
        assert_eq!(victims, expected);
    }

    #[test]
    fn closed_flows_go_before_the_stalest() {
        check(
            4,
            &[(Answered, 3), (Answered, 0), (Closed, 9), (Answered, 2)],
            &[2, 1, 0, 3],
        );
    }

    #[test]
    fn closed_flows_have_a_second_unless_they_are_a_quarter() {
        let mut flows = [(Answered, 0); 8];
        flows[7] = (Closed, 9);
        let mut room = Room::new(1, 8);
        for (slot, (standing, seen)) in (0..).zip(flows) {
            room.enter(slot, 0, standing, at(seen));
        }
        let seen = |slot| Some(at(flows[slot as usize].1));
        assert_eq!(room.victim(0, at(10), seen), Some(0));
        assert_eq!(room.victim(0, at(11), seen), Some(7));
        room.leave(0, 0, Answered);
        room.enter(0, 0, Closed, at(9));
        assert_eq!(room.victim(0, at(10), seen), Some(7));
    }

    #[test]
    fn closed_flows_stay_while_the_unanswered_are_a_quarter() {
        check(
            4,
            &[(Closed, 0), (Unanswered, 9), (Answered, 1), (Unanswered, 8)],
            &[1, 3, 0, 2],
        );
    }

    #[test]
    fn what_is_seen_goes_to_the_back() {
        let mut room = Room::new(1, 8);
        for slot in 0..8 {
            assert_eq!(room.is_nearly_full(0), slot == 7);
            room.enter(slot, 0, Unanswered, at(slot.into()));
        }
        room.see(0, 0, Unanswered, at(8));
        room.see(2, 0, Unanswered, at(9));
        let seen = |slot| Some(at([8, 1, 9, 3, 4, 5, 6, 7][slot as usize]));
        for expected in [1, 3, 4, 5, 6, 7, 0, 2] {
            assert_eq!(room.victim(0, at(10), seen), Some(expected));
            room.leave(expected, 0, Unanswered);
        }
    }

    #[test]
    fn the_unanswered_go_before_the_answered_while_they_are_a_quarter() {
        check(
            8,
            &[
                (Answered, 0),
                (Unanswered, 5),
                (Unanswered, 0),
                (Unanswered, 0),
                (Answered, 0),
                (Answered, 0),
                (Answered, 0),
                (Answered, 0),
            ],
            // Two are a quarter of eight, one is less: then the stalest of all.
            &[2, 3, 0, 4, 5, 6, 7, 1],
        );
    }

    #[test]
    fn shards_do_not_touch_each_other() {
        let mut room = Room::new(2, 2);
        room.enter(0, 0, Answered, at(0));
        room.enter(1, 1, Answered, at(1));
        assert!(room.is_full(0) && room.is_full(1));
        assert_eq!(room.victim(1, at(1), |_| Some(at(1))), Some(1));
    }
}
