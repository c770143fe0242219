//! A bounded number of streams, found by key.

use hashbrown::HashTable;

use super::StreamCounters;
use super::recency::Recency;

/// The states of streams under their keys. When there are too many, a stale one makes room.
///
/// Streams lie side by side in one vector, and a slot never becomes empty again: the index
/// and the order of use refer to slots, and no state is ever moved for them.
#[derive(Clone, Debug)]
pub(super) struct Streams<K, S> {
    index: HashTable<Place>,
    streams: Vec<Stream<K, S>>,
    recency: Recency,
    limit: usize,
    evicted: u64,
}

/// Where a stream lies. The hash saves looks at streams of other keys.
#[derive(Clone, Copy, Debug)]
struct Place {
    slot: u32,
    hash: u32,
}

#[derive(Clone, Copy, Debug)]
struct Stream<K, S> {
    key: K,
    hash: u32,
    state: S,
}

impl<K: Copy + Eq, S> Streams<K, S> {
    /// At most `limit` streams, and at least one.
    pub(super) fn new(limit: u32) -> Self {
        Self {
            index: HashTable::new(),
            streams: Vec::new(),
            recency: Recency::new(),
            limit: limit.max(1) as usize,
            evicted: 0,
        }
    }

    /// The state of the stream of `key`, which `open` makes when there is none.
    #[inline]
    pub(super) fn get_or_open(&mut self, key: &K, hash: u32, open: impl FnOnce() -> S) -> &mut S {
        let streams = &self.streams;
        let found = self.index.find(spread(hash), |place| {
            place.hash == hash && streams[place.slot as usize].key == *key
        });
        let slot = match found {
            Some(place) => {
                let slot = place.slot;
                self.recency.touch(slot);
                slot
            }
            None => self.open(Stream {
                key: *key,
                hash,
                state: open(),
            }),
        };
        &mut self.streams[slot as usize].state
    }

    pub(super) fn counters(&self) -> StreamCounters {
        StreamCounters {
            open: self.streams.len() as u64,
            evicted: self.evicted,
        }
    }

    fn open(&mut self, stream: Stream<K, S>) -> u32 {
        let hash = stream.hash;
        let slot = if self.streams.len() < self.limit {
            self.streams.push(stream);
            self.recency.add()
        } else {
            let slot = self.recency.recycle();
            let evicted = std::mem::replace(&mut self.streams[slot as usize], stream);
            self.evicted += 1;
            let place = self
                .index
                .find_entry(spread(evicted.hash), |place| place.slot == slot);
            if let Ok(place) = place {
                place.remove();
            }
            slot
        };
        self.index
            .insert_unique(spread(hash), Place { slot, hash }, |place| {
                spread(place.hash)
            });
        slot
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

    /// Pushes keys, and tells of each how often it had come since it was opened.
    fn visits(limit: u32, hash: fn(u16) -> u32, keys: &[u16]) -> (Vec<u32>, StreamCounters) {
        let mut streams = Streams::new(limit);
        let visits = keys.iter().map(|key| {
            let state = streams.get_or_open(key, hash(*key), || 0);
            *state += 1;
            *state
        });
        (visits.collect(), streams.counters())
    }

    #[test]
    fn streams_are_told_apart_by_key_whatever_their_hashes() {
        let keys: Vec<u16> = (0..2000).map(|at| at * 31 % 97).collect();
        let [all_alike, by_key] = [|_| 7, |key: u16| u32::from(key)].map(|hash| {
            // Fewer places than keys: some are evicted.
            visits(50, hash, &keys)
        });
        assert_eq!(all_alike, by_key);
        assert_eq!(by_key.1.open, 50);
        assert_eq!(
            by_key.1.evicted,
            by_key.0.iter().filter(|n| **n == 1).count() as u64 - 50
        );
    }

    #[test]
    fn a_flood_does_not_push_out_what_returns() {
        let mut keys = vec![1, 2, 3, 1, 2, 3];
        keys.extend(1000..3000);
        keys.extend([1, 2, 3]);
        let (visits, counters) = visits(8, u32::from, &keys);
        assert_eq!(visits[visits.len() - 3..], [3, 3, 3]);
        assert_eq!((counters.open, counters.evicted), (8, 1995));
    }

    #[test]
    fn one_place_is_enough_to_go_on() {
        let (visits, counters) = visits(0, u32::from, &[1, 1, 2, 2, 2, 1]);
        assert_eq!(visits, [1, 2, 1, 2, 3, 1]);
        assert_eq!((counters.open, counters.evicted), (1, 2));
    }
}
