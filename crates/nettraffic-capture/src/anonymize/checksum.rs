//! Internet checksums, mended by what has changed under them.
//!
//! A checksum cannot be computed anew where its payload is gone. What can be told is by how much
//! the sum has changed (RFC 1624): so a checksum that was right stays right. A wrong one must not be
//! mended so, nor stay: by how much it is wrong can tell of what was replaced, above all where the
//! network card was to compute it, and the field holds 0 or the sum of the addresses. It becomes
//! the same number everywhere, and so does one that nobody can check.

use std::ops::Range;

use super::internet::Ends;
use super::options::PseudonymDirection as Direction;
use crate::decode::{fold, sum};

/// By how much a sum of 16-bit words has changed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Change(u64);

impl Change {
    /// Counts that `old` became `new`, of the same length; the first byte begins a word.
    pub(super) fn replace(&mut self, old: &[u8], new: &[u8]) {
        for (old, new) in words(old).zip(words(new)).filter(|(old, new)| old != new) {
            self.0 += u64::from(!old) + u64::from(new);
        }
    }

    /// The checksum after the change (RFC 1624, equation 3).
    pub(super) fn mend(self, checksum: u16) -> u16 {
        if self.0 == 0 {
            return checksum;
        }
        let mut sum = u64::from(!checksum) + self.0;
        while sum > u64::from(u16::MAX) {
            sum = (sum & u64::from(u16::MAX)) + (sum >> 16);
        }
        !(sum as u16)
    }
}

/// A checksum in a packet.
#[derive(Clone, Debug)]
pub(super) struct Sum {
    /// Its first byte, an even number of bytes behind the first one of the range.
    pub(super) field: usize,
    /// The bytes that it covers, from its header on; the end may lie beyond what was captured.
    pub(super) range: Range<usize>,
    /// What it covers of the IP header.
    pub(super) pseudo: Option<PseudoHeader>,
    /// Whether it covers bytes of other fragments too.
    pub(super) is_of_fragment: bool,
    /// Whether 0 stands for no checksum, as in UDP.
    pub(super) zero_is_none: bool,
}

/// What transport checksums cover of the IP header (RFC 768, RFC 8200 section 8.1), but for the
/// length, which is that of the range.
#[derive(Clone, Debug)]
pub(super) struct PseudoHeader {
    pub(super) ends: Ends,
    pub(super) protocol: u8,
}

/// What stands where a checksum was wrong, or could not be checked.
const WRONG: u16 = 0xffff;

impl Sum {
    /// Sets the checksum in `new`, which was `old` before its headers were rewritten.
    pub(super) fn mend(&self, direction: Direction, old: &[u8], new: &mut [u8]) {
        let change = self.change(old, new);
        let Some(rest) = new.get_mut(self.field..) else {
            return;
        };
        let Some(field) = rest.first_chunk_mut() else {
            // Half a checksum tells as well.
            rest.fill(0);
            return;
        };
        let checksum = u16::from_be_bytes(*field);
        if self.zero_is_none && checksum == 0 {
            return;
        }
        let mended = match (direction, self.covered(old)) {
            // Here nothing is to be hidden, and as a rule the payload is gone.
            (Direction::Restore, _) => change.mend(checksum),
            (Direction::Pseudonymise, None) => WRONG,
            (Direction::Pseudonymise, Some(total)) if fold(total) == 0xffff => {
                change.mend(checksum)
            }
            (Direction::Pseudonymise, Some(total)) => {
                // 0 and 0xffff are the same number to who adds them up.
                match !fold(total + u64::from(!checksum) + change.0) {
                    0 | WRONG => WRONG - 1,
                    _ => WRONG,
                }
            }
        };
        let mended = match mended {
            0 if self.zero_is_none => u16::MAX,
            mended => mended,
        };
        *field = mended.to_be_bytes();
    }

    /// By how much the sum over what is covered has changed.
    fn change(&self, old: &[u8], new: &[u8]) -> Change {
        let mut change = Change::default();
        let end = self.range.end.min(new.len());
        let mut cover = |range: Range<usize>| {
            if let (Some(old), Some(new)) = (old.get(range.clone()), new.get(range)) {
                change.replace(old, new);
            }
        };
        cover(self.range.start..end);
        if let Some(pseudo) = &self.pseudo {
            cover(pseudo.ends.source.clone());
            cover(pseudo.ends.destination.clone());
        }
        change
    }

