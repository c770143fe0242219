//! Which flows may be over, found without looking at those that are not.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use nettraffic_capture::Timestamp;

use crate::chunks::Chunks;

/// Slots filed by a moment before which nothing becomes due for them.
///
/// Packets put the true deadlines of their flows off, and file nothing: a slot is looked at when
/// its moment has come, and filed anew when its deadline lies later by then. So a packet costs
/// nothing here, and a flow about one filing for each idle timeout that it lives.
///
/// A wheel of buckets, each some hundredth of the longest idle timeout wide, holds what is due
/// later; a heap holds what may be due within the bucket that the clock is in, in exact order.
#[derive(Clone, Debug)]
pub(super) struct Deadlines {
    nodes: Chunks<Node>,
    /// First slot of each bucket.
    heads: Vec<u32>,
    /// A bucket is 2 to the power of this nanoseconds wide.
    shift: u32,
    /// The bucket up to which all was moved to the heap.
    current: i64,
    /// Slots in buckets.
    filed: usize,
    /// What may be due first, with the marks that slots have left behind.
    near: BinaryHeap<Reverse<Near>>,
    /// Slots in the heap.
    waiting: usize,
    /// Of the latest mark in the heap.
    stamp: u32,
    /// Room for slots of a bucket that is opened.
    opened: Vec<(u32, Option<Deadline>)>,
    /// Nothing becomes due before this moment.
    next: Timestamp,
}

/// What a slot waits for, or what is due; ordered as the records of one moment come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Deadline {
    pub(super) at: Timestamp,
    /// Of the first packet of the flow's record.
    pub(super) sequence: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Near {
    deadline: Deadline,
    slot: u32,
    /// Tells a slot's mark from those that it has left behind.
    stamp: u32,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    previous: u32,
    /// The next slot of the bucket; in the heap, the stamp of the slot's mark.
    next: u32,
    /// Where the slot is: the number of a bucket, or one of the two below.
    place: u32,
}

const BUCKETS: i64 = 256;
/// Buckets that the longest idle timeout is cut into, at least.
const PER_TIMEOUT: u64 = 64;
/// Slots that are looked at together when a bucket is opened.
const TOGETHER: usize = 64;
/// Marks that slots may have left behind in the heap, beside a quarter of those that count.
const LEFT_BEHIND: usize = 1024;
const NOWHERE: u32 = u32::MAX;
const NEAR: u32 = u32::MAX - 1;
const NONE: u32 = u32::MAX;

