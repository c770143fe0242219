//! The account of decoding.

use std::collections::BTreeMap;

use crate::{Checksums, FragmentCounters, IpProtocol, LinkType, PacketMeta, Skip, Transport};

/// Link types that are told apart among those that are not decoded.
const MOST_LINK_TYPES: usize = 64;

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
    longer_than_wire: u64,
    wrong_network_checksums: u64,
    wrong_transport_checksums: u64,
    protocols: [u64; 256],
    skipped: [u64; Skip::ALL.len()],
    /// Those of [`Skip::LinkType`], by link type.
    unread_link_types: BTreeMap<LinkType, u64>,
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
            longer_than_wire: 0,
            wrong_network_checksums: 0,
            wrong_transport_checksums: 0,
            protocols: [0; 256],
            skipped: [0; Skip::ALL.len()],
            unread_link_types: BTreeMap::new(),
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
                // Inside a tunnel the outer packet may be a fragment.
                let is_longer = packet.ip_len() > packet.wire_len && packet.tunnel.is_none();
                self.longer_than_wire += u64::from(is_longer);
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

    /// Notes the link type of a packet that was skipped for it. A hostile capture may name every
    /// number there is: the first ones are enough.
    pub(crate) fn record_link_type(&mut self, link_type: LinkType) {
        if self.unread_link_types.len() < MOST_LINK_TYPES {
            self.unread_link_types.entry(link_type).or_default();
        }
        if let Some(count) = self.unread_link_types.get_mut(&link_type) {
            *count += 1;
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

    /// How many packets have a link type that is not decoded, by link type; at most 64 of these are
    /// told apart. A [`Decoder`](crate::Decoder) fills it in.
    pub fn unread_link_types(&self) -> impl Iterator<Item = (LinkType, u64)> + '_ {
        self.unread_link_types
            .iter()
            .map(|(link_type, count)| (*link_type, *count))
    }

    /// Name and count of what is worth knowing about the decoded: packets cut, through tunnels, with
    /// an IP length beyond their length on the wire (which is believed), with wrong checksums; and
    /// fragments, also those that a filter left out.
    pub fn notes(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let fragments = &self.fragments;
        [
            ("cut", self.cut),
            ("tunnelled", self.tunnelled),
            ("longer_than_wire", self.longer_than_wire),
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
            longer_than_wire,
            wrong_network_checksums,
            wrong_transport_checksums,
            protocols,
            skipped,
            unread_link_types,
            fragments,
        } = other;
        self.decoded += decoded;
        self.cut += cut;
        self.tunnelled += tunnelled;
        self.arp += arp;
        self.longer_than_wire += longer_than_wire;
        self.wrong_network_checksums += wrong_network_checksums;
        self.wrong_transport_checksums += wrong_transport_checksums;
        for (count, more) in self.protocols.iter_mut().zip(protocols) {
            *count += more;
        }
        for (count, more) in self.skipped.iter_mut().zip(skipped) {
            *count += more;
        }
        for (link_type, more) in unread_link_types {
            *self.unread_link_types.entry(*link_type).or_default() += more;
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
