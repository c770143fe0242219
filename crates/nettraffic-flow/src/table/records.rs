//! Records in the order in which they are given out.

use std::collections::VecDeque;

use nettraffic_capture::Timestamp;

use crate::Flow;

/// Records that are ready, in the order of their end, and those of the present moment: others of the
/// same moment may follow, and come before them by the order of first packets.
#[derive(Clone, Debug)]
pub(super) struct Records<A> {
    present: Vec<Flow<A>>,
    ready: VecDeque<Flow<A>>,
}

impl<A> Records<A> {
    pub(super) const fn new() -> Self {
        Self {
            present: Vec::new(),
            ready: VecDeque::new(),
        }
    }

    /// Adds a record that ends no earlier than any before it, and whose moment is over: records of
    /// that moment come in order. Those that were added at present end then or before.
    pub(super) fn push(&mut self, record: Flow<A>) {
        match self.present.first().map(|first| first.ended) {
            Some(present) if present == record.ended => self.present.push(record),
            present => {
                if present.is_some() {
                    self.release();
                }
                self.ready.push_back(record);
            }
        }
    }

    /// Adds a record that ends now.
    pub(super) fn push_present(&mut self, record: Flow<A>) {
        self.present.push(record);
    }

    /// The present is over: the clock is there.
    #[inline]
    pub(super) fn move_on(&mut self, clock: Timestamp) {
        if let Some(first) = self.present.first()
            && first.ended < clock
        {
            self.release();
        }
    }

    /// Readies the records of the present.
    pub(super) fn release(&mut self) {
        self.present.sort_by_key(Flow::order);
        self.ready.extend(self.present.drain(..));
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<Flow<A>> {
        self.ready.pop_front()
    }
}
