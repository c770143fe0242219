//! Things that are found by key and named by slot.

use std::ops::{Index, IndexMut};

use hashbrown::HashTable;

/// Entries side by side in one vector, each at a slot that is its own until it is removed, and an
/// index over their keys, which are part of the entries.
#[derive(Clone, Debug)]
pub(super) struct Directory<T> {
    index: HashTable<Place>,
    entries: Vec<Entry<T>>,
    free: Vec<u32>,
}

/// Where an entry lies. The hash saves looks at others.
#[derive(Clone, Copy, Debug)]
struct Place {
    slot: u32,
    hash: u32,
}

#[derive(Clone, Copy, Debug)]
struct Entry<T> {
    hash: u32,
    value: T,
}

impl<T> Directory<T> {
    pub(super) const fn new() -> Self {
        Self {
            index: HashTable::new(),
            entries: Vec::new(),
            free: Vec::new(),
        }
    }

    /// The slot of the entry with this hash that `is` the one.
    #[inline]
    pub(super) fn find(&self, hash: u32, is: impl Fn(&T) -> bool) -> Option<u32> {
        let place = self.index.find(spread(hash), |place| {
            place.hash == hash && is(&self[place.slot])
        })?;
        Some(place.slot)
    }

    /// Adds an entry that is not there, at the slot that was freed last, or behind all others.
    pub(super) fn insert(&mut self, hash: u32, value: T) -> u32 {
        let entry = Entry { hash, value };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.entries[slot as usize] = entry;
                slot
            }
            None => {
                self.entries.push(entry);
                self.entries.len() as u32 - 1
            }
        };
        let place = Place { slot, hash };
        self.index
            .insert_unique(spread(hash), place, |place| spread(place.hash));
        slot
    }

    /// Frees the slot of an entry that is there.
    pub(super) fn remove(&mut self, slot: u32) {
        let hash = self.entries[slot as usize].hash;
        if let Ok(place) = self
            .index
            .find_entry(spread(hash), |place| place.slot == slot)
        {
            place.remove();
            self.free.push(slot);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.index.len()
    }
}

impl<T> Index<u32> for Directory<T> {
    type Output = T;

    #[inline]
    fn index(&self, slot: u32) -> &T {
        &self.entries[slot as usize].value
    }
}

impl<T> IndexMut<u32> for Directory<T> {
    #[inline]
    fn index_mut(&mut self, slot: u32) -> &mut T {
        &mut self.entries[slot as usize].value
    }
}

/// Hash tables take their tag from the top bits of a hash and the bucket from the low ones.
#[inline]
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_keep_their_slots_whatever_their_hashes() {
        for hash in [|_| 7, |key: u32| key * 31] {
            let mut directory = Directory::new();
            for key in 0..100 {
                assert_eq!(directory.insert(hash(key), key), key);
            }
            for key in (0..100).step_by(3) {
                directory.remove(key);
            }
            for key in 0..100 {
                let found = directory.find(hash(key), |entry| *entry == key);
                assert_eq!(found, (key % 3 != 0).then_some(key));
            }
            // The slot that was freed last is used first.
            assert_eq!(directory.insert(hash(200), 200), 99);
            assert_eq!(directory.find(hash(200), |entry| *entry == 200), Some(99));
            assert_eq!(directory.len(), 67);
        }
    }
}
