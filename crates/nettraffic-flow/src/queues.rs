//! Queues of slots in the order of time.

use nettraffic_capture::Timestamp;

/// `N` doubly linked queues over one array of nodes: a slot waits in one queue at a time.
///
/// Each queue has one timeout, so the order of arrival is the order of deadlines, and every
/// operation takes constant time. The nodes lie apart from the flows, 16 bytes each: moving
/// a slot to the back touches its neighbours, and these would be cache misses among flows.
///
/// Times must not go back from one push to the next in the same queue.
#[derive(Clone, Debug)]
pub(crate) struct Queues<const N: usize> {
    nodes: Vec<Node>,
    ends: [Ends; N],
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

impl<const N: usize> Queues<N> {
    pub(crate) const fn new() -> Self {
        Self {
            nodes: Vec::new(),
            ends: [Ends {
                front: NONE,
                back: NONE,
            }; N],
        }
    }

    /// Adds a slot that waits in no queue.
    pub(crate) fn push_back(&mut self, queue: usize, slot: u32, since: Timestamp) {
        let place = slot as usize;
        let back = self.ends[queue].back;
        let node = Node {
            since,
            previous: back,
            next: NONE,
        };
        if place >= self.nodes.len() {
            self.nodes.resize(place + 1, node);
        }
        self.nodes[place] = node;
        match back {
            NONE => self.ends[queue].front = slot,
            back => self.nodes[back as usize].next = slot,
        }
        self.ends[queue].back = slot;
    }

    /// Takes a slot out of the queue in which it waits.
    pub(crate) fn remove(&mut self, queue: usize, slot: u32) {
        let Node { previous, next, .. } = self.nodes[slot as usize];
        match previous {
            NONE => self.ends[queue].front = next,
            previous => self.nodes[previous as usize].next = next,
        }
        match next {
            NONE => self.ends[queue].back = previous,
            next => self.nodes[next as usize].previous = previous,
        }
    }

    /// Lets a slot wait anew, in the queue in which it already is.
    pub(crate) fn move_to_back(&mut self, queue: usize, slot: u32, since: Timestamp) {
        let node = &mut self.nodes[slot as usize];
        // Among slots of one moment the order means nothing.
        if node.since == since || node.next == NONE {
            node.since = since;
            return;
        }
        self.remove(queue, slot);
        self.push_back(queue, slot, since);
    }

    /// The slot that has waited longest, and since when.
    pub(crate) fn front(&self, queue: usize) -> Option<(u32, Timestamp)> {
        self.at(self.ends[queue].front)
    }

    /// The slot behind this one in its queue.
    pub(crate) fn behind(&self, slot: u32) -> Option<(u32, Timestamp)> {
        self.at(self.nodes[slot as usize].next)
    }

    fn at(&self, slot: u32) -> Option<(u32, Timestamp)> {
        (slot != NONE).then(|| (slot, self.nodes[slot as usize].since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(queues: &Queues<2>, queue: usize) -> Vec<(u32, i64)> {
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
        let mut queues = Queues::<2>::new();
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
