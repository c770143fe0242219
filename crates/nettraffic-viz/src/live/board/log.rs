//! Things that happened one after the other, the newest of them.

use std::collections::VecDeque;
use std::sync::Arc;

/// The newest of a stream of things, each with the number of its last change.
pub(super) struct Log<T> {
    most: usize,
    kept: VecDeque<Numbered<T>>,
    /// The highest number of what is no longer kept.
    pub(super) lost: u64,
}

/// A thing with the number of its last change.
pub(super) struct Numbered<T> {
    pub(super) number: u64,
    pub(super) value: Arc<T>,
}

impl<T> Log<T> {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            kept: VecDeque::new(),
            lost: 0,
        }
    }

    pub(super) fn push(&mut self, number: u64, value: T) {
        self.make_room();
        self.kept.push_back(Numbered {
            number,
            value: Arc::new(value),
        });
    }

    /// Puts a thing in the place of the one that `is_it` finds, or after all others.
    pub(super) fn replace(&mut self, number: u64, value: T, is_it: impl Fn(&T) -> bool) {
        if let Some(place) = self.kept.iter().position(|kept| is_it(&kept.value)) {
            self.kept.remove(place);
        }
        self.push(number, value);
    }

    /// Changes the thing that `is_it` finds, newest first; says whether there is one.
    pub(super) fn change(
        &mut self,
        number: u64,
        is_it: impl Fn(&T) -> bool,
        change: impl FnOnce(&T) -> T,
    ) -> bool {
        let Some(found) = self.kept.iter_mut().rev().find(|kept| is_it(&kept.value)) else {
            return false;
        };
        found.number = number;
        found.value = Arc::new(change(&found.value));
        true
    }

    /// What changed after a number, in order.
    pub(super) fn after(&self, number: u64) -> Vec<Arc<T>> {
        let changed = self.kept.iter().filter(|kept| kept.number > number);
        changed.map(|kept| Arc::clone(&kept.value)).collect()
    }

    /// Whether something fits.
    pub(super) fn any(&self, is_it: impl Fn(&T) -> bool) -> bool {
        self.kept.iter().rev().any(|kept| is_it(&kept.value))
    }

    pub(super) fn last(&self) -> Option<&T> {
        self.kept.back().map(|kept| &*kept.value)
    }

    fn make_room(&mut self) {
        while self.kept.len() >= self.most {
            if let Some(gone) = self.kept.pop_front() {
                self.lost = self.lost.max(gone.number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept_and_what_is_lost_is_known() {
        let mut log = Log::new(3);
        for number in 1..=5 {
            log.push(number, number);
        }
        let values =
            |log: &Log<u64>, after| log.after(after).iter().map(|v| **v).collect::<Vec<_>>();
        assert_eq!(values(&log, 0), [3, 4, 5]);
        assert_eq!(values(&log, 4), [5]);
        assert_eq!(log.lost, 2);

        log.replace(6, 40, |value| *value == 4);
        assert_eq!(values(&log, 0), [3, 5, 40]);
        assert!(log.change(7, |value| *value == 3, |_| 30));
        assert_eq!(values(&log, 6), [30]);
        assert!(!log.change(8, |value| *value == 99, |_| 0));
        // What changed last is gone first all the same: a reader that has not seen it must know.
        log.push(9, 9);
        assert_eq!((values(&log, 0), log.lost), (vec![5, 40, 9], 7));
    }
}