impl Deadlines {
    /// For flows of which the longest idle timeout is `timeout`.
    pub(super) fn new(timeout: Duration) -> Self {
        let nanos = u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX);
        Self {
            nodes: Chunks::new(),
            heads: vec![NONE; BUCKETS as usize],
            shift: (nanos / PER_TIMEOUT).max(1).ilog2(),
            current: 0,
            filed: 0,
            near: BinaryHeap::new(),
            waiting: 0,
            stamp: 0,
            opened: Vec::new(),
            next: Timestamp::MAX,
        }
    }

    /// Whether something may be due before `clock`.
    #[inline]
    pub(super) fn may_be_due(&self, clock: Timestamp) -> bool {
        self.next < clock
    }

    /// Files a slot, wherever it was filed before. `clock` is the time now.
    pub(super) fn file(&mut self, slot: u32, deadline: Deadline, clock: Timestamp) {
        self.remove(slot);
        if self.filed == 0 && self.waiting == 0 {
            self.near.clear();
            self.current = self.bucket(clock);
            self.next = Timestamp::MAX;
        }
        let bucket = self.bucket(deadline.at);
        if bucket <= self.current {
            self.mark(slot, deadline);
            return;
        }
        let place = bucket
            .min(self.current.saturating_add(BUCKETS))
            .rem_euclid(BUCKETS) as u32;
        let head = self.heads[place as usize];
        self.set(slot, place, NONE, head);
        if let Some(node) = self.nodes.get_mut(head) {
            node.previous = slot;
        }
        self.heads[place as usize] = slot;
        self.filed += 1;
        self.next = self.next.min(self.end_of_current());
    }

    /// Forgets a slot.
    pub(super) fn remove(&mut self, slot: u32) {
        let Some(node) = self.nodes.get_mut(slot) else {
            return;
        };
        let Node {
            previous,
            next,
            place,
        } = *node;
        node.place = NOWHERE;
        match place {
            NOWHERE => return,
            NEAR => {
                self.waiting -= 1;
                return;
            }
            _ => {}
        }
        match self.nodes.get_mut(previous) {
            Some(node) => node.next = next,
            None => self.heads[place as usize] = next,
        }
        if let Some(node) = self.nodes.get_mut(next) {
            node.previous = previous;
        }
        self.filed -= 1;
    }

    /// The next slot that is due before `clock`, in the order of deadlines; it is filed no longer.
    /// `deadline` tells when a slot is truly due.
    pub(super) fn pop(
        &mut self,
        clock: Timestamp,
        deadline: impl Fn(u32) -> Option<Deadline>,
    ) -> Option<(u32, Timestamp)> {
        loop {
            if let Some(Reverse(top)) = self.near.peek().copied()
                && top.deadline.at < clock
            {
                self.near.pop();
                if !is_valid(&self.nodes, &top) {
                    continue;
                }
                match deadline(top.slot) {
                    Some(true_one) if true_one == top.deadline => {
                        self.remove(top.slot);
                        return Some((top.slot, top.deadline.at));
                    }
                    Some(later) => self.file(top.slot, later, clock),
                    None => self.remove(top.slot),
                }
            } else if self.filed > 0 && self.current < self.bucket(clock) {
                self.open_next_bucket(clock, &deadline);
            } else {
                self.next = match self.near.peek() {
                    Some(Reverse(top)) => top.deadline.at,
                    None => Timestamp::MAX,
                };
                if self.filed > 0 {
                    self.next = self.next.min(self.end_of_current());
                }
                return None;
            }
        }
    }

    /// Puts a slot into the heap.
    fn mark(&mut self, slot: u32, deadline: Deadline) {
        // Flows that leave before they are due, as in a flood, or in a file whose clock stands,
        // must not fill the heap.
        if self.near.len() >= self.waiting + self.waiting / 4 + LEFT_BEHIND {
            let nodes = &self.nodes;
            self.near.retain(|Reverse(mark)| is_valid(nodes, mark));
        }
        self.stamp = self.stamp.wrapping_add(1);
        let stamp = self.stamp;
        self.set(slot, NEAR, NONE, stamp);
        self.near.push(Reverse(Near {
            deadline,
            slot,
            stamp,
        }));
        self.waiting += 1;
        self.next = self.next.min(deadline.at);
    }

    fn open_next_bucket(&mut self, clock: Timestamp, deadline: &impl Fn(u32) -> Option<Deadline>) {
        self.current += 1;
        let place = self.current.rem_euclid(BUCKETS) as usize;
        let mut slot = std::mem::replace(&mut self.heads[place], NONE);
        let mut opened = std::mem::take(&mut self.opened);
        while slot != NONE {
            while opened.len() < TOGETHER
                && let Some(node) = self.nodes.get_mut(slot)
            {
                opened.push((slot, None));
                node.place = NOWHERE;
                slot = node.next;
            }
            self.filed -= opened.len();
            // In a loop of its own: the ways to the flows in memory then overlap.
            for (slot, found) in &mut opened {
                *found = deadline(*slot);
            }
            for (slot, found) in opened.drain(..) {
                if let Some(deadline) = found {
                    self.file(slot, deadline, clock);
                }
            }
        }
        self.opened = opened;
    }

    /// Marks in the heap.
    #[cfg(test)]
    pub(super) fn marks(&self) -> usize {
        self.near.len()
    }

    fn bucket(&self, time: Timestamp) -> i64 {
        time.as_nanos() >> self.shift
    }

    /// The first moment behind the bucket up to which all was moved.
    fn end_of_current(&self) -> Timestamp {
        let nanos = (i128::from(self.current) + 1) << self.shift;
        Timestamp::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
    }

    fn set(&mut self, slot: u32, place: u32, previous: u32, next: u32) {
        let node = Node {
            previous,
            next,
            place,
        };
        while self.nodes.len() <= slot as usize {
            self.nodes.push(Node {
                place: NOWHERE,
                ..node
            });
        }
        if let Some(at) = self.nodes.get_mut(slot) {
            *at = node;
        }
    }
}

/// Whether a mark is its slot's, and not one that it has left behind.
fn is_valid(nodes: &Chunks<Node>, mark: &Near) -> bool {
    let node = nodes.get(mark.slot);
    node.is_some_and(|node| node.place == NEAR && node.next == mark.stamp)
}
