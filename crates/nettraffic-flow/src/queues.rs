//! Queues of slots.

use nettraffic_capture::Timestamp;

use crate::chunks::Chunks;

/// Doubly linked queues over one array of nodes: a slot waits in one queue at a time, and every
/// operation takes constant time. The nodes lie apart from the flows, 16 bytes each: taking a slot
/// out touches its neighbours, and these would be cache misses among flows.
#[derive(Clone, Debug)]
pub(crate) struct Queues {
    nodes: Chunks<Node>,
    ends: Vec<Ends>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    since: Timestamp,
    previous: u32,
    next: u32,
}

#[derive(Clone, Copy, Debug)]
struct Ends {
    front: u32,
    back: u32,
}

const NONE: u32 = u32::MAX;

impl Queues {
    /// This many, all empty.
    pub(crate) fn new(queues: usize) -> Self {
        let ends = Ends {
            front: NONE,
            back: NONE,
        };
        Self {
            nodes: Chunks::new(),
            ends: vec![ends; queues],
        }
    }

    /// How many queues there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Adds a slot that waits in no queue.
    pub(crate) fn push_back(&mut self, queue: usize, slot: u32, since: Timestamp) {
        let node = Node {
            since,
            previous: self.ends[queue].back,
            next: NONE,
        };
        while self.nodes.len() <= slot as usize {
            self.nodes.push(node);
        }
        if let Some(place) = self.nodes.get_mut(slot) {
            *place = node;
        }
        match self.nodes.get_mut(node.previous) {
            Some(back) => back.next = slot,
            None => self.ends[queue].front = slot,
        }
        self.ends[queue].back = slot;
    }

    /// Takes a slot out of the queue in which it waits.
    pub(crate) fn remove(&mut self, queue: usize, slot: u32) {
        let Some(Node { previous, next, .. }) = self.nodes.get(slot).copied() else {
            return;
        };
        match self.nodes.get_mut(previous) {
            Some(node) => node.next = next,
            None => self.ends[queue].front = next,
        }
        match self.nodes.get_mut(next) {
            Some(node) => node.previous = previous,
            None => self.ends[queue].back = previous,
        }
    }

    /// Lets a slot wait anew, in the queue in which it already is.
    pub(crate) fn move_to_back(&mut self, queue: usize, slot: u32, since: Timestamp) {
        self.remove(queue, slot);
        self.push_back(queue, slot, since);
    }

    /// The slot that has waited longest, and since when.
    pub(crate) fn front(&self, queue: usize) -> Option<(u32, Timestamp)> {
        self.at(self.ends[queue].front)
    }

    /// The slot behind this one in its queue.
    pub(crate) fn behind(&self, slot: u32) -> Option<(u32, Timestamp)> {
        self.at(self.nodes.get(slot)?.next)
    }

    fn at(&self, slot: u32) -> Option<(u32, Timestamp)> {
        Some((slot, self.nodes.get(slot)?.since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(queues: &Queues, queue: usize) -> Vec<(u32, i64)> {
        let mut found = Vec::new();
        let mut place = queues.front(queue);
        while let Some((slot, since)) = place {
            found.push((slot, since.as_nanos()));
            place = queues.behind(slot);
        }
        found
    }

    #[test]
    fn keep_the_order_of_time() {
        let time = Timestamp::from_nanos;
        let mut queues = Queues::new(2);
        for slot in 0..4 {
            queues.push_back(0, slot, time(slot.into()));
        }
        queues.move_to_back(0, 1, time(5));
        assert_eq!(slots(&queues, 0), [(0, 0), (2, 2), (3, 3), (1, 5)]);
        queues.move_to_back(0, 1, time(6));
        queues.remove(0, 0);
        queues.push_back(1, 0, time(6));
        assert_eq!(slots(&queues, 0), [(2, 2), (3, 3), (1, 6)]);
        assert_eq!(slots(&queues, 1), [(0, 6)]);
        queues.remove(0, 3);
        queues.remove(0, 1);
        queues.remove(1, 0);
        queues.push_back(0, 3, time(7));
        assert_eq!(slots(&queues, 0), [(2, 2), (3, 7)]);
        assert_eq!(slots(&queues, 1), []);
    }
}
