//! Replacing the addresses in the bytes of a header.

use super::address::AddressMap;
use super::key::PseudonymKey;
use super::mac::MacMap;
use super::options::{AnonymizeOptions, MacAddresses};

/// All pseudonyms of a run. Of an address that was captured only in part nothing stays.
pub(super) struct Names {
    addresses: AddressMap,
    /// `None` when they are kept.
    macs: Option<MacMap>,
}

impl Names {
    pub(super) fn new(key: &PseudonymKey, options: &AnonymizeOptions) -> Self {
        Self {
            addresses: AddressMap::new(key, options.direction),
            macs: match options.mac_addresses {
                MacAddresses::Pseudonyms => Some(MacMap::new(key, options.direction)),
                MacAddresses::Kept => None,
            },
        }
    }

    /// Replaces the IPv4 address at byte `at`.
    pub(super) fn ipv4(&mut self, bytes: &mut [u8], at: usize) {
        replace(bytes, at, |address| {
            self.addresses.v4(u32::from_be_bytes(address)).to_be_bytes()
        });
    }

    /// Replaces the IPv6 address at byte `at`.
    pub(super) fn ipv6(&mut self, bytes: &mut [u8], at: usize) {
        replace(bytes, at, |address| {
            let mapped = self.addresses.v6(u128::from_be_bytes(address));
            mapped.to_be_bytes()
        });
    }

    /// Replaces the IPv6 prefix of `len` bits that begins at byte `at` and occupies `bytes` from
    /// there on, 16 at most.
    pub(super) fn ipv6_prefix(&mut self, prefix: &mut [u8], len: u8) {
        let mut address = [0; 16];
        (address.iter_mut().zip(&*prefix)).for_each(|(byte, given)| *byte = *given);
        // The first bits of a pseudonym hang on nothing but the first bits of the address.
        let mask = !u128::MAX.checked_shr(len.into()).unwrap_or(0);
        let mapped = self.addresses.v6(u128::from_be_bytes(address) & mask) & mask;
        let given = prefix.iter_mut().zip(mapped.to_be_bytes());
        given.for_each(|(byte, mapped)| *byte = mapped);
    }

    /// Replaces the inverted IPv4 address at byte `at`, as Teredo writes it.
    pub(super) fn inverted_ipv4(&mut self, bytes: &mut [u8], at: usize) {
        replace(bytes, at, |address| {
            let mapped = self.addresses.v4(!u32::from_be_bytes(address));
            (!mapped).to_be_bytes()
        });
    }

    /// Replaces the MAC address at byte `at`.
    pub(super) fn mac(&self, bytes: &mut [u8], at: usize) {
        if let Some(macs) = &self.macs {
            replace(bytes, at, |address| macs.map(address));
        }
    }

    /// The same of an address whose bits go over the wire highest first, as in token ring.
    pub(super) fn mac_highest_first(&self, bytes: &mut [u8], at: usize) {
        if let Some(macs) = &self.macs {
            let reversed = |address: [u8; 6]| address.map(u8::reverse_bits);
            replace(bytes, at, |address| reversed(macs.map(reversed(address))));
        }
    }
}

/// Replaces the `N` bytes at `at`; if some of them are missing, those that are there become zeros.
fn replace<const N: usize>(bytes: &mut [u8], at: usize, map: impl FnOnce([u8; N]) -> [u8; N]) {
    let Some(rest) = bytes.get_mut(at..) else {
        return;
    };
    match rest.first_chunk_mut() {
        Some(address) => *address = map(*address),
        None => rest.fill(0),
    }
}

/// Sets the captured part of `from..to` to zero.
pub(super) fn blank(bytes: &mut [u8], from: usize, to: usize) {
    let to = to.min(bytes.len());
    if let Some(bytes) = bytes.get_mut(from..to) {
        bytes.fill(0);
    }
}
