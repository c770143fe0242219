//! Pseudonyms for IP addresses, and the way back.
//!
//! ipcrypt-pfx flips bit i of an address, or not, as a keyed function of the i bits before it: so
//! two addresses that share n bits have pseudonyms that share n bits. Here some of those flips are
//! left out, namely on the way to special ranges (see [`super::special`]). Which ones depends again
//! on nothing but the bits before, so the map is still one to one and preserves prefixes exactly.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipcrypt_rs::{IpcryptPfx, ip_to_bytes};

use super::key::PseudonymKey;
use super::options::PseudonymDirection as Direction;
use super::special::{self, Inside, Stays};

/// The map of both families. Remembers what it has mapped, up to a bound: a pseudonym costs
/// microseconds, and captures hold few addresses many times.
pub(super) struct AddressMap {
    cipher: IpcryptPfx,
    direction: Direction,
    known_v4: HashMap<u32, u32>,
    known_v6: HashMap<u128, u128>,
}

/// Addresses of each family that are remembered before all are forgotten.
const REMEMBERED: usize = 1 << 16;

impl AddressMap {
    pub(super) fn new(key: &PseudonymKey, direction: Direction) -> Self {
        Self {
            cipher: IpcryptPfx::new(key.bytes()),
            direction,
            known_v4: HashMap::new(),
            known_v6: HashMap::new(),
        }
    }

    pub(super) fn v4(&mut self, address: u32) -> u32 {
        if let Some(&known) = self.known_v4.get(&address) {
            return known;
        }
        let stays = special::stays(special::IPV4, u128::from(address) << V4_SHIFT, 32);
        let mapped = self.map(Family::V4, u128::from(address) << V4_SHIFT, stays.bits);
        let mapped = (mapped >> V4_SHIFT) as u32;
        remember(&mut self.known_v4, address, mapped);
        mapped
    }

    pub(super) fn v6(&mut self, address: u128) -> u128 {
        if let Some(&known) = self.known_v6.get(&address) {
            return known;
        }
        let stays = special::stays(special::IPV6, address, 128);
        let mapped = self.special_v6(address, stays);
        remember(&mut self.known_v6, address, mapped);
        mapped
    }

    fn special_v6(&mut self, address: u128, stays: Stays) -> u128 {
        match stays.inside {
            Inside::Kept => address,
            Inside::Pseudonyms | Inside::PseudonymsFrom(_) => {
                self.map(Family::V6, address, stays.bits)
            }
            Inside::Ipv4(bit) => {
                let known = self.embedded(address, bit);
                let (old, new) = match self.direction {
                    Direction::Pseudonymise => (address, known),
                    Direction::Restore => (known, address),
                };
                // What follows hangs on the true bits before it.
                let end = bit + 32;
                let rest = match self.direction {
                    Direction::Pseudonymise => self.encrypt(Family::V6, old),
                    Direction::Restore => self.decrypt_after(Family::V6, old, new, end),
                };
                join(known, rest, end)
            }
            Inside::Teredo => {
                let server = self.embedded(address, 32);
                !self.embedded(!server, 96)
            }
        }
    }

    /// `address` with the IPv4 address that begins at `bit` mapped.
    fn embedded(&mut self, address: u128, bit: u32) -> u128 {
        let shift = 96 - bit;
        let old = (address >> shift) as u32;
        let new = self.v4(old);
        address ^ u128::from(old ^ new) << shift
    }

    /// Maps all bits but the first `stay` ones.
    fn map(&self, family: Family, address: u128, stay: u32) -> u128 {
        if stay >= family.width() {
            return address;
        }
        let mapped = match self.direction {
            Direction::Pseudonymise => self.encrypt(family, address),
            Direction::Restore => self.decrypt_after(family, address, address, stay),
        };
        join(address, mapped, stay)
    }

    /// What ipcrypt-pfx makes of an address.
    fn encrypt(&self, family: Family, address: u128) -> u128 {
        family.bits(self.cipher.encrypt_ipaddr(family.address(address)))
    }

    /// The address whose first `known` bits are those of `original`, and whose others are mapped
    /// to those of `pseudonym`.
    ///
    /// ipcrypt-pfx can only decrypt whole addresses: so the known bits are encrypted first, which
    /// does not depend on the bits that follow.
    fn decrypt_after(&self, family: Family, original: u128, pseudonym: u128, known: u32) -> u128 {
        let whole = join(self.encrypt(family, original), pseudonym, known);
        family.bits(self.cipher.decrypt_ipaddr(family.address(whole)))
    }
}

/// The first `bits` bits of `head`, then those of `tail`.
fn join(head: u128, tail: u128, bits: u32) -> u128 {
    let tail_mask = u128::MAX.checked_shr(bits).unwrap_or(0);
    (head & !tail_mask) | (tail & tail_mask)
}

