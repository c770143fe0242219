//! The keyed hash under which hosts, pairs and services are found.

use std::hash::Hasher;

use foldhash::SharedSeed;
use foldhash::fast::FoldHasher;
use siphasher::sip::SipHasher13;

/// Hashes under a key, so that nobody who does not know it can make things collide. Both the start
/// and the multipliers come from it: with known multipliers one could choose addresses that
/// collide whatever the start.
#[derive(Clone, Debug)]
pub(crate) struct KeyedHash {
    start: u64,
    seed: SharedSeed,
}

impl KeyedHash {
    pub(crate) fn new(key: u64) -> Self {
        // A small key, 0 above all, would make multipliers of few bits and a start that cancels small
        // addresses: ordinary traffic would collide.
        let mut mixer = SipHasher13::new();
        mixer.write_u64(key);
        let start = mixer.finish();
        Self {
            start,
            seed: SharedSeed::from_u64(start),
        }
    }

    /// The hash of what `write` writes.
    #[inline]
    pub(crate) fn of(&self, write: impl FnOnce(&mut FoldHasher<'_>)) -> u32 {
        let mut hasher = FoldHasher::with_seed(self.start, &self.seed);
        write(&mut hasher);
        let hash = hasher.finish();
        (hash ^ (hash >> 32)) as u32
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::HashSet;

    use super::KeyedHash;

    /// Keys of few bits, and one of many.
    pub(crate) const KEYS: [u64; 5] = [0, 1, 80, u64::MAX, 0x6a09_e667_f3bc_c908];

    /// Each of 256 with each of 256 is to have a hash of its own, or nearly: about 0.5 pairs share
    /// one by chance.
    #[track_caller]
    pub(crate) fn check_spread(what: &str, key: u64, hash: impl Fn(u32, u32) -> u32) {
        let pairs = (0..256).flat_map(|a| (0..256).map(move |b| (a, b)));
        let hashes: HashSet<_> = pairs.map(|(a, b)| hash(a, b)).collect();
        let collisions = 256 * 256 - hashes.len();
        assert!(collisions < 10, "{what}, key {key}: {collisions} collide");
    }

    #[test]
    fn small_numbers_do_not_collide_whatever_the_key() {
        use std::hash::Hasher;
        for key in KEYS {
            let hash = KeyedHash::new(key);
            check_spread("in one number", key, |a, b| {
                hash.of(|hasher| hasher.write_u64(u64::from(a) << 32 | u64::from(b)))
            });
            check_spread("in two numbers", key, |a, b| {
                hash.of(|hasher| {
                    hasher.write_u128(a.into());
                    hasher.write_u128(b.into());
                })
            });
        }
    }
}
