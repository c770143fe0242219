//! What went wrong of late.

use std::collections::VecDeque;

/// The latest of what is remembered, and how many there were.
#[derive(Clone, Debug)]
pub(crate) struct Troubles<T> {
    latest: VecDeque<T>,
    count: u64,
}

/// Those that are remembered.
const REMEMBERED: usize = 20;

impl<T: Clone> Troubles<T> {
    pub(crate) fn new() -> Self {
        Self {
            latest: VecDeque::new(),
            count: 0,
        }
    }

    pub(crate) fn push(&mut self, trouble: T) {
        self.count += 1;
        if self.latest.len() == REMEMBERED {
            self.latest.pop_front();
        }
        self.latest.push_back(trouble);
    }

    /// The latest ones, the oldest first.
    pub(crate) fn latest(&self) -> Vec<T> {
        self.latest.iter().cloned().collect()
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }
}
