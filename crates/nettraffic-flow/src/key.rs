//! Who talks to whom.

use std::net::IpAddr;

use nettraffic_capture::{IpProtocol, Tunnel};

/// Who talks to whom: initiator, responder, protocol, and through which tunnel.
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
    /// The tunnel that the conversation goes through.
    pub tunnel: Option<Tunnel>,
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
