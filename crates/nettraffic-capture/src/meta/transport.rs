//! What the header behind the IP header says.

use std::fmt;
use std::net::IpAddr;

use crate::{IpProtocol, TcpHeader};

/// What the transport header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport {
    /// A TCP header.
    Tcp(TcpHeader),
    /// A UDP header.
    Udp(UdpHeader),
    /// An ICMP or ICMPv6 header; [`PacketMeta::protocol`](crate::PacketMeta::protocol) tells which.
    Icmp(IcmpHeader),
    /// An SCTP common header.
    Sctp(SctpHeader),
    /// Another protocol, whose header is not looked at.
    Other,
    /// An ARP message, which has no IP header either.
    Arp(ArpHeader),
    /// A fragment other than the first: it has no transport header of its own. What the first one's
    /// header said is known when a [`Decoder`](crate::Decoder) has seen that one before.
    LaterFragment(Option<FirstHeader>),
    /// The captured bytes or the first fragment end inside the transport header, or inside the IPv6 extension header of
    /// which [`PacketMeta::protocol`](crate::PacketMeta::protocol) is the number.
    Cut,
}

/// The kept part of a UDP header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UdpHeader {
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
}

/// The kept part of an SCTP common header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SctpHeader {
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// Tells the association apart from an earlier one on the same ports; 0 in an INIT.
    pub verification_tag: u32,
}

/// The kept part of an ICMP or ICMPv6 header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IcmpHeader {
    /// Message type.
    pub kind: u8,
    /// Message code.
    pub code: u8,
    /// What the message is about.
    pub about: IcmpAbout,
}

impl IcmpHeader {
    /// Identifier of an echo or other query, whose request and reply carry the same one.
    #[must_use]
    pub fn identifier(&self) -> Option<u16> {
        match self.about {
            IcmpAbout::Query(identifier) => Some(identifier),
            _ => None,
        }
    }

    /// The packet that an error is about.
    #[must_use]
    pub fn quoted(&self) -> Option<&QuotedPacket> {
        match &self.about {
            IcmpAbout::Quoted(packet) => Some(packet),
            _ => None,
        }
    }
}

/// What an ICMP message is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IcmpAbout {
    /// Itself.
    #[default]
    Itself,
    /// A query or its reply, with the identifier that both carry.
    Query(u16),
    /// An error, about the packet whose beginning it quotes.
    Quoted(QuotedPacket),
}

/// A packet as an ICMP error quotes it: who sent it to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotedPacket {
    /// Its source address.
    pub source: IpAddr,
    /// Its destination address.
    pub destination: IpAddr,
    /// Its transport protocol.
    pub protocol: IpProtocol,
    /// Its source port, of an ICMP query the identifier; 0 where it has neither or the quote is too
    /// short.
    pub source_port: u16,
    /// Its destination port, of an ICMP query the identifier; 0 where it has neither or the quote is
    /// too short.
    pub destination_port: u16,
}

/// The kept part of an ARP message about IPv4 addresses. Those stand in
/// [`PacketMeta::source`](crate::PacketMeta::source) (the sender) and
/// [`PacketMeta::destination`](crate::PacketMeta::destination) (the target).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArpHeader {
    /// 1 is a request, 2 a reply.
    pub operation: u16,
    /// Hardware address of the sender, where it has six bytes.
    pub sender: Option<MacAddress>,
    /// Hardware address of the target, where it has six bytes; zeros in a request.
    pub target: Option<MacAddress>,
}

/// A hardware address of six bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddress(pub [u8; 6]);

impl fmt::Display for MacAddress {
    /// `00:1b:21:0a:0b:0c`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

/// What the first fragment of a packet says about all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FirstHeader {
    /// It has ports: TCP, UDP, SCTP.
    #[non_exhaustive]
    Ports {
        /// Source port.
        source: u16,
        /// Destination port.
        destination: u16,
    },
    /// It is an ICMP message.
    Icmp(IcmpHeader),
    /// Its protocol has no header that is looked at.
    Other,
    /// It was opened as a tunnel, and the packet inside counted with its whole length: what this
    /// fragment carries belongs to that packet.
    Tunnel,
}

impl FirstHeader {
    /// What a first fragment's transport header says; `None` when it was not captured.
    #[must_use]
    pub fn of(transport: &Transport) -> Option<Self> {
        Some(match *transport {
            Transport::Tcp(TcpHeader {
                source_port: source,
                destination_port: destination,
                ..
            })
            | Transport::Udp(UdpHeader {
                source_port: source,
                destination_port: destination,
            })
            | Transport::Sctp(SctpHeader {
                source_port: source,
                destination_port: destination,
                ..
            }) => Self::Ports {
                source,
                destination,
            },
            Transport::Icmp(header) => Self::Icmp(header),
            Transport::Other => Self::Other,
            Transport::Arp(_) | Transport::LaterFragment(_) | Transport::Cut => return None,
        })
    }
}