fn remember<T: Eq + std::hash::Hash>(known: &mut HashMap<T, T>, address: T, mapped: T) {
    if known.len() >= REMEMBERED {
        known.clear();
    }
    known.insert(address, mapped);
}

/// IPv4 addresses stand in the upper bits of a number, so that bit 0 is the first of both families.
const V4_SHIFT: u32 = 96;

#[derive(Clone, Copy)]
enum Family {
    V4,
    V6,
}

impl Family {
    fn width(self) -> u32 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }

    fn address(self, bits: u128) -> IpAddr {
        match self {
            Self::V4 => Ipv4Addr::from_bits((bits >> V4_SHIFT) as u32).into(),
            Self::V6 => Ipv6Addr::from_bits(bits).into(),
        }
    }

    fn bits(self, address: IpAddr) -> u128 {
        // The cipher gives an IPv6 result in the mapped range back as an IPv4 address.
        let bits = u128::from_be_bytes(ip_to_bytes(address));
        match self {
            Self::V4 => bits << V4_SHIFT,
            Self::V6 => bits,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use proptest::prelude::*;

    use super::*;

    fn maps() -> Result<(AddressMap, AddressMap), Box<dyn Error>> {
        let mut bytes = [0; PseudonymKey::BYTES];
        bytes.iter_mut().zip(1..).for_each(|(byte, at)| *byte = at);
        let key = PseudonymKey::from_bytes(bytes)?;
        Ok((
            AddressMap::new(&key, Direction::Pseudonymise),
            AddressMap::new(&key, Direction::Restore),
        ))
    }

    fn mapped(map: &mut AddressMap, address: IpAddr) -> IpAddr {
        match address {
            IpAddr::V4(v4) => Ipv4Addr::from_bits(map.v4(v4.to_bits())).into(),
            IpAddr::V6(v6) => Ipv6Addr::from_bits(map.v6(v6.to_bits())).into(),
        }
    }

    #[test]
    fn without_special_ranges_it_is_ipcrypt_pfx() -> Result<(), Box<dyn Error>> {
        // Test vectors of draft-denis-ipcrypt.
        let key = "0123456789abcdeffedcba98765432101032547698badcfeefcdab8967452301";
        let map = AddressMap::new(&PseudonymKey::from_hex(key)?, Direction::Pseudonymise);
        let (address, expected): (Ipv4Addr, Ipv4Addr) =
            ("192.0.2.1".parse()?, "100.115.72.131".parse()?);
        let bits = map.map(Family::V4, u128::from(address.to_bits()) << V4_SHIFT, 0);
        assert_eq!((bits >> V4_SHIFT) as u32, expected.to_bits());
        let (address, expected): (Ipv6Addr, Ipv6Addr) = (
            "2001:db8::1".parse()?,
            "c180:5dd4:2587:3524:30ab:fa65:6ab6:f88".parse()?,
        );
        assert_eq!(
            map.map(Family::V6, address.to_bits(), 0),
            expected.to_bits()
        );
        Ok(())
    }

    #[test]
    fn addresses_with_a_function_stay_as_they_are() -> Result<(), Box<dyn Error>> {
        let (mut map, _) = maps()?;
        for address in [
            "0.0.0.0",
            "127.0.0.1",
            "127.0.0.53",
            "192.0.0.9",
            "224.0.0.1",
            "224.0.0.251",
            "224.0.1.129",
            "239.255.255.250",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:224.0.0.1",
            "64:ff9b::192.0.0.170",
            "ff02::1",
            "ff02::fb",
            "ff02::1:2",
            "ff05::101",
        ] {
            let address: IpAddr = address.parse()?;
            assert_eq!(mapped(&mut map, address), address);
        }
        Ok(())
    }

    #[test]
    fn special_ranges_map_onto_themselves() -> Result<(), Box<dyn Error>> {
        let (mut map, _) = maps()?;
        for (range, bits) in [
            ("10.1.2.3", 8),
            ("100.64.1.2", 10),
            ("169.254.7.9", 16),
            ("172.20.1.9", 12),
            ("192.168.7.77", 16),
            ("198.18.4.4", 15),
            ("203.0.113.5", 24),
            ("233.1.2.3", 8),
            ("225.1.2.3", 4),
            ("245.1.2.3", 4),
            ("2001:db8:1::2", 32),
            ("fd12:3456::1", 8),
            ("fe80::1234:56ff:fe78:9abc", 64),
            ("ff02::1:ff12:3456", 104),
            ("ff15::efc0:988f", 16),
            ("2002:0a01:203::1", 24),
            ("64:ff9b::192.168.1.2", 112),
            ("2001:0:5ef5:79fb::1", 32),
            ("3fff::1", 20),
        ] {
            let address: IpAddr = range.parse()?;
            let pseudonym = mapped(&mut map, address);
            let bits_of = |address| u128::from_be_bytes(ip_to_bytes(address));
            let difference = bits_of(address) ^ bits_of(pseudonym);
            let width = if address.is_ipv4() { 96 } else { 0 };
            assert!(
                difference.leading_zeros() >= bits + width,
                "{address} {pseudonym}"
            );
            assert_ne!(address, pseudonym);
        }
        Ok(())
    }

    #[test]
    fn an_ipv4_address_inside_another_has_the_pseudonym_that_it_has_alone()
    -> Result<(), Box<dyn Error>> {
        let (mut map, _) = maps()?;
        let v4: Ipv4Addr = "8.8.4.4".parse()?;
        let IpAddr::V4(alone) = mapped(&mut map, v4.into()) else {
            return Err("an IPv4 address".into());
        };
        for (address, bit) in [
            ("::8.8.4.4", 96),
            ("::ffff:8.8.4.4", 96),
            ("64:ff9b::8.8.4.4", 96),
            ("2002:808:404:1::7", 16),
            ("2001:0:808:404:8000:1234:aabb:ccdd", 32),
        ] {
            let address: Ipv6Addr = address.parse()?;
            let pseudonym = map.v6(address.to_bits());
            assert_eq!(
                (pseudonym >> (96 - bit)) as u32,
                alone.to_bits(),
                "{address}"
            );
        }
        let teredo: Ipv6Addr = "2001:0:1.2.3.4"
            .parse()
            .or("2001:0:102:304:8000:63bf:f7f7:fbfb".parse())?;
        assert_eq!(!(map.v6(teredo.to_bits()) as u32), alone.to_bits());
        Ok(())
    }

    /// Addresses anywhere, and close to the special ranges, where the way forks.
    fn v4_addresses() -> impl Strategy<Value = u32> {
        let near = [
            "10.0.0.0",
            "127.0.0.1",
            "192.168.0.0",
            "224.0.1.0",
            "255.255.255.255",
        ]
        .map(|text| text.parse().map_or(0, Ipv4Addr::to_bits));
        prop_oneof![
            any::<u32>(),
            near_to(near.map(|address| (address, 32))).prop_map(|address| address)
        ]
    }

    fn near_to<const N: usize>(places: [(u32, u32); N]) -> impl Strategy<Value = u32> {
        (0..N, 0..32u32, any::<u32>()).prop_map(move |(place, bits, noise)| {
            places[place].0 ^ noise.checked_shr(bits).unwrap_or(0)
        })
    }

    fn v6_addresses() -> impl Strategy<Value = u128> {
        let near = [
            "::",
            "::ffff:10.0.0.1",
            "64:ff9b::1",
            "2001::",
            "2001:db8::",
            "2002:a00::",
            "fd00::",
            "fe80::1",
            "ff02::1:ff00:0",
            "ff3e::1",
        ]
        .map(|text| text.parse().map_or(0, Ipv6Addr::to_bits));
        prop_oneof![
            any::<u128>(),
            (0..near.len(), 0..128u32, any::<u128>())
                .prop_map(move |(place, bits, noise)| near[place] ^ noise >> bits)
        ]
    }

    proptest! {
        #[test]
        fn v4_pseudonyms_share_as_many_bits_as_addresses_and_lead_back(
            (a, b) in (v4_addresses(), v4_addresses()),
        ) {
            let (mut map, mut back) = maps().map_err(|error| TestCaseError::fail(error.to_string()))?;
            let (x, y) = (map.v4(a), map.v4(b));
            prop_assert_eq!((a ^ b).leading_zeros(), (x ^ y).leading_zeros());
            prop_assert_eq!((back.v4(x), back.v4(y)), (a, b));
        }

        #[test]
        fn v6_pseudonyms_share_as_many_bits_as_addresses_and_lead_back(
            (a, b) in (v6_addresses(), v6_addresses()),
        ) {
            let (mut map, mut back) = maps().map_err(|error| TestCaseError::fail(error.to_string()))?;
            let (x, y) = (map.v6(a), map.v6(b));
            prop_assert_eq!((a ^ b).leading_zeros(), (x ^ y).leading_zeros());
            prop_assert_eq!((back.v6(x), back.v6(y)), (a, b));
        }
    }

    #[test]
    fn memory_is_bounded() -> Result<(), Box<dyn Error>> {
        let mut known = HashMap::new();
        for address in 0..=REMEMBERED {
            remember(&mut known, address, address);
        }
        assert_eq!(known.len(), 1);
        Ok(())
    }
}
