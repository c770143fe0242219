//! Records in the order in which they are given out.

use std::collections::VecDeque;

use nettraffic_capture::Timestamp;

use crate::{Flow, FlowEnd};

/// Where records lie that are ready, in the order of their end, and those of the present moment: others
/// of the same moment may follow, and come before them by the order of first packets.
#[derive(Clone, Debug)]
pub(super) struct Records {
    present: Vec<Place>,
    ready: VecDeque<u32>,
}

/// The slot of a record, after what it is ordered by.
type Place = ((Timestamp, u64, FlowEnd), u32);

impl Records {
    pub(super) const fn new() -> Self {
        Self {
            present: Vec::new(),
            ready: VecDeque::new(),
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.present.len() + self.ready.len()
    }

    /// Adds a record that ends no earlier than any before it, and whose moment is over: records of
    /// that moment come in order. Those that were added at present end then or before.
    pub(super) fn push(&mut self, slot: u32, record: &Flow) {
        match self.present_end() {
            Some(present) if present == record.ended => self.push_present(slot, record),
            present => {
                if present.is_some() {
                    self.release();
                }
                self.ready.push_back(slot);
            }
        }
    }

    /// Adds a record that ends now.
    pub(super) fn push_present(&mut self, slot: u32, record: &Flow) {
        self.present.push((record.order(), slot));
    }

    /// The present is over: the clock is there.
    #[inline]
    pub(super) fn move_on(&mut self, clock: Timestamp) {
        if self.present_end().is_some_and(|ended| ended < clock) {
            self.release();
        }
    }

    /// Readies the records of the present.
    pub(super) fn release(&mut self) {
        self.present.sort_by_key(|(order, _)| *order);
        self.ready
            .extend(self.present.drain(..).map(|(_, slot)| slot));
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<u32> {
        self.ready.pop_front()
    }

    fn present_end(&self) -> Option<Timestamp> {
        let ((ended, ..), _) = self.present.first()?;
        Some(*ended)
    }
}