    /// The sum over all that is covered, the checksum included, if all of it was captured.
    fn covered(&self, bytes: &[u8]) -> Option<u64> {
        let field = self.field..self.field + 2;
        let has_field = self.range.start <= field.start && field.end <= self.range.end;
        if self.is_of_fragment || !has_field {
            return None;
        }
        let covered = bytes.get(self.range.clone())?;
        let Some(pseudo) = &self.pseudo else {
            return Some(sum(covered));
        };
        let source = bytes.get(pseudo.ends.source.clone())?;
        let destination = bytes.get(pseudo.ends.destination.clone())?;
        let numbers = u64::from(pseudo.protocol) + covered.len() as u64;
        Some(sum(covered) + sum(source) + sum(destination) + numbers)
    }
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u16> + '_ {
    bytes.chunks(2).map(|word| match *word {
        [high, low] => u16::from_be_bytes([high, low]),
        [high, ..] => u16::from_be_bytes([high, 0]),
        [] => 0,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The plain definition: the complement of the one's complement sum.
    fn checksum(bytes: &[u8]) -> u16 {
        let mut sum: u32 = words(bytes).map(u32::from).sum();
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        !(sum as u16)
    }

    fn plain(range: Range<usize>) -> Sum {
        Sum {
            field: 0,
            range,
            pseudo: None,
            is_of_fragment: false,
            zero_is_none: false,
        }
    }

    #[test]
    fn udp_without_a_checksum_stays_without_and_none_comes_to_look_so() {
        for (zero_is_none, before, after) in [
            (true, [0, 0], [0, 0]),
            (true, [0, 1], [0xff, 0xff]),
            (false, [0, 1], [0, 0]),
            (true, [0, 2], [0, 1]),
        ] {
            let sum = Sum {
                zero_is_none,
                ..plain(0..6)
            };
            // One more in the data is one less in the checksum.
            let rest = [0xff, 0xff - before[1]];
            let old = [before[0], before[1], 0, 0, rest[0], rest[1]];
            let new = [before[0], before[1], 0, 1, rest[0], rest[1]];
            for direction in [Direction::Pseudonymise, Direction::Restore] {
                let mut new = new;
                sum.mend(direction, &old, &mut new);
                assert_eq!(new[..2], after, "{before:?} {direction:?}");
            }
        }
    }

    #[test]
    fn what_is_wrong_or_cannot_be_checked_tells_nothing() {
        let right = |data: [u8; 4]| {
            let [high, low] = checksum(&data).to_be_bytes();
            [&[high, low][..], &data].concat()
        };
        let shown = |sum: &Sum, old: &[u8], change: u8| {
            let mut new = old.to_vec();
            if let Some(byte) = new.get_mut(2) {
                *byte = change;
            }
            sum.mend(Direction::Pseudonymise, old, &mut new);
            new.truncate(2);
            new
        };
        let sound = right([1, 2, 3, 4]);
        assert_eq!(shown(&plain(0..6), &sound, 77), right([77, 2, 3, 4])[..2]);
        let [mut of_fragment, cut] = [plain(0..6), plain(0..7)];
        of_fragment.is_of_fragment = true;
        for (what, sum, old) in [
            ("wrong", plain(0..6), vec![0, 0, 1, 2, 3, 4]),
            ("fragment", of_fragment, sound.clone()),
            ("cut", cut, sound.clone()),
            ("beyond the range", plain(2..6), sound.clone()),
            ("half of it", plain(0..1), sound),
        ] {
            assert_eq!(shown(&sum, &old, 77), [0xff, 0xff], "{what}");
        }
        assert_eq!(shown(&plain(0..6), &[9], 77), [0]);
        // Where it would be right by chance, its neighbour stands for it.
        assert_eq!(
            shown(&plain(0..6), &[1, 1, 9, 0xff, 0, 0], 0xff),
            [0xff, 0xfe]
        );
    }

    proptest! {
        #[test]
        fn a_mended_checksum_is_the_one_computed_anew(
            old in proptest::collection::vec(any::<u8>(), 1..80),
            noise in proptest::collection::vec(any::<u8>(), 80),
        ) {
            let new: Vec<u8> = old.iter().zip(&noise).map(|(old, noise)| old ^ (noise & 0x11)).collect();
            prop_assume!(old.iter().any(|&byte| byte != 0) && new.iter().any(|&byte| byte != 0));
            let mut change = Change::default();
            change.replace(&old, &new);
            prop_assert_eq!(change.mend(checksum(&old)), checksum(&new));
            let wrong = checksum(&old) ^ 0x0100;
            prop_assert_ne!(change.mend(wrong), checksum(&new));
        }
    }
}
