//! How evenly the bytes of payloads are spread.

use nettraffic_capture::{Entropy, PacketMeta};

use super::PerSide;
use crate::{Accumulate, Direction, Flow};

/// Byte entropy of the payloads of each side. There is none unless decoding computes it
/// ([`DecodeConfig::with_payload_entropy`](nettraffic_capture::DecodeConfig::with_payload_entropy))
/// and bytes of payloads were captured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PayloadEntropy {
    /// What each side sent.
    pub sides: PerSide<EntropyRange>,
}

impl Accumulate for PayloadEntropy {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, _: &Flow<()>) {
        if let Some(entropy) = packet.payload_entropy {
            self.sides.get_mut(direction).add(entropy);
        }
    }
}

/// Mean and range of entropies; each packet counts the same, however long it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EntropyRange {
    /// In 8,000ths of a bit, the unit of [`Entropy`]: whole numbers, so that the order of packets
    /// does not matter.
    sum: u64,
    count: u64,
    first: Option<Entropy>,
    min: Option<Entropy>,
    max: Option<Entropy>,
}

const PER_BIT: f64 = 8_000.0;

impl EntropyRange {
    /// How many packets had payload that was looked at.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The mean in bits a byte; `None` without any.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / PER_BIT / self.count as f64)
    }

    /// That of the first payload.
    #[must_use]
    pub const fn first(&self) -> Option<Entropy> {
        self.first
    }

    /// The smallest.
    #[must_use]
    pub const fn min(&self) -> Option<Entropy> {
        self.min
    }

    /// The largest.
    #[must_use]
    pub const fn max(&self) -> Option<Entropy> {
        self.max
    }

    fn add(&mut self, entropy: Entropy) {
        self.sum = self
            .sum
            .saturating_add((entropy.bits() * PER_BIT).round() as u64);
        self.count += 1;
        self.first = self.first.or(Some(entropy));
        self.min = Some(self.min.map_or(entropy, |min| min.min(entropy)));
        self.max = self.max.max(Some(entropy));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accumulate, packet};
    use super::*;
    use Direction::{Backward, Forward};

    #[test]
    fn sides_are_apart_and_packets_without_entropy_do_not_count() {
        let with = |payload: &[u8]| {
            let mut packet = packet(0, payload.len() as u32);
            packet.payload_entropy = Entropy::of(payload);
            packet
        };
        let entropy: PayloadEntropy = accumulate(&[
            (Forward, with(b"abab")),
            (Forward, with(b"aaaa")),
            (Forward, with(b"")),
            (Forward, with(b"abcd")),
            (Backward, packet(0, 100)),
        ]);
        let bits = |entropy: Option<Entropy>| entropy.map(Entropy::bits);
        let forward = &entropy.sides.forward;
        assert_eq!((forward.count(), forward.mean()), (3, Some(1.0)));
        assert_eq!(bits(forward.first()), Some(1.0));
        assert_eq!(
            (bits(forward.min()), bits(forward.max())),
            (Some(0.0), Some(2.0))
        );
        let backward = &entropy.sides.backward;
        assert_eq!(
            (backward.mean(), backward.min(), backward.max()),
            (None, None, None)
        );
    }

    #[test]
    fn every_entropy_is_a_whole_number_of_units() {
        let bytes: Vec<u8> = (0..=255).collect();
        for length in 1..=bytes.len() {
            let units = Entropy::of(&bytes[..length]).map_or(0.5, |e| e.bits() * PER_BIT);
            assert!((units - units.round()).abs() < 1e-9, "{units}");
        }
    }
}
