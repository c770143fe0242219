//! What a packet says about the conversation it belongs to.

use std::net::IpAddr;

use nettraffic_capture::{
    FirstHeader, IcmpHeader, IpProtocol, PacketMeta, QuotedPacket, TcpFlags, TcpHeader, Transport,
    Tunnel,
};

use crate::hash::keyless_hash;
use crate::service::is_service;
use crate::{Direction, FlowConfig, FlowKey, InitiatorEvidence, NotAFlow};

/// A conversation, the same whoever of the two sent the packet: a few words that are quickly
/// compared and hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Conversation {
    /// The addresses of the ends, the lower end first; IPv4 in the lowest bits.
    pub(crate) low: u128,
    pub(crate) high: u128,
    /// Their ports, the first in the high half.
    pub(crate) ports: u32,
    /// Protocol, kind and version of IP.
    pub(crate) marks: u32,
    /// Tunnel and VLAN, where they are told apart; else 0.
    pub(crate) path: u64,
    /// Of an ICMP error: which conversation it is about, as a keyless hash; else 0.
    pub(crate) about: u64,
}

/// A conversation as one packet shows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sighting {
    pub(crate) conversation: Conversation,
    /// The packet goes from the high end to the low one.
    pub(crate) downwards: bool,
}

/// How the packets of two ends belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Both ways are one conversation.
    TwoWay,
    /// ICMP query and reply, joined by their identifier.
    Query,
    /// ICMP messages without an answer: each way stands alone.
    OneWay,
}

/// Which marks of a packet tell conversations between the same ends apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity {
    tunnel: bool,
    vlan: bool,
}

impl Identity {
    pub(crate) const fn of(config: &FlowConfig) -> Self {
        Self {
            tunnel: config.tunnel_in_key,
            vlan: config.vlan_in_key,
        }
    }

    #[inline]
    fn tunnel_of(self, packet: &PacketMeta) -> Option<Tunnel> {
        packet.tunnel.filter(|_| self.tunnel)
    }

    #[inline]
    fn vlan_of(self, packet: &PacketMeta) -> Option<u16> {
        packet.vlan.filter(|_| self.vlan)
    }

    /// The path of a packet in one word.
    #[inline]
    fn path_of(self, packet: &PacketMeta) -> u64 {
        let tunnel = self.tunnel_of(packet).map_or(0, |tunnel| {
            1 << 46
                | u64::from(tunnel.depth & 0x3f) << 40
                | (tunnel.kind as u64) << 32
                | u64::from(tunnel.id)
        });
        let vlan = self
            .vlan_of(packet)
            .map_or(0, |vlan| 1 << 47 | u64::from(vlan) << 48);
        tunnel | vlan
    }
}

impl Sighting {
    #[inline]
    pub(crate) fn of(packet: &PacketMeta, identity: Identity) -> Result<Self, NotAFlow> {
        let (source_port, destination_port, kind) = ends(packet)?;
        let mut sighting = Self::between(
            (packet.source, source_port),
            (packet.destination, destination_port),
            packet.protocol,
            kind,
            identity.path_of(packet),
        );
        if kind == Kind::OneWay
            && let Some(quoted) = quoted_by(packet, identity)
        {
            sighting.conversation.about = keyless_hash(&quoted);
        }
        Ok(sighting)
    }

    #[inline]
    fn between(
        source: (IpAddr, u16),
        destination: (IpAddr, u16),
        protocol: IpProtocol,
        kind: Kind,
        path: u64,
    ) -> Self {
        let (from, is_v6) = bits(source.0);
        let (to, _) = bits(destination.0);
        let downwards = kind != Kind::OneWay && (from, source.1) > (to, destination.1);
        let [(low, low_port), (high, high_port)] = match downwards {
            false => [(from, source.1), (to, destination.1)],
            true => [(to, destination.1), (from, source.1)],
        };
        let conversation = Conversation {
            low,
            high,
            ports: u32::from(low_port) << 16 | u32::from(high_port),
            marks: u32::from(protocol.0) | (kind as u32) << 8 | u32::from(is_v6) << 16,
            path,
            about: 0,
        };
        Self {
            conversation,
            downwards,
        }
    }

