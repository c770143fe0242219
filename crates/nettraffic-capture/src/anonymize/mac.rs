//! Pseudonyms for link-layer addresses.

use ipcrypt_rs::Ipcrypt;

use super::key::PseudonymKey;
use super::options::PseudonymDirection as Direction;

/// A keyed permutation of MAC addresses that keeps their two meaningful bits: group or individual,
/// local or universal. Of the maker's prefix nothing stays.
///
/// The other 46 bits go through a Feistel network (Luby and Rackoff 1988) whose round function is
/// AES under a key of its own.
pub(super) struct MacMap {
    cipher: Ipcrypt,
    direction: Direction,
}

/// Twice and a half the four that Luby and Rackoff need, since 46 bits are few.
const ROUNDS: u8 = 10;

/// Bits of a half.
const HALF: u32 = 23;
const HALF_MASK: u64 = (1 << HALF) - 1;

/// The group bit and the local bit, lowest of the first byte.
const MEANING: u64 = 0b11 << 40;

/// What follows them.
const TAIL: u64 = (1 << 40) - 1;

impl MacMap {
    pub(super) fn new(key: &PseudonymKey, direction: Direction) -> Self {
        Self {
            cipher: Ipcrypt::new(subkey(key)),
            direction,
        }
    }

    pub(super) fn map(&self, mac: [u8; 6]) -> [u8; 6] {
        if is_function(mac) {
            return mac;
        }
        // A pseudonym must not look like a function: on to the next one in the cycle, which leads
        // back to `mac` at the latest, so that the map stays one to one.
        let mut mapped = self.permute(mac);
        while is_function(mapped) {
            mapped = self.permute(mapped);
        }
        mapped
    }

    fn permute(&self, mac: [u8; 6]) -> [u8; 6] {
        let [a, b, c, d, e, f] = mac;
        let bits = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
        let meaning = bits & MEANING;
        let free = bits >> 42 << 40 | bits & TAIL;
        let (mut left, mut right) = (free >> HALF, free & HALF_MASK);
        for round in 0..ROUNDS {
            (left, right) = match self.direction {
                Direction::Pseudonymise => (right, left ^ self.round(round, meaning, right)),
                Direction::Restore => {
                    let round = ROUNDS - 1 - round;
                    (right ^ self.round(round, meaning, left), left)
                }
            };
        }
        let free = left << HALF | right;
        let bits = free >> 40 << 42 | meaning | free & TAIL;
        let [_, _, a, b, c, d, e, f] = bits.to_be_bytes();
        [a, b, c, d, e, f]
    }

    fn round(&self, round: u8, meaning: u64, half: u64) -> u64 {
        let input = u128::from(round) << 96 | u128::from(meaning) << 48 | u128::from(half);
        let mut block = input.to_be_bytes();
        self.cipher.encrypt_ip16(&mut block);
        u128::from_be_bytes(block) as u64 & HALF_MASK
    }
}

/// What ipcrypt-pfx's two ciphers make together of the block of zeros: the only one that they are
/// never given for an address, since a one stands before every prefix.
fn subkey(key: &PseudonymKey) -> [u8; Ipcrypt::KEY_BYTES] {
    let (first, second) = key.halves();
    let (mut one, mut other) = ([0; 16], [0; 16]);
    Ipcrypt::new(first).encrypt_ip16(&mut one);
    Ipcrypt::new(second).encrypt_ip16(&mut other);
    (u128::from_be_bytes(one) ^ u128::from_be_bytes(other)).to_be_bytes()
}

/// Addresses that name a function, the same everywhere, and so stay.
fn is_function(mac: [u8; 6]) -> bool {
    matches!(
        mac,
        // Nobody, everybody.
        [0, 0, 0, 0, 0, 0] | [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
        // Bridges, LLDP, flow control (IEEE 802.1); discovery and VLAN protocols of Cisco.
        | [0x01, 0x80, 0xc2, 0, 0, _] | [0x01, 0x00, 0x0c, 0xcc, 0xcc, _]
        // Multicast of IPv4's two control blocks and SSDP, of IPv6's low group numbers.
        | [0x01, 0x00, 0x5e, 0, 0..=1, _] | [0x01, 0x00, 0x5e, 0x7f, 0xff, 0xfa]
        | [0x33, 0x33, 0, 0..=1, _, _]
        // Virtual routers (VRRP).
        | [0x00, 0x00, 0x5e, 0, 1..=2, _]
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anonymize::key::KeyError;
    use proptest::prelude::*;

    fn maps() -> Result<(MacMap, MacMap), KeyError> {
        let key = PseudonymKey::from_hex(&("01".repeat(16) + &"02".repeat(16)))?;
        Ok((
            MacMap::new(&key, Direction::Pseudonymise),
            MacMap::new(&key, Direction::Restore),
        ))
    }

    proptest! {
        #[test]
        fn pseudonyms_keep_group_and_local_bit_and_lead_back(mac in any::<[u8; 6]>()) {
            let (map, back) = maps().map_err(|error| TestCaseError::fail(error.to_string()))?;
            let pseudonym = map.map(mac);
            prop_assert_eq!((mac[0] ^ pseudonym[0]) & 3, 0);
            prop_assert_eq!(back.map(pseudonym), mac);
        }
    }

    #[test]
    fn makers_are_hidden() -> Result<(), KeyError> {
        let (map, _) = maps()?;
        let one = map.map([0x00, 0x1b, 0x21, 1, 2, 3]);
        let other = map.map([0x00, 0x1b, 0x21, 1, 2, 4]);
        assert_ne!(one[..3], [0x00, 0x1b, 0x21]);
        assert_ne!(one[..3], other[..3]);
        Ok(())
    }

    #[test]
    fn functions_stay() -> Result<(), KeyError> {
        let (map, _) = maps()?;
        for mac in [
            [0xff; 6],
            [0; 6],
            [0x01, 0x80, 0xc2, 0, 0, 0x0e],
            [0x01, 0x00, 0x5e, 0, 0, 0xfb],
            [0x33, 0x33, 0, 1, 0, 2],
            [0x00, 0x00, 0x5e, 0, 1, 7],
        ] {
            assert_eq!(map.map(mac), mac);
        }
        Ok(())
    }
}
