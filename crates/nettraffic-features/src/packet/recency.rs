//! Which streams have been silent longest.

/// Slots in two queues, each in the order of their last use: newcomers, which were used once, and
/// the others.
///
/// The order is that of packets, not of their times, so it is the same whatever the clocks say.
#[derive(Clone, Debug)]
pub(crate) struct Recency {
    links: Vec<Link>,
    newcomers: Queue,
    returned: Queue,
}

#[derive(Clone, Copy, Debug)]
struct Link {
    previous: u32,
    next: u32,
    is_newcomer: bool,
}

#[derive(Clone, Copy, Debug)]
struct Queue {
    front: u32,
    back: u32,
    len: usize,
}

const NONE: u32 = u32::MAX;
const EMPTY: Queue = Queue {
    front: NONE,
    back: NONE,
    len: 0,
};

impl Recency {
    pub(crate) const fn new() -> Self {
        Self {
            links: Vec::new(),
            newcomers: EMPTY,
            returned: EMPTY,
        }
    }

    /// Adds the slot after the last one, and tells its number.
    pub(crate) fn add(&mut self) -> u32 {
        let slot = self.links.len() as u32;
        self.links.push(Link {
            previous: NONE,
            next: NONE,
            is_newcomer: true,
        });
        self.append(slot, true);
        slot
    }

    /// A slot was used once more.
    #[inline]
    pub(crate) fn touch(&mut self, slot: u32) {
        if self.returned.back != slot {
            self.unlink(slot);
            self.append(slot, false);
        }
    }

    /// Chooses the slot that has to go and makes it a newcomer again. There has to be one.
    ///
    /// It is the stalest newcomer while these have more than a quarter of all slots, else the
    /// stalest of the others: a flood of streams that never come back, as of forged addresses or
    /// scanned ports, pushes out its own.
    pub(crate) fn recycle(&mut self) -> u32 {
        let crowded = self.newcomers.len > self.links.len() / 4;
        let queue = if crowded || self.returned.len == 0 {
            self.newcomers
        } else {
            self.returned
        };
        let slot = queue.front;
        self.unlink(slot);
        self.append(slot, true);
        slot
    }

    fn queue_mut(&mut self, is_newcomer: bool) -> &mut Queue {
        if is_newcomer {
            &mut self.newcomers
        } else {
            &mut self.returned
        }
    }

    fn unlink(&mut self, slot: u32) {
        let link = self.links[slot as usize];
        let queue = self.queue_mut(link.is_newcomer);
        queue.len -= 1;
        if link.previous == NONE {
            queue.front = link.next;
        }
        if link.next == NONE {
            queue.back = link.previous;
        }
        if let Some(previous) = self.links.get_mut(link.previous as usize) {
            previous.next = link.next;
        }
        if let Some(next) = self.links.get_mut(link.next as usize) {
            next.previous = link.previous;
        }
    }

    fn append(&mut self, slot: u32, is_newcomer: bool) {
        let queue = self.queue_mut(is_newcomer);
        let back = std::mem::replace(&mut queue.back, slot);
        queue.len += 1;
        if back == NONE {
            queue.front = slot;
        }
        if let Some(back) = self.links.get_mut(back as usize) {
            back.next = slot;
        }
        self.links[slot as usize] = Link {
            previous: back,
            next: NONE,
            is_newcomer,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newcomers_go_first_when_they_are_many() {
        let mut recency = Recency::new();
        for _ in 0..8 {
            recency.add();
        }
        for slot in [0, 1, 2, 3, 4, 5, 1, 5, 1] {
            recency.touch(slot);
        }
        // Newcomers: 6 7. They have a quarter, not more: the stalest of the others goes,
        // and with it they have more.
        let gone: Vec<_> = (0..5).map(|_| recency.recycle()).collect();
        assert_eq!(gone, [0, 6, 7, 0, 6]);
        recency.touch(7);
        recency.touch(6);
        recency.touch(0);
        let gone: Vec<_> = (0..4).map(|_| recency.recycle()).collect();
        assert_eq!(gone, [2, 3, 4, 2]);
    }
}
