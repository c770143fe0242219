//! What copies of a packet have in common.

use std::num::NonZeroU32;

/// A sum over an IP packet that its copies share, be they seen at two mirror ports, in two VLANs
/// or before and after a router.
///
/// It covers the first [`Fingerprint::BYTES`] captured bytes of the packet, IP header included,
/// without what routers change: time to live or hop limit, header checksum, DSCP and ECN. The
/// link layer, padding and tunnels around the packet have no part in it.
///
/// It tells copies from packets that are *like* them, and two that are not have the same one by a
/// chance of 1 in 2 billion: compare addresses, protocol and lengths too. It is the same on every
/// machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(NonZeroU32);

impl Fingerprint {
    /// Bytes of the packet that it covers at most.
    pub const BYTES: usize = 256;
    /// The bit that tells whether the packet is numbered; the others are those of the sum.
    const NUMBERED: u32 = 1;

    /// The fingerprint of the IP packet whose captured bytes are `packet`, header first and
    /// without padding; `None` where there is no IP header.
    #[must_use]
    pub fn of(packet: &[u8]) -> Option<Self> {
        let covered = packet.get(..Self::BYTES).unwrap_or(packet);
        let mut bytes = [0; Self::BYTES];
        let bytes = bytes.get_mut(..covered.len())?;
        bytes.copy_from_slice(covered);
        let is_numbered = leave_out_what_routers_change(bytes)?;
        let sum = crc32fast::hash(bytes) & !Self::NUMBERED;
        let numbered = Self::NUMBERED * u32::from(is_numbered);
        // A sum of 0 is told by another: all that matters is that copies have the same one.
        let sum = if sum == 0 { !Self::NUMBERED } else { sum };
        NonZeroU32::new(sum | numbered).map(Self)
    }

    /// Whether the sender numbered the packet, by an IPv4 identification other than 0: the same
    /// packet sent once more then has another fingerprint, unless the sender gives all of
    /// them one number. Without (IPv6, and IPv4 packets that must not be fragmented, RFC 6864) a
    /// packet and its repetition look like copies.
    #[must_use]
    pub const fn is_numbered(self) -> bool {
        self.0.get() & Self::NUMBERED != 0
    }

    /// As a number, for whoever makes a hash of it and of other things.
    #[must_use]
    pub const fn to_bits(self) -> u32 {
        self.0.get()
    }
}

/// Clears what routers change in the header of an IP packet; tells whether the packet is numbered.
fn leave_out_what_routers_change(packet: &mut [u8]) -> Option<bool> {
    const V4_LEN: usize = 20;
    const V6_LEN: usize = 40;
    match packet.first()? >> 4 {
        4 => {
            let [_, class, _, _, id0, id1, _, _, ttl, _, c0, c1, ..] =
                packet.first_chunk_mut::<V4_LEN>()?;
            (*class, *ttl, *c0, *c1) = (0, 0, 0, 0);
            Some((*id0, *id1) != (0, 0))
        }
        6 => {
            let [version, class, _, _, _, _, _, hop_limit, ..] =
                packet.first_chunk_mut::<V6_LEN>()?;
            // The traffic class lies between the version and the flow label.
            *version &= 0xf0;
            *class &= 0x0f;
            *hop_limit = 0;
            Some(false)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header of 20 or 40 bytes with something in every field, and 220 bytes behind it.
    fn packet(version: u8) -> Vec<u8> {
        let mut packet: Vec<u8> = (1..=if version == 4 { 240 } else { 255 }).collect();
        packet.extend([7; 40]);
        if let Some(first) = packet.first_mut() {
            *first = version << 4 | 5;
        }
        packet
    }

    #[test]
    fn only_what_routers_change_has_no_part_in_it() {
        let v4 = |at, bit| at == 1 || (at == 8 && bit < 8) || matches!(at, 10 | 11);
        let v6 = |at, bit| (at == 0 && bit < 4) || (at == 1 && bit >= 4) || at == 7;
        for version in [4, 6] {
            let original = packet(version);
            let expected = Fingerprint::of(&original);
            assert!(expected.is_some());
            for at in 0..original.len() {
                for bit in 0..8 {
                    if at == 0 && bit >= 4 {
                        continue; // Another version.
                    }
                    let mut changed = original.clone();
                    changed[at] ^= 1 << bit;
                    let left_out = match version {
                        4 => v4(at, bit),
                        _ => v6(at, bit),
                    };
                    assert_eq!(
                        Fingerprint::of(&changed) == expected,
                        left_out || at >= Fingerprint::BYTES,
                        "IPv{version}, bit {bit} of byte {at}"
                    );
                }
            }
        }
    }

    #[test]
    fn an_identification_other_than_0_is_a_number() {
        let is_numbered = |packet: &[u8]| Fingerprint::of(packet).map(Fingerprint::is_numbered);
        let mut v4 = packet(4);
        assert_eq!(is_numbered(&v4), Some(true));
        v4[4..6].fill(0);
        assert_eq!(is_numbered(&v4), Some(false));
        assert_eq!(is_numbered(&packet(6)), Some(false));
    }

    #[test]
    fn what_is_no_ip_header_has_none() {
        for bytes in [&[][..], &[0x45; 19], &[0x60; 39], &[0x55; 60]] {
            assert_eq!(Fingerprint::of(bytes), None, "{bytes:02x?}");
        }
    }
}
