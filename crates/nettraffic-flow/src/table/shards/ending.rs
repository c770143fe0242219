//! How flows end, and what becomes of their records.

use nettraffic_capture::Timestamp;

use super::Shards;
use crate::hash::spread;
use crate::table::entry::{Early, Entry, Timeout};
use crate::{Accumulate, Flow, FlowEnd};

impl<A: Accumulate> Shards<A> {
    /// Ends everything as if the clock ran on and nothing followed: at its own deadline. The clock is
    /// unset then. Nothing is moved before it is asked for: the end takes no memory of its own.
    pub(in crate::table) fn finish(&mut self) {
        self.clock = Timestamp::MAX;
        self.ending = true;
    }

    /// The same at once.
    pub(super) fn end_all(&mut self) {
        self.finish();
        self.end_the_last();
    }

    /// The next record that is ready.
    pub(in crate::table) fn pop(&mut self) -> Option<Flow<A>> {
        let slot = self.next_record()?;
        let entry = self.entries.remove(slot)?;
        Some(entry.flow.with_state(entry.state))
    }

    /// The same, where it lies.
    #[inline]
    pub(in crate::table) fn pop_with<R>(&mut self, look: impl FnOnce(&Flow, &A) -> R) -> Option<R> {
        let slot = self.next_record()?;
        self.entries
            .remove_with(slot, |entry| look(&entry.flow, &entry.state))
    }

    #[inline]
    fn next_record(&mut self) -> Option<u32> {
        loop {
            let record = self.records.pop();
            if record.is_some() || !self.ending {
                return record;
            }
            self.end_next();
        }
    }

    /// Ends everything whose deadline lies before the clock, in the order of deadlines.
    pub(super) fn expire(&mut self) {
        while let Some((slot, at)) = self.deadlines.pop(self.clock, |slot| {
            Some(self.entries.get(slot)?.deadline(&self.timeouts))
        }) {
            let entry = self.entries.get(slot);
            match entry.map(|entry| entry.timeout(&self.timeouts).1) {
                Some(Timeout::Silence) => self.remove(slot, FlowEnd::Idle, at),
                Some(Timeout::Age) => self.split(slot, at),
                Some(Timeout::Early) => {
                    self.report_early(slot, at);
                    self.file(slot);
                }
                None => {}
            }
        }
    }

    /// Ends what an input that is over has left, when another one begins.
    #[inline]
    pub(super) fn end_the_last(&mut self) {
        while self.ending {
            self.end_next();
        }
    }

    /// Ends the flow whose deadline is the next; when there is none, the end is over.
    fn end_next(&mut self) {
        let (entries, timeouts) = (&self.entries, &self.timeouts);
        let deadline = |slot| Some(entries.get(slot)?.deadline(timeouts));
        let Some((slot, at)) = self.deadlines.pop(Timestamp::MAX, deadline) else {
            return self.end_the_undying();
        };
        match self.entries.get_mut(slot) {
            // What is about to end is not reported early.
            Some(entry) if entry.timeout(&self.timeouts).1 == Timeout::Early => {
                entry.early = Early::Given;
                self.file(slot);
            }
            _ => self.remove(slot, FlowEnd::EndOfInput, at),
        }
    }

    /// Ends what no deadline would have ended, in the order of first packets, and unsets the clock.
    fn end_the_undying(&mut self) {
        let mut slots = self.room.slots();
        slots.sort_unstable_by_key(|slot| self.entries.get(*slot).map(|entry| entry.flow.sequence));
        for slot in slots {
            self.end_now(slot, FlowEnd::EndOfInput);
        }
        self.records.release();
        self.clock = Timestamp::MIN;
        self.ending = false;
    }

    /// Ends a flow by something that happens at the clock's time.
    pub(super) fn end_now(&mut self, slot: u32, end: FlowEnd) {
        self.remove(slot, end, self.clock);
    }

    /// Takes a flow out of the table and gives out its record, unless no packet is in it. A
    /// closed connection keeps its own reason whatever made it leave.
    fn remove(&mut self, slot: u32, end: FlowEnd, ended: Timestamp) {
        let Some(entry) = self.entries.get(slot) else {
            return;
        };
        let hash = spread(entry.hash);
        if let Ok(place) = self.index.find_entry(hash, |place| place.slot == slot) {
            place.remove();
        }
        self.room.leave(slot, entry.shard, entry.standing);
        self.deadlines.remove(slot);
        if entry.is_empty() {
            self.entries.remove(slot);
        } else {
            let end = entry.tcp.closed().unwrap_or(end);
            self.give_out(slot, end, ended);
        }
    }

    /// Gives out the record of a flow that is too old and lets the flow go on, unless it has
    /// closed: what still trickles in after that is no part of a living connection.
    pub(super) fn split(&mut self, slot: u32, ended: Timestamp) {
        let Some(entry) = self.entries.get_mut(slot) else {
            return;
        };
        if entry.has_closed() {
            return self.remove(slot, FlowEnd::Active, ended);
        }
        let record = entry.clone();
        entry.state = A::default();
        entry.flow.continue_after_split();
        entry.early = Early::Given;
        self.file(slot);
        self.give_out_copy(record, FlowEnd::Active, ended);
    }

    /// Reports a flow before its end, once.
    pub(super) fn report_early(&mut self, slot: u32, at: Timestamp) {
        let Some(entry) = self.entries.get_mut(slot) else {
            return;
        };
        if entry.early == Early::Awaited && entry.flow.continuation == 0 {
            entry.early = Early::Given;
            let record = entry.clone();
            self.give_out_copy(record, FlowEnd::Early, at);
        }
    }

    /// Gives out a record of a flow that stays.
    fn give_out_copy(&mut self, record: Entry<A>, end: FlowEnd, ended: Timestamp) {
        let slot = self.entries.insert(record);
        self.give_out(slot, end, ended);
    }

    /// Gives out the record at a slot of which nothing else knows any more: it stays there until it is
    /// fetched.
    fn give_out(&mut self, slot: u32, end: FlowEnd, ended: Timestamp) {
        let Some(entry) = self.entries.get_mut(slot) else {
            return;
        };
        entry.is_over = true;
        entry.flow.end = end;
        entry.flow.ended = ended;
        self.counters.count_record(end);
        if ended < self.clock {
            self.records.push(slot, &entry.flow);
        } else {
            self.records.push_present(slot, &entry.flow);
        }
    }
}
