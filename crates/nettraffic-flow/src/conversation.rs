//! What a packet says about the conversation it belongs to.

use std::net::IpAddr;

use nettraffic_capture::{
    FirstHeader, IcmpHeader, IpProtocol, PacketMeta, TcpFlags, TcpHeader, Transport, Tunnel,
};

use crate::hash::keyless_hash;
use crate::service::is_service;
use crate::{Direction, FlowConfig, FlowKey, InitiatorEvidence, NotAFlow};

/// The two ends of a packet's conversation as the packet sees them, before anyone knows
/// which of them is the initiator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Conversation {
    pub(crate) source: IpAddr,
    pub(crate) source_port: u16,
    pub(crate) destination: IpAddr,
    pub(crate) destination_port: u16,
    pub(crate) protocol: IpProtocol,
    pub(crate) kind: Kind,
    pub(crate) vlan: Option<u16>,
    pub(crate) tunnel: Option<Tunnel>,
    /// Of an ICMP error: which conversation it is about, as a keyless hash; else 0.
    pub(crate) about: u64,
}

/// How the packets of two ends belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
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
    pub(crate) tunnel: bool,
    pub(crate) vlan: bool,
}

impl Identity {
    pub(crate) const fn of(config: &FlowConfig) -> Self {
        Self {
            tunnel: config.tunnel_in_key,
            vlan: config.vlan_in_key,
        }
    }
}

impl Conversation {
    #[inline]
    pub(crate) fn of(packet: &PacketMeta, identity: Identity) -> Result<Self, NotAFlow> {
        let two_way = |source, destination| (source, destination, Kind::TwoWay);
        let (source_port, destination_port, kind) = match packet.transport {
            Transport::Tcp(tcp) => two_way(tcp.source_port, tcp.destination_port),
            Transport::Udp(udp) => two_way(udp.source_port, udp.destination_port),
            Transport::Sctp(sctp) => two_way(sctp.source_port, sctp.destination_port),
            Transport::Icmp(icmp) => icmp_ends(&icmp),
            Transport::LaterFragment(first) => match first {
                Some(FirstHeader::Ports {
                    source,
                    destination,
                    ..
                }) => two_way(source, destination),
                Some(FirstHeader::Icmp(icmp)) => icmp_ends(&icmp),
                Some(FirstHeader::Tunnel) => return Err(NotAFlow::TunnelFragment),
                _ if has_ports(packet.protocol) => return Err(NotAFlow::LaterFragment),
                _ => two_way(0, 0),
            },
            Transport::Cut => return Err(NotAFlow::TransportCut),
            Transport::Arp(_) => return Err(NotAFlow::Arp),
            _ => two_way(0, 0),
        };
        let mut conversation = Self {
            source: packet.source,
            source_port,
            destination: packet.destination,
            destination_port,
            protocol: packet.protocol,
            kind,
            vlan: packet.vlan.filter(|_| identity.vlan),
            tunnel: packet.tunnel.filter(|_| identity.tunnel),
            about: 0,
        };
        if let Some(quoted) = conversation.quoted_by(packet) {
            conversation.about = keyless_hash(&quoted);
        }
        Ok(conversation)
    }

    /// The conversation that the packet is about, when it is an ICMP error that quotes a packet.
    /// Errors about ICMP queries are told by the identifier, which stands for both ports.
    pub(crate) fn quoted_by(&self, packet: &PacketMeta) -> Option<Self> {
        let icmp = error_header(packet)?;
        let quoted = icmp.quoted()?;
        let is_icmp = matches!(quoted.protocol, IpProtocol::ICMP | IpProtocol::ICMPV6);
        Some(Self {
            source: quoted.source,
            source_port: quoted.source_port,
            destination: quoted.destination,
            destination_port: quoted.destination_port,
            protocol: quoted.protocol,
            kind: if is_icmp { Kind::Query } else { Kind::TwoWay },
            vlan: self.vlan,
            tunnel: self.tunnel,
            about: 0,
        })
    }

    /// Both ends in an order that does not depend on who sent the packet, unless it matters.
    pub(crate) fn ends(&self) -> [(IpAddr, u16); 2] {
        let source = (self.source, self.source_port);
        let destination = (self.destination, self.destination_port);
        if self.kind == Kind::OneWay || source <= destination {
            [source, destination]
        } else {
            [destination, source]
        }
    }

