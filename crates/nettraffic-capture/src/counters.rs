//! The account of decoding.

use crate::{PacketMeta, Skip};

/// How many packets were decoded, and how many were not, by reason.
///
/// ```
/// use nettraffic_capture::{DecodeCounters, LinkType, Packet, Skip, Timestamp, decode};
///
/// let mut counters = DecodeCounters::default();
/// let packet = Packet::new(Timestamp::default(), LinkType::ETHERNET, &[0; 9]);
/// counters.record(&decode(&packet));
/// assert_eq!(counters.skipped(Skip::LinkHeaderCut), 1);
/// assert_eq!(counters.total(), counters.decoded() + counters.skipped_total());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DecodeCounters {
    decoded: u64,
    cut: u64,
    skipped: [u64; Skip::ALL.len()],
}

impl DecodeCounters {
    /// Counts one result of [`decode`](crate::decode).
    pub fn record(&mut self, result: &Result<PacketMeta, Skip>) {
        match result {
            Ok(packet) => {
                self.decoded += 1;
                self.cut += u64::from(packet.cut);
            }
            Err(reason) => {
                if let Some(count) = self.skipped.get_mut(*reason as usize) {
                    *count += 1;
                }
            }
        }
    }

    /// Packets that were decoded.
    #[must_use]
    pub fn decoded(&self) -> u64 {
        self.decoded
    }

    /// Those among the decoded whose captured bytes end inside the headers.
    #[must_use]
    pub fn cut(&self) -> u64 {
        self.cut
    }

    /// Packets that were not decoded for `reason`.
    #[must_use]
    pub fn skipped(&self, reason: Skip) -> u64 {
        self.skipped.get(reason as usize).copied().unwrap_or(0)
    }

    /// Packets that were not decoded.
    #[must_use]
    pub fn skipped_total(&self) -> u64 {
        self.skipped.iter().sum()
    }

    /// All packets that were recorded.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.decoded + self.skipped_total()
    }

    /// Name and count of every reason for skipping, in the order of [`Skip::ALL`].
    pub fn skips(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        Skip::ALL
            .iter()
            .map(|&reason| (reason.name(), self.skipped(reason)))
    }

    /// Adds the counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.decoded += other.decoded;
        self.cut += other.cut;
        for (count, more) in self.skipped.iter_mut().zip(other.skipped) {
            *count += more;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_own_count() {
        let mut counters = DecodeCounters::default();
        for (times, reason) in (1..).zip(Skip::ALL) {
            for _ in 0..times {
                counters.record(&Err(reason));
            }
        }
        counters.record(&Ok(PacketMeta::default()));
        let counts: Vec<u64> = counters.skips().map(|(_, count)| count).collect();
        let expected: Vec<u64> = (1..=Skip::ALL.len() as u64).collect();
        assert_eq!(counts, expected);
        assert_eq!(counters.total(), expected.iter().sum::<u64>() + 1);

        let mut twice = counters;
        twice.merge(&counters);
        assert_eq!(twice.total(), 2 * counters.total());
    }
}
