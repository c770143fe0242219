//! Addresses and ports that were chosen to collide.

use std::collections::HashSet;

use crate::conversation::Conversation;
use crate::hash::ConversationHasher;

const MANY: u32 = 40_000;

fn conversation(low: u128, high: u128, ports: u32) -> Conversation {
    Conversation {
        low,
        high,
        ports,
        marks: 17,
        path: 0,
        about: 0,
    }
}

/// Of many conversations hardly two have one hash: about 0.2 pairs are to be expected.
#[track_caller]
fn check(pattern: &str, conversation: impl Fn(u32) -> Conversation) {
    for key in [0, 1, 2, 80, u64::MAX, 0x8000_0000_8000_0001] {
        let hasher = ConversationHasher::new(key);
        let hashes: HashSet<_> = (0..MANY).map(|n| hasher.hash(&conversation(n))).collect();
        let collisions = MANY as usize - hashes.len();
        assert!(collisions < 8, "{pattern}, key {key}: {collisions} collide");
    }
}

#[test]
fn ordinary_traffic_does_not_collide_whatever_the_key() {
    let (client, server) = (0x0a00_0001, 0xc0a8_0001);
    check("many clients", |n| {
        conversation(client + u128::from(n), server, 40_000 << 16 | 80)
    });
    check("ports of a scan", |n| {
        conversation(client, server, 40_000 << 16 | n)
    });
    check("ports of a client", |n| {
        conversation(client, server, n << 16 | 443)
    });
    check("two networks", |n| {
        conversation(
            client + u128::from(n % 200),
            server + u128::from(n / 200),
            0,
        )
    });
    check("networks of IPv6", |n| {
        conversation(
            u128::from(0x2001_0000_0000 + u64::from(n)) << 64 | 1,
            u128::MAX,
            80,
        )
    });
}

#[test]
fn addresses_that_cancel_the_parts_of_a_plain_key_do_not_collide() {
    // A factor of 0 makes a product of 0, whatever the other is: a start of 0 or 1, and
    // the least multiplier that there is.
    for factor in [0, 1, 0x8000_0000_8000_0001] {
        check("the upper half", |n| {
            conversation(factor << 64 | u128::from(n), u128::MAX, 80)
        });
        check("the lower half", |n| {
            conversation(u128::from(n) << 64 | factor, u128::MAX, 80)
        });
    }
}
