//! The questions that a filter can ask of a packet.

use std::net::{IpAddr, Ipv4Addr};

use super::network::Network;
use crate::{IpProtocol, PacketMeta, Transport, TunnelKind};

/// One question; its `Display` (in `print.rs`) is the expression that asks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Primitive {
    Family(Family),
    Protocol {
        /// Of either IP version when there is none.
        family: Option<Family>,
        number: IpProtocol,
    },
    Address {
        /// Of IP and ARP when there is none.
        family: Option<Family>,
        direction: Direction,
        network: Network,
    },
    Port {
        transports: Transports,
        direction: Direction,
        first: u16,
        last: u16,
    },
    /// The destination is a group.
    Multicast(Family),
    Vlan(Option<u16>),
    /// Came through a tunnel: any, one of a kind, one of a kind with an identifier.
    Tunnel(Option<(TunnelKind, Option<u32>)>),
    Relation {
        field: Field,
        /// Which bits of the field count.
        mask: u32,
        comparison: Comparison,
        value: u32,
    },
}

/// What a packet is at the network layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// IPv4, not ARP.
    V4,
    V6,
    Arp,
}

/// Transports that have ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transports {
    Any,
    Tcp,
    Udp,
    Sctp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Source,
    Destination,
    Either,
    Both,
}

/// What can be compared with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// Bytes on the wire.
    Length,
    TcpFlags,
    IcmpType,
    IcmpCode,
    Icmp6Type,
    Icmp6Code,
    TimeToLive,
    HopLimit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Primitive {
    #[inline]
    pub(super) fn matches(&self, meta: &PacketMeta) -> bool {
        match *self {
            Self::Family(family) => family.has(meta),
            Self::Protocol { family, number } => {
                meta.protocol == number
                    && family.map_or_else(|| !is_arp(meta), |family| family.has(meta))
            }
            Self::Address {
                family,
                direction,
                network,
            } => {
                family.is_none_or(|family| family.has(meta))
                    && direction.holds(
                        || network.contains(meta.source),
                        || network.contains(meta.destination),
                    )
            }
            Self::Port {
                transports,
                direction,
                first,
                last,
            } => meta.ports().is_some_and(|(source, destination)| {
                transports.has(meta.protocol)
                    && direction.holds(
                        || (first..=last).contains(&source),
                        || (first..=last).contains(&destination),
                    )
            }),
            Self::Multicast(family) => is_group(meta.destination) && family.has(meta),
            Self::Vlan(id) => meta
                .vlan
                .is_some_and(|tag| id.is_none_or(|wanted| tag == wanted)),
            Self::Tunnel(wanted) => meta.tunnel.is_some_and(|tunnel| {
                wanted.is_none_or(|(kind, id)| {
                    tunnel.kind == kind && id.is_none_or(|id| tunnel.id == id)
                })
            }),
            Self::Relation {
                field,
                mask,
                comparison,
                value,
            } => field
                .read(meta)
                .is_some_and(|read| comparison.holds(read & mask, value)),
        }
    }
}

impl Family {
    #[inline]
    fn has(self, meta: &PacketMeta) -> bool {
        match self {
            Self::V4 => meta.source.is_ipv4() && !is_arp(meta),
            Self::V6 => meta.source.is_ipv6(),
            Self::Arp => is_arp(meta),
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::V4 => "ip",
            Self::V6 => "ip6",
            Self::Arp => "arp",
        }
    }
}

/// Multicast, and as in libpcap everything above it, which is the broadcast address in practice.
#[inline]
fn is_group(destination: IpAddr) -> bool {
    match destination {
        IpAddr::V4(address) => address >= Ipv4Addr::new(224, 0, 0, 0),
        IpAddr::V6(address) => address.is_multicast(),
    }
}

#[inline]
fn is_arp(meta: &PacketMeta) -> bool {
    matches!(meta.transport, Transport::Arp(_))
}

impl Transports {
    #[inline]
    fn has(self, protocol: IpProtocol) -> bool {
        match self {
            Self::Any => true,
            Self::Tcp => protocol == IpProtocol::TCP,
            Self::Udp => protocol == IpProtocol::UDP,
            Self::Sctp => protocol == IpProtocol(132),
        }
    }

    /// The word that asks for it; all of them need none.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }
}

impl Direction {
    #[inline]
    fn holds(self, source: impl Fn() -> bool, destination: impl Fn() -> bool) -> bool {
        match self {
            Self::Source => source(),
            Self::Destination => destination(),
            Self::Either => source() || destination(),
            Self::Both => source() && destination(),
        }
    }
}

impl Field {
    #[inline]
    fn read(self, meta: &PacketMeta) -> Option<u32> {
        let icmp = |protocol| match meta.transport {
            Transport::Icmp(header) if meta.protocol == protocol => Some(header),
            _ => None,
        };
        let time_to_live = |family: Family| family.has(meta).then_some(meta.ttl);
        let byte = match self {
            Self::Length => return Some(meta.wire_len),
            Self::TcpFlags => meta.tcp()?.flags.0,
            Self::IcmpType => icmp(IpProtocol::ICMP)?.kind,
            Self::IcmpCode => icmp(IpProtocol::ICMP)?.code,
            Self::Icmp6Type => icmp(IpProtocol::ICMPV6)?.kind,
            Self::Icmp6Code => icmp(IpProtocol::ICMPV6)?.code,
            Self::TimeToLive => time_to_live(Family::V4)?,
            Self::HopLimit => time_to_live(Family::V6)?,
        };
        Some(u32::from(byte))
    }
}

impl Comparison {
    #[inline]
    fn holds(self, read: u32, value: u32) -> bool {
        match self {
            Self::Equal => read == value,
            Self::NotEqual => read != value,
            Self::Less => read < value,
            Self::LessOrEqual => read <= value,
            Self::Greater => read > value,
            Self::GreaterOrEqual => read >= value,
        }
    }
}
