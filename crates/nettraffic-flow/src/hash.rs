//! The keyed hash under which flows are found.

use std::hash::Hasher;
use std::net::IpAddr;

use foldhash::SharedSeed;
use foldhash::fast::FoldHasher;
use siphasher::sip::SipHasher13;

use crate::conversation::Conversation;

/// Hashes conversations under a key. Both the start and the multipliers come from the key:
/// with known multipliers one could choose IPv6 addresses that collide whatever the start.
#[derive(Clone, Debug)]
pub(crate) struct ConversationHasher {
    key: u64,
    seed: SharedSeed,
}

impl ConversationHasher {
    pub(crate) fn new(key: u64) -> Self {
        Self {
            key,
            seed: SharedSeed::from_u64(key),
        }
    }

    /// The same for both ways of a two-way conversation. 32 bits, because it is kept beside
    /// each slot: the index then grows and compares without touching the flows.
    #[inline]
    pub(crate) fn hash(&self, conversation: &Conversation) -> u32 {
        let mut hasher = FoldHasher::with_seed(self.key, &self.seed);
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

fn write(conversation: &Conversation, hasher: &mut impl Hasher) {
    let [(low, low_port), (high, high_port)] = conversation.ends();
    write_address(hasher, low);
    write_address(hasher, high);
    hasher.write_u64(
        u64::from(low_port) << 48
            | u64::from(high_port) << 32
            | u64::from(conversation.protocol.0) << 8
            | conversation.kind as u64,
    );
    if let Some(tunnel) = conversation.tunnel {
        hasher.write_u64(
            u64::from(tunnel.id) | (tunnel.kind as u64) << 32 | u64::from(tunnel.depth) << 40,
        );
    }
    if let Some(vlan) = conversation.vlan {
        hasher.write_u64(u64::from(vlan) | 1 << 56);
    }
    if conversation.about != 0 {
        hasher.write_u64(conversation.about);
    }
}

fn write_address(hasher: &mut impl Hasher, address: IpAddr) {
    match address {
        IpAddr::V4(address) => hasher.write_u32(address.to_bits()),
        IpAddr::V6(address) => {
            let bits = address.to_bits();
            hasher.write_u64((bits >> 64) as u64);
            hasher.write_u64(bits as u64);
        }
    }
}