    /// Which way the packet goes in the flow of `key`, when it belongs to it.
    pub(crate) fn direction_in(
        &self,
        key: &FlowKey,
        evidence: InitiatorEvidence,
    ) -> Option<Direction> {
        // Identifiers, types and codes share the port fields: a query may look like an error.
        let is_query = evidence == InitiatorEvidence::Query;
        if self.protocol != key.protocol
            || self.tunnel != key.tunnel
            || self.vlan != key.vlan
            || self.about != key.about
            || is_query != (self.kind == Kind::Query)
        {
            return None;
        }
        if self.source_port == key.initiator_port
            && self.destination_port == key.responder_port
            && self.source == key.initiator
            && self.destination == key.responder
        {
            return Some(Direction::Forward);
        }
        (self.kind != Kind::OneWay
            && self.source_port == key.responder_port
            && self.destination_port == key.initiator_port
            && self.source == key.responder
            && self.destination == key.initiator)
            .then_some(Direction::Backward)
    }

    /// Decides from the first packet of a flow who its initiator is.
    pub(crate) fn open(&self, transport: &Transport) -> (FlowKey, InitiatorEvidence, Direction) {
        let (direction, evidence) = match transport {
            Transport::Tcp(tcp) => self.tcp_initiator(tcp),
            Transport::Icmp(icmp) => self.icmp_initiator(icmp),
            _ => self.initiator_by_port(),
        };
        let (initiator, responder) = match direction {
            Direction::Forward => (
                (self.source, self.source_port),
                (self.destination, self.destination_port),
            ),
            Direction::Backward => (
                (self.destination, self.destination_port),
                (self.source, self.source_port),
            ),
        };
        let key = FlowKey {
            initiator: initiator.0,
            initiator_port: initiator.1,
            responder: responder.0,
            responder_port: responder.1,
            protocol: self.protocol,
            tunnel: self.tunnel,
            vlan: self.vlan,
            about: self.about,
        };
        (key, evidence, direction)
    }

    fn tcp_initiator(&self, tcp: &TcpHeader) -> (Direction, InitiatorEvidence) {
        if !tcp.flags.contains(TcpFlags::SYN) {
            return self.initiator_by_port();
        }
        if tcp.flags.contains(TcpFlags::ACK) {
            (Direction::Backward, InitiatorEvidence::SynAck)
        } else {
            (Direction::Forward, InitiatorEvidence::Syn)
        }
    }

    fn icmp_initiator(&self, icmp: &IcmpHeader) -> (Direction, InitiatorEvidence) {
        match self.kind {
            Kind::Query if is_reply(self.protocol, icmp.kind) => {
                (Direction::Backward, InitiatorEvidence::Query)
            }
            Kind::Query => (Direction::Forward, InitiatorEvidence::Query),
            Kind::OneWay | Kind::TwoWay => (Direction::Forward, InitiatorEvidence::FirstPacket),
        }
    }

    fn initiator_by_port(&self) -> (Direction, InitiatorEvidence) {
        match (
            is_service(self.source_port),
            is_service(self.destination_port),
        ) {
            (false, true) => (Direction::Forward, InitiatorEvidence::ServicePort),
            (true, false) => (Direction::Backward, InitiatorEvidence::ServicePort),
            _ => (Direction::Forward, InitiatorEvidence::FirstPacket),
        }
    }
}

/// The header of the ICMP message that a packet is, or whose later part it is.
pub(crate) fn error_header(packet: &PacketMeta) -> Option<&IcmpHeader> {
    match &packet.transport {
        Transport::Icmp(icmp) | Transport::LaterFragment(Some(FirstHeader::Icmp(icmp))) => {
            Some(icmp)
        }
        _ => None,
    }
}

/// What stands for ports in an ICMP message.
fn icmp_ends(icmp: &IcmpHeader) -> (u16, u16, Kind) {
    match icmp.identifier() {
        Some(identifier) => (identifier, identifier, Kind::Query),
        None => (icmp.kind.into(), icmp.code.into(), Kind::OneWay),
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
    use super::*;

    /// The hash keeps these apart too, but two hashes may be equal.
    #[test]
    fn a_one_way_message_never_goes_back() {
        let [here, there] = [[10, 0, 0, 1], [10, 0, 0, 2]].map(IpAddr::from);
        let message = |source, destination, kind| Conversation {
            source,
            source_port: 3,
            destination,
            destination_port: 3,
            protocol: IpProtocol::ICMP,
            kind,
            vlan: None,
            tunnel: None,
            about: 0,
        };
        for (kind, back) in [
            (Kind::OneWay, None),
            (Kind::Query, Some(Direction::Backward)),
        ] {
            let transport = Transport::Icmp(IcmpHeader::default());
            let (key, evidence, _) = message(here, there, kind).open(&transport);
            let (initiator, responder) = (key.initiator, key.responder);
            let again = message(initiator, responder, kind);
            assert_eq!(again.direction_in(&key, evidence), Some(Direction::Forward));
            let reversed = message(responder, initiator, kind);
            assert_eq!(reversed.direction_in(&key, evidence), back);
        }
    }
}
