//! The account of decoding.

use crate::{Checksums, FragmentCounters, IpProtocol, PacketMeta, Skip, Transport};

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeCounters {
    decoded: u64,
    cut: u64,
    tunnelled: u64,
    arp: u64,
    wrong_network_checksums: u64,
    wrong_transport_checksums: u64,
    protocols: [u64; 256],
    skipped: [u64; Skip::ALL.len()],
    /// What became of fragments; a [`Decoder`](crate::Decoder) fills it in.
    pub fragments: FragmentCounters,
}

impl Default for DecodeCounters {
    fn default() -> Self {
        Self {
            decoded: 0,
            cut: 0,
            tunnelled: 0,
            arp: 0,
            wrong_network_checksums: 0,
            wrong_transport_checksums: 0,
            protocols: [0; 256],
            skipped: [0; Skip::ALL.len()],
            fragments: FragmentCounters::default(),
        }
    }
}

impl DecodeCounters {
    /// Counts one result of [`decode`](crate::decode).
    #[inline]
    pub fn record(&mut self, result: &Result<PacketMeta, Skip>) {
        match result {
            Ok(packet) => {
                self.decoded += 1;
                self.cut += u64::from(packet.cut);
                self.tunnelled += u64::from(packet.tunnel.is_some());
                self.protocols[usize::from(packet.protocol.0)] += 1;
                self.arp += u64::from(matches!(packet.transport, Transport::Arp(_)));
                match packet.checksums {
                    Checksums::WrongNetwork => self.wrong_network_checksums += 1,
                    Checksums::WrongTransport => self.wrong_transport_checksums += 1,
                    Checksums::Unchecked | Checksums::Right => {}
                }
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

    /// Those among the decoded that came through a tunnel.
    #[must_use]
    pub fn tunnelled(&self) -> u64 {
        self.tunnelled
    }

    /// Those among the decoded that are ARP messages.
    #[must_use]
    pub fn arp(&self) -> u64 {
        self.arp
    }

    /// Those among the decoded whose IPv4 header has a wrong checksum, where checksums are checked.
    #[must_use]
    pub fn wrong_network_checksums(&self) -> u64 {
        self.wrong_network_checksums
    }

    /// Those among the decoded whose transport header has a wrong checksum, where checksums are
    /// checked.
    #[must_use]
    pub fn wrong_transport_checksums(&self) -> u64 {
        self.wrong_transport_checksums
    }

    /// The decoded IP packets by protocol, the innermost one; protocols without any are left out.
    pub fn protocols(&self) -> impl Iterator<Item = (IpProtocol, u64)> + '_ {
        let protocols = (0..=u8::MAX).map(IpProtocol).zip(self.protocols);
        let of_ip = protocols.map(|(protocol, count)| match protocol {
            IpProtocol::NONE => (protocol, count - self.arp),
            _ => (protocol, count),
        });
        of_ip.filter(|(_, count)| *count > 0)
    }

    /// Name and count of what is worth knowing about the decoded: packets cut, through tunnels, with
    /// wrong checksums, and fragments.
    pub fn notes(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let fragments = &self.fragments;
        [
            ("cut", self.cut),
            ("tunnelled", self.tunnelled),
            ("wrong_network_checksums", self.wrong_network_checksums),
            ("wrong_transport_checksums", self.wrong_transport_checksums),
            ("first_fragments", fragments.first),
            ("joined_fragments", fragments.joined),
            ("orphaned_fragments", fragments.orphaned),
            ("overlapping_fragments", fragments.overlapping),
            ("evicted_fragment_trackers", fragments.evicted),
        ]
        .into_iter()
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
        let Self {
            decoded,
            cut,
            tunnelled,
            arp,
            wrong_network_checksums,
            wrong_transport_checksums,
            protocols,
            skipped,
            fragments,
        } = other;
        self.decoded += decoded;
        self.cut += cut;
        self.tunnelled += tunnelled;
        self.arp += arp;
        self.wrong_network_checksums += wrong_network_checksums;
        self.wrong_transport_checksums += wrong_transport_checksums;
        for (count, more) in self.protocols.iter_mut().zip(protocols) {
            *count += more;
        }
        for (count, more) in self.skipped.iter_mut().zip(skipped) {
            *count += more;
        }
        self.fragments.merge(*fragments);
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

        let mut twice = counters.clone();
        twice.merge(&counters);
        assert_eq!(twice.total(), 2 * counters.total());
    }
}