    /// Decides from the first packet of a flow who its initiator is.
    pub(crate) fn open(
        &self,
        packet: &PacketMeta,
        identity: Identity,
    ) -> (FlowKey, InitiatorEvidence, Direction) {
        let (source_port, destination_port, kind) = ends(packet).unwrap_or((0, 0, Kind::TwoWay));
        let by_port = || initiator_by_port(source_port, destination_port);
        let (direction, evidence) = match &packet.transport {
            Transport::Tcp(tcp) => tcp_initiator(tcp).unwrap_or_else(by_port),
            Transport::Icmp(icmp) => icmp_initiator(packet.protocol, icmp, kind),
            _ => by_port(),
        };
        let source = (packet.source, source_port);
        let destination = (packet.destination, destination_port);
        let (initiator, responder) = match direction {
            Direction::Forward => (source, destination),
            Direction::Backward => (destination, source),
        };
        let key = FlowKey {
            initiator: initiator.0,
            initiator_port: initiator.1,
            responder: responder.0,
            responder_port: responder.1,
            protocol: packet.protocol,
            tunnel: identity.tunnel_of(packet),
            vlan: identity.vlan_of(packet),
            about: self.conversation.about,
        };
        (key, evidence, direction)
    }
}

/// The conversation that the packet is about, when it is an ICMP error that quotes a packet.
/// Errors about ICMP queries are told by the identifier, which stands for both ports.
pub(crate) fn quoted_by(packet: &PacketMeta, identity: Identity) -> Option<Conversation> {
    let quoted: &QuotedPacket = icmp_header(packet)?.quoted()?;
    let kind = match quoted.protocol {
        IpProtocol::ICMP | IpProtocol::ICMPV6 => Kind::Query,
        _ => Kind::TwoWay,
    };
    let sighting = Sighting::between(
        (quoted.source, quoted.source_port),
        (quoted.destination, quoted.destination_port),
        quoted.protocol,
        kind,
        identity.path_of(packet),
    );
    Some(sighting.conversation)
}

/// The header of the ICMP message that a packet is, or whose later part it is.
pub(crate) fn icmp_header(packet: &PacketMeta) -> Option<&IcmpHeader> {
    match &packet.transport {
        Transport::Icmp(icmp) | Transport::LaterFragment(Some(FirstHeader::Icmp(icmp))) => {
            Some(icmp)
        }
        _ => None,
    }
}

/// The ports of a packet, or what stands for them, and how its conversation is made up.
#[inline]
fn ends(packet: &PacketMeta) -> Result<(u16, u16, Kind), NotAFlow> {
    let two_way = |source, destination| Ok((source, destination, Kind::TwoWay));
    match &packet.transport {
        Transport::Tcp(tcp) => two_way(tcp.source_port, tcp.destination_port),
        Transport::Udp(udp) => two_way(udp.source_port, udp.destination_port),
        Transport::Sctp(sctp) => two_way(sctp.source_port, sctp.destination_port),
        Transport::Icmp(icmp) => Ok(icmp_ends(icmp)),
        Transport::LaterFragment(first) => match first {
            Some(FirstHeader::Ports {
                source,
                destination,
                ..
            }) => two_way(*source, *destination),
            Some(FirstHeader::Icmp(icmp)) => Ok(icmp_ends(icmp)),
            Some(FirstHeader::Tunnel) => Err(NotAFlow::TunnelFragment),
            _ if has_ports(packet.protocol) => Err(NotAFlow::LaterFragment),
            _ => two_way(0, 0),
        },
        Transport::Cut => Err(NotAFlow::TransportCut),
        Transport::Arp(_) => Err(NotAFlow::Arp),
        _ => two_way(0, 0),
    }
}

/// An address as a number, and whether it is one of IPv6.
#[inline]
fn bits(address: IpAddr) -> (u128, bool) {
    match address {
        IpAddr::V4(address) => (address.to_bits().into(), false),
        IpAddr::V6(address) => (address.to_bits(), true),
    }
}

/// What stands for ports in an ICMP message.
fn icmp_ends(icmp: &IcmpHeader) -> (u16, u16, Kind) {
    match icmp.identifier() {
        Some(identifier) => (identifier, identifier, Kind::Query),
        None => (icmp.kind.into(), icmp.code.into(), Kind::OneWay),
    }
}

fn tcp_initiator(tcp: &TcpHeader) -> Option<(Direction, InitiatorEvidence)> {
    if !tcp.flags.contains(TcpFlags::SYN) {
        return None;
    }
    Some(if tcp.flags.contains(TcpFlags::ACK) {
        (Direction::Backward, InitiatorEvidence::SynAck)
    } else {
        (Direction::Forward, InitiatorEvidence::Syn)
    })
}

fn icmp_initiator(
    protocol: IpProtocol,
    icmp: &IcmpHeader,
    kind: Kind,
) -> (Direction, InitiatorEvidence) {
    match kind {
        Kind::Query if is_reply(protocol, icmp.kind) => {
            (Direction::Backward, InitiatorEvidence::Query)
        }
        Kind::Query => (Direction::Forward, InitiatorEvidence::Query),
        Kind::OneWay | Kind::TwoWay => (Direction::Forward, InitiatorEvidence::FirstPacket),
    }
}

