//! The keyed hash under which flows are found.

use std::hash::Hasher;

use foldhash::SharedSeed;
use foldhash::fast::FoldHasher;
use siphasher::sip::SipHasher13;

use crate::conversation::Conversation;

/// Hashes conversations under a key. Both the start and the multipliers come from the key:
/// with known multipliers one could choose IPv6 addresses that collide whatever the start.
#[derive(Clone, Debug)]
pub(crate) struct ConversationHasher {
    start: u64,
    seed: SharedSeed,
}

impl ConversationHasher {
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

    /// The same for both ways of a two-way conversation. 32 bits, because it is kept beside
    /// each slot: the index then grows and compares without touching the flows.
    #[inline]
    pub(crate) fn hash(&self, conversation: &Conversation) -> u32 {
        let mut hasher = FoldHasher::with_seed(self.start, &self.seed);
        write(conversation, &mut hasher);
        let hash = hasher.finish();
        (hash ^ (hash >> 32)) as u32
    }
}

/// A hash that is the same for everyone: for what results may depend on.
pub(crate) fn keyless_hash(conversation: &Conversation) -> u64 {
    let mut hasher = SipHasher13::new();
    write(conversation, &mut hasher);
    hasher.finish()
}

/// Spreads a kept hash over 64 bits: hash tables take their tag from the top bits and the
/// bucket from the low ones.
pub(crate) fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[inline]
fn write(conversation: &Conversation, hasher: &mut impl Hasher) {
    hasher.write_u128(conversation.low);
    hasher.write_u128(conversation.high);
    hasher.write_u64(u64::from(conversation.ports) << 32 | u64::from(conversation.marks));
    if conversation.path != 0 {
        hasher.write_u64(conversation.path);
    }
    if conversation.about != 0 {
        hasher.write_u64(conversation.about);
    }
}
