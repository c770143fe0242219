//! What decoding keeps of a packet.

mod checksums;
mod entropy;
mod fingerprint;
mod protocol;
mod tcp;
mod transport;
mod tunnel;

use std::net::{IpAddr, Ipv4Addr};

use crate::Timestamp;

pub use checksums::Checksums;
pub use entropy::Entropy;
pub use fingerprint::Fingerprint;
pub use protocol::IpProtocol;
pub use tcp::{TcpFlags, TcpHeader, TcpOptions};
pub use transport::{
    ArpHeader, FirstHeader, IcmpAbout, IcmpHeader, MacAddress, QuotedPacket, SctpHeader, Transport,
    UdpHeader,
};
pub use tunnel::{Tunnel, TunnelKind, Tunnels, UnknownTunnel};

/// The facts of one decoded packet: small, `Copy`, owns nothing of the packet.
///
/// It is about the innermost packet where tunnels were opened. Lengths come from the headers, never
/// from the captured length, so a snapped capture and a whole one give the same numbers. Built by a
/// [`Decoder`](crate::Decoder), by [`decode`](crate::decode), or by [`PacketMeta::new`] for traffic
/// that comes from elsewhere.
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
    /// The transport protocol that the IP header (or the last extension header) names;
    /// [`IpProtocol::NONE`] for ARP.
    pub protocol: IpProtocol,
    /// Ports, flags and types of the transport header.
    pub transport: Transport,
    /// Bytes on the wire, link layer and tunnels included.
    pub wire_len: u32,
    /// Bytes of the IP header with its extension headers, plus those of the transport header.
    pub header_len: u32,
    /// Bytes after the transport header, as the IP header says (padding excluded).
    pub payload_len: u32,
    /// Time to live, or hop limit.
    pub ttl: u8,
    /// The outermost VLAN identifier, when there is a tag; inside a tunnel that carries frames, that
    /// of the inner frame.
    pub vlan: Option<u16>,
    /// The tunnel that the packet came through.
    pub tunnel: Option<Tunnel>,
    /// Whether the checksums are right, where that was asked for.
    pub checksums: Checksums,
    /// Entropy of the captured payload's bytes, where that was asked for and any were captured.
    pub payload_entropy: Option<Entropy>,
    /// What copies of the packet have in common, where that was asked for; ARP messages have none.
    pub fingerprint: Option<Fingerprint>,
    /// The captured bytes ended before the headers that were looked for did.
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
            header_len: 0,
            payload_len: 0,
            ttl: 64,
            vlan: None,
            tunnel: None,
            checksums: Checksums::Unchecked,
            payload_entropy: None,
            fingerprint: None,
            cut: false,
        }
    }

    /// Bytes of the IP packet, header included, as its header says (padding excluded).
    #[must_use]
    pub fn ip_len(&self) -> u32 {
        self.header_len.saturating_add(self.payload_len)
    }

    /// Bytes of the transport header alone, options included; 0 where there is none, as in later
    /// fragments, or where it was not read.
    #[must_use]
    pub const fn transport_header_len(&self) -> u8 {
        match &self.transport {
            Transport::Tcp(tcp) => tcp.header_len,
            Transport::Udp(_) | Transport::Icmp(_) => 8,
            Transport::Sctp(_) => 12,
            _ => 0,
        }
    }

    /// Source and destination port of TCP, UDP and SCTP, those of the first fragment for a later
    /// one; else `None`.
    #[must_use]
    pub fn ports(&self) -> Option<(u16, u16)> {
        match self.transport {
            Transport::Tcp(tcp) => Some((tcp.source_port, tcp.destination_port)),
            Transport::Udp(udp) => Some((udp.source_port, udp.destination_port)),
            Transport::Sctp(sctp) => Some((sctp.source_port, sctp.destination_port)),
            Transport::LaterFragment(Some(FirstHeader::Ports {
                source,
                destination,
            })) => Some((source, destination)),
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
            IpProtocol::NONE,
        )
    }
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