fn initiator_by_port(source: u16, destination: u16) -> (Direction, InitiatorEvidence) {
    match (is_service(source), is_service(destination)) {
        (false, true) => (Direction::Forward, InitiatorEvidence::ServicePort),
        (true, false) => (Direction::Backward, InitiatorEvidence::ServicePort),
        _ => (Direction::Forward, InitiatorEvidence::FirstPacket),
    }
}

/// Whether the conversations of a protocol cannot be told apart by addresses alone.
fn has_ports(protocol: IpProtocol) -> bool {
    matches!(
        protocol,
        IpProtocol::TCP
            | IpProtocol::UDP
            | IpProtocol::SCTP
            | IpProtocol::ICMP
            | IpProtocol::ICMPV6
    )
}

/// Whether an ICMP message with an identifier answers another (IANA ICMP and ICMPv6 types).
fn is_reply(protocol: IpProtocol, kind: u8) -> bool {
    match protocol {
        // Echo, timestamp, information, address mask, extended echo.
        IpProtocol::ICMP => matches!(kind, 0 | 14 | 16 | 18 | 43),
        // Echo, extended echo.
        _ => matches!(kind, 129 | 161),
    }
}

#[cfg(test)]
mod tests {
    use nettraffic_capture::{TunnelKind, UdpHeader};

    use super::*;

    const ALL: Identity = Identity {
        tunnel: true,
        vlan: true,
    };

    fn packet(source: [u8; 4], destination: [u8; 4], protocol: IpProtocol) -> PacketMeta {
        PacketMeta::new(
            Default::default(),
            source.into(),
            destination.into(),
            protocol,
        )
    }

    #[test]
    fn both_ways_are_one_conversation_unless_each_stands_alone() {
        let (here, there) = ([10, 0, 0, 1], [10, 0, 0, 2]);
        let message = |from, to, about| {
            let mut message = packet(from, to, IpProtocol::ICMP);
            message.transport = Transport::Icmp(IcmpHeader {
                kind: 3,
                code: 3,
                about,
            });
            Sighting::of(&message, ALL)
        };
        for (about, one) in [
            (nettraffic_capture::IcmpAbout::Query(3), true),
            (nettraffic_capture::IcmpAbout::Itself, false),
        ] {
            let [Ok(there), Ok(back)] = [message(here, there, about), message(there, here, about)]
            else {
                panic!("both are conversations");
            };
            assert_eq!(there.conversation == back.conversation, one);
            assert_eq!(there.downwards != back.downwards, one);
        }
    }

    #[test]
    fn every_mark_tells_conversations_apart() {
        let plain = || {
            let mut packet = packet([10, 0, 0, 1], [10, 0, 0, 2], IpProtocol::UDP);
            packet.transport = Transport::Udp(UdpHeader {
                source_port: 1,
                destination_port: 2,
            });
            packet
        };
        let with = |change: fn(&mut PacketMeta)| {
            let mut packet = plain();
            change(&mut packet);
            packet
        };
        let packets = [
            plain(),
            with(|p| p.protocol = IpProtocol::TCP),
            with(|p| p.vlan = Some(0)),
            with(|p| p.vlan = Some(4095)),
            with(|p| p.tunnel = Some(Tunnel::new(TunnelKind::Vxlan, 0))),
            with(|p| p.tunnel = Some(Tunnel::new(TunnelKind::Vxlan, u32::MAX))),
            with(|p| p.tunnel = Some(Tunnel::new(TunnelKind::Gre, 0))),
            with(|p| {
                p.transport = Transport::Udp(UdpHeader {
                    source_port: 2,
                    destination_port: 1,
                });
            }),
            // The same bits as an address of IPv6.
            with(|p| {
                p.source = IpAddr::V6(0x0a00_0001.into());
                p.destination = IpAddr::V6(0x0a00_0002.into());
            }),
        ];
        let seen = packets.map(|packet| Sighting::of(&packet, ALL).ok().map(|s| s.conversation));
        for (i, a) in seen.iter().enumerate() {
            for (j, b) in seen.iter().enumerate() {
                assert_eq!(a == b, i == j, "{i} and {j}");
            }
        }
        let none = Identity {
            tunnel: false,
            vlan: false,
        };
        let blind = packets[2..7]
            .iter()
            .map(|packet| Sighting::of(packet, none).ok().map(|s| s.conversation));
        assert!(
            blind
                .into_iter()
                .all(|conversation| conversation == seen[0])
        );
    }
}
