//! How records leave the table.

use std::mem;
use std::time::Duration;

use nettraffic_capture::Timestamp;

use super::{AGE, CLOSED, FlowTable, OPEN};
use crate::hash::spread;
use crate::{Accumulate, Flow, FlowEnd};

/// A timeout that has passed for a flow; ordered as the records of one moment come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due {
    /// Of the first packet of the flow's record.
    sequence: u64,
    slot: u32,
    timeout: Timeout,
}

/// In the order that counts when both pass at one moment: what has ended does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timeout {
    /// Idle, or closed and done with lingering.
    Silence,
    /// The record is as old as the active timeout.
    Age,
}

impl<A: Accumulate> FlowTable<A> {
    /// Ends everything whose deadline lies before the clock, in the order of deadlines.
    pub(super) fn expire(&mut self) {
        loop {
            self.next_deadline = self.earliest_deadline().unwrap_or(Timestamp::MAX);
            if self.next_deadline >= self.clock {
                return;
            }
            self.expire_at(self.next_deadline);
        }
    }

    /// Remembers that something will be due when `timeout` has passed from now.
    pub(super) fn expect_deadline(&mut self, timeout: Duration) {
        self.next_deadline = self.next_deadline.min(self.clock.saturating_add(timeout));
    }

    /// Ends a flow by something that happens at the clock's time.
    pub(super) fn end_now(&mut self, slot: u32, end: FlowEnd) {
        self.remove(slot, end, self.clock);
    }

    /// Every flow, in the order of the records' first packets.
    pub(super) fn slots_by_first_packet(&self) -> Vec<u32> {
        // By the queues: what is no longer open costs nothing, however often this is asked for.
        let mut slots = Vec::with_capacity(self.entries.len());
        for queue in [OPEN, CLOSED] {
            let mut waiting = self.silence.front(queue);
            while let Some((slot, _)) = waiting {
                slots.push((self.sequence_of(slot), slot));
                waiting = self.silence.behind(slot);
            }
        }
        slots.sort_unstable();
        slots.into_iter().map(|(_, slot)| slot).collect()
    }

    fn earliest_deadline(&self) -> Option<Timestamp> {
        let config = &self.config;
        [
            (self.silence.front(OPEN), config.idle_timeout),
            (self.silence.front(CLOSED), config.tcp_linger),
            (self.age.front(AGE), config.active_timeout),
        ]
        .into_iter()
        .filter_map(|(front, timeout)| Some(front?.1.saturating_add(timeout)))
        .min()
    }

    /// Ends everything that is due at exactly this moment, in the order of first packets.
    fn expire_at(&mut self, deadline: Timestamp) {
        let mut due = mem::take(&mut self.due);
        for (queue, wait) in [
            (OPEN, self.config.idle_timeout),
            (CLOSED, self.config.tcp_linger),
        ] {
            let mut waiting = self.silence.front(queue);
            while let Some((slot, since)) = waiting
                && since.saturating_add(wait) == deadline
            {
                due.push(self.due(slot, Timeout::Silence));
                waiting = self.silence.behind(slot);
            }
        }
        let mut waiting = self.age.front(AGE);
        while let Some((slot, since)) = waiting
            && since.saturating_add(self.config.active_timeout) == deadline
        {
            due.push(self.due(slot, Timeout::Age));
            waiting = self.age.behind(slot);
        }
        due.sort_unstable();
        for Due { slot, timeout, .. } in due.drain(..) {
            match timeout {
                Timeout::Silence => self.remove(slot, FlowEnd::Idle, deadline),
                Timeout::Age => self.split(slot, deadline),
            }
        }
        self.due = due;
    }

    fn due(&self, slot: u32, timeout: Timeout) -> Due {
        Due {
            sequence: self.sequence_of(slot),
            slot,
            timeout,
        }
    }

    fn sequence_of(&self, slot: u32) -> u64 {
        self.entries
            .get(slot)
            .map_or(0, |entry| entry.flow.sequence)
    }

    /// Takes a flow out of the table and gives out its record, unless no packet is in it. A
    /// closed connection keeps its own reason whatever made it leave.
    fn remove(&mut self, slot: u32, end: FlowEnd, ended: Timestamp) {
        let Some(entry) = self.entries.remove(slot) else {
            return;
        };
        if let Ok(place) = self
            .index
            .find_entry(spread(entry.hash), |place| place.slot == slot)
        {
            place.remove();
        }
        self.silence.remove(entry.silence_queue(), slot);
        if entry.is_empty() {
            return;
        }
        self.age.remove(AGE, slot);
        let end = entry.tcp.closed().unwrap_or(end);
        self.give_out(entry.flow, entry.state, end, ended);
    }

    /// Gives out the record of a flow that is too old and lets the flow go on, unless it has
    /// closed: what still trickles in after that is no part of a living connection.
    fn split(&mut self, slot: u32, ended: Timestamp) {
        let Some(entry) = self.entries.get_mut(slot) else {
            return;
        };
        if entry.tcp.closed().is_some() {
            return self.remove(slot, FlowEnd::Active, ended);
        }
        let record = entry.flow.clone();
        let state = mem::take(&mut entry.state);
        entry.flow.continue_after_split();
        self.age.remove(AGE, slot);
        self.give_out(record, state, FlowEnd::Active, ended);
    }

    fn give_out(&mut self, record: Flow<()>, state: A, end: FlowEnd, ended: Timestamp) {
        let mut record = record.with_state(state);
        record.end = end;
        record.ended = ended;
        self.counters.count_record(end);
        self.ready.push_back(record);
    }
}
