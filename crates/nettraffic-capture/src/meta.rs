//! What decoding keeps of a packet.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use crate::Timestamp;

/// The facts of one decoded IP packet: small, `Copy`, owns nothing of the packet.
///
/// Lengths come from the headers, never from the captured length, so a snapped capture
/// and a whole one give the same numbers. Built by [`decode`](crate::decode), or by
/// [`PacketMeta::new`] for traffic that comes from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PacketMeta {
    /// Packet time.
    pub timestamp: Timestamp,
    /// Position in the order of reading, from 0.
    pub sequence: u64,
    /// Source address.
    pub source: IpAddr,
    /// Destination address.
    pub destination: IpAddr,
    /// The transport protocol that the IP header (or the last extension header) names.
    pub protocol: IpProtocol,
    /// Ports, flags and types of the transport header.
    pub transport: Transport,
    /// Bytes on the wire, link layer included.
    pub wire_len: u32,
    /// Bytes of the IP packet, header included, as its header says (padding excluded).
    pub ip_len: u32,
    /// Bytes of the IP header with its extension headers, plus those of the transport header.
    pub header_len: u32,
    /// Bytes after the transport header, as the IP header says (padding excluded).
    pub payload_len: u32,
    /// Time to live, or hop limit.
    pub ttl: u8,
    /// The outermost VLAN identifier, when there is a tag.
    pub vlan: Option<u16>,
    /// The captured bytes ended before the headers that are kept here did.
    pub cut: bool,
}

impl PacketMeta {
    /// A packet of `protocol` from `source` to `destination` with all lengths 0, TTL 64 and
    /// [`Transport::Other`]; set the public fields that matter.
    #[must_use]
    pub fn new(
        timestamp: Timestamp,
        source: IpAddr,
        destination: IpAddr,
        protocol: IpProtocol,
    ) -> Self {
        Self {
            timestamp,
            sequence: 0,
            source,
            destination,
            protocol,
            transport: Transport::Other,
            wire_len: 0,
            ip_len: 0,
            header_len: 0,
            payload_len: 0,
            ttl: 64,
            vlan: None,
            cut: false,
        }
    }

    /// Source and destination port of TCP and UDP, else `None`.
    #[must_use]
    pub fn ports(&self) -> Option<(u16, u16)> {
        match self.transport {
            Transport::Tcp(tcp) => Some((tcp.source_port, tcp.destination_port)),
            Transport::Udp(udp) => Some((udp.source_port, udp.destination_port)),
            _ => None,
        }
    }

    /// The TCP header, when the packet has one.
    #[must_use]
    pub fn tcp(&self) -> Option<&TcpHeader> {
        match &self.transport {
            Transport::Tcp(tcp) => Some(tcp),
            _ => None,
        }
    }
}

impl Default for PacketMeta {
    fn default() -> Self {
        let unspecified = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        Self::new(
            Timestamp::default(),
            unspecified,
            unspecified,
            IpProtocol(255),
        )
    }
}

/// An IP protocol number, as IANA assigns them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IpProtocol(pub u8);

impl IpProtocol {
    /// ICMP for IPv4.
    pub const ICMP: Self = Self(1);
    /// TCP.
    pub const TCP: Self = Self(6);
    /// UDP.
    pub const UDP: Self = Self(17);
    /// ICMP for IPv6.
    pub const ICMPV6: Self = Self(58);
}

impl fmt::Display for IpProtocol {
    /// The name that Zeek's records use (`tcp`, `udp`, and `icmp` for both versions), the name of
    /// a few other protocols, else the number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Self::ICMP | Self::ICMPV6 => "icmp",
            Self::TCP => "tcp",
            Self::UDP => "udp",
            Self(2) => "igmp",
            Self(47) => "gre",
            Self(50) => "esp",
            Self(51) => "ah",
            Self(89) => "ospf",
            Self(103) => "pim",
            Self(112) => "vrrp",
            Self(132) => "sctp",
            Self(other) => return write!(f, "{other}"),
        })
    }
}

/// What the transport header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport {
    /// A TCP header.
    Tcp(TcpHeader),
    /// A UDP header.
    Udp(UdpHeader),
    /// An ICMP or ICMPv6 header; [`PacketMeta::protocol`] tells which.
    Icmp(IcmpHeader),
    /// Another protocol, whose header is not looked at.
    Other,
    /// A fragment other than the first: it has no transport header.
    LaterFragment,
    /// The captured bytes end inside the transport header.
    Cut,
}

/// The kept part of a TCP header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpHeader {
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// Sequence number.
    pub sequence: u32,
    /// Acknowledgement number.
    pub acknowledgement: u32,
    /// Receive window, not scaled.
    pub window: u16,
    /// Control bits.
    pub flags: TcpFlags,
}

/// The eight TCP control bits, as they stand in the header's fourteenth byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TcpFlags(pub u8);

impl TcpFlags {
    /// No more data from the sender.
    pub const FIN: Self = Self(0x01);
    /// Synchronise sequence numbers.
    pub const SYN: Self = Self(0x02);
    /// Reset the connection.
    pub const RST: Self = Self(0x04);
    /// Push function.
    pub const PSH: Self = Self(0x08);
    /// The acknowledgement number counts.
    pub const ACK: Self = Self(0x10);
    /// The urgent pointer counts.
    pub const URG: Self = Self(0x20);
    /// ECN echo.
    pub const ECE: Self = Self(0x40);
    /// Congestion window reduced.
    pub const CWR: Self = Self(0x80);

    /// Whether all bits of `flags` are set.
    #[must_use]
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// The bits of both.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The kept part of a UDP header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UdpHeader {
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
}

/// The kept part of an ICMP or ICMPv6 header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IcmpHeader {
    /// Message type.
    pub kind: u8,
    /// Message code.
    pub code: u8,
    /// Identifier of an echo or other query, whose request and reply carry the same one.
    pub identifier: Option<u16>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_small() {
        assert!(
            size_of::<PacketMeta>() <= 128,
            "{}",
            size_of::<PacketMeta>()
        );
    }
}
