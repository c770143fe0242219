//! Internet checksums, mended by what has changed under them (RFC 1624).
//!
//! A checksum cannot be computed anew where its payload is gone. What can be told is by how much
//! the sum has changed: so a checksum that was right stays right, and a wrong one stays wrong.

use std::ops::Range;

use super::internet::Ends;

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
    /// Its first byte.
    pub(super) field: usize,
    /// The bytes that it covers, from its header on; the end may lie beyond what was captured.
    pub(super) range: Range<usize>,
    /// The addresses of the pseudo header, if it covers one.
    pub(super) ends: Option<Ends>,
    /// Whether 0 stands for no checksum, as in UDP.
    pub(super) zero_is_none: bool,
}

impl Sum {
    /// Mends the checksum in `new`, which was `old` before its headers were rewritten.
    pub(super) fn mend(&self, old: &[u8], new: &mut [u8]) {
        let mut change = Change::default();
        let end = self.range.end.min(new.len());
        let mut cover = |from: usize, to: usize| {
            if let (Some(old), Some(new)) = (old.get(from..to), new.get(from..to)) {
                change.replace(old, new);
            }
        };
        cover(self.range.start, end);
        if let Some(ends) = &self.ends {
            cover(ends.source.start, ends.source.end);
            cover(ends.destination.start, ends.destination.end);
        }
        let field = new
            .get_mut(self.field..)
            .and_then(|rest| rest.first_chunk_mut());
        if let Some(field) = field {
            let checksum = u16::from_be_bytes(*field);
            let mended = match change.mend(checksum) {
                _ if self.zero_is_none && checksum == 0 => 0,
                0 if self.zero_is_none => u16::MAX,
                mended => mended,
            };
            *field = mended.to_be_bytes();
        }
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

    #[test]
    fn udp_without_a_checksum_stays_without_and_none_comes_to_look_so() {
        for (zero_is_none, before, after) in [
            (true, [0, 0], [0, 0]),
            (true, [0, 1], [0xff, 0xff]),
            (false, [0, 1], [0, 0]),
            (true, [0, 2], [0, 1]),
        ] {
            let sum = Sum {
                field: 0,
                range: 0..4,
                ends: None,
                zero_is_none,
            };
            // One more in the data is one less in the checksum.
            let old = [before[0], before[1], 0, 6];
            let mut new = [before[0], before[1], 0, 7];
            sum.mend(&old, &mut new);
            assert_eq!(new[..2], after, "{before:?}");
        }
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
