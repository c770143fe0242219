//! Who talks to whom.

use std::fmt;
use std::net::IpAddr;

use nettraffic_capture::{IpProtocol, Tunnel};

/// Who talks to whom: initiator, responder, protocol, and through which tunnel and VLAN.
///
/// For ICMP queries both ports are the identifier; for other ICMP messages the initiator's
/// is the type and the responder's the code; for protocols without ports they are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FlowKey {
    /// Address of the side that opened the conversation.
    pub initiator: IpAddr,
    /// Its port.
    pub initiator_port: u16,
    /// Address of the side that answered.
    pub responder: IpAddr,
    /// Its port.
    pub responder_port: u16,
    /// Transport protocol.
    pub protocol: IpProtocol,
    /// The tunnel that the conversation goes through, where tunnels are told apart.
    pub tunnel: Option<Tunnel>,
    /// The VLAN that it goes through, where VLANs are told apart.
    pub vlan: Option<u16>,
    /// Of ICMP errors about a conversation whose flow is not known: a hash of that conversation,
    /// as errors about different ones are different flows; else 0.
    pub about: u64,
}

impl FlowKey {
    /// A conversation outside of tunnels and of VLANs that count.
    #[must_use]
    pub const fn new(
        initiator: IpAddr,
        initiator_port: u16,
        responder: IpAddr,
        responder_port: u16,
        protocol: IpProtocol,
    ) -> Self {
        Self {
            initiator,
            initiator_port,
            responder,
            responder_port,
            protocol,
            tunnel: None,
            vlan: None,
            about: 0,
        }
    }
}

/// Which way a packet goes within its flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Direction {
    /// From the initiator to the responder.
    Forward,
    /// From the responder to the initiator.
    Backward,
}

/// How it was decided who the initiator is. Decided by the first packet of a flow, best
/// evidence first, and never changed: what was counted per direction stays true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InitiatorEvidence {
    /// It sent the SYN.
    Syn,
    /// It was sent the SYN-ACK.
    SynAck,
    /// It sent the ICMP query, or was sent the reply to one.
    Query,
    /// The other side's port is a well-known service, its own is not.
    ServicePort,
    /// It spoke first.
    FirstPacket,
}

impl InitiatorEvidence {
    /// The name used in records: `syn`, `syn_ack`, ….
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Syn => "syn",
            Self::SynAck => "syn_ack",
            Self::Query => "query",
            Self::ServicePort => "service_port",
            Self::FirstPacket => "first_packet",
        }
    }
}

impl fmt::Display for InitiatorEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
