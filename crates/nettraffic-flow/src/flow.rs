//! The flow record.

use std::fmt;
use std::net::IpAddr;

use nettraffic_capture::{IpProtocol, Timestamp};

/// Who talks to whom: initiator, responder, protocol.
///
/// For ICMP queries both ports are the identifier; for other ICMP messages they are type and code;
/// for protocols without ports they are 0.
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
}

/// An identifier of a flow record: a keyless hash of its key, first time and continuation,
/// so the same record has the same one in every run and on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowUid(pub u128);

/// Which way a packet goes within its flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Direction {
    /// From the initiator to the responder.
    Forward,
    /// From the responder to the initiator.
    Backward,
}

/// How it was decided who the initiator is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InitiatorEvidence {
    /// It sent the SYN.
    Syn,
    /// It was sent the SYN-ACK.
    SynAck,
    /// The other side's port is a well-known service.
    ServicePort,
    /// It spoke first.
    FirstPacket,
}

/// Why a flow record was given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FlowEnd {
    /// Both sides sent FIN.
    Fin,
    /// A side sent RST.
    Rst,
    /// Silence longer than the idle timeout.
    Idle,
    /// Older than the active timeout; the flow may go on as a continuation.
    Active,
    /// The table was full.
    Evicted,
    /// The input ended.
    EndOfInput,
}

impl FlowEnd {
    /// Every reason, in the order in which they are printed.
    pub const ALL: [Self; 6] = [
        Self::Fin,
        Self::Rst,
        Self::Idle,
        Self::Active,
        Self::Evicted,
        Self::EndOfInput,
    ];

    /// The name used in summaries: `fin`, `rst`, ….
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fin => "fin",
            Self::Rst => "rst",
            Self::Idle => "idle",
            Self::Active => "active",
            Self::Evicted => "evicted",
            Self::EndOfInput => "end_of_input",
        }
    }
}

impl fmt::Display for FlowEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Counters of one side of a flow: what it sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Side {
    /// Packets.
    pub packets: u64,
    /// Bytes of transport payload.
    pub payload_bytes: u64,
    /// Bytes of IP packets, headers included.
    pub ip_bytes: u64,
    /// Union of the TCP flags of all packets; 0 for other protocols.
    pub tcp_flags: nettraffic_capture::TcpFlags,
}

/// One flow record, with the state `A` that was accumulated over its packets.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Flow<A = ()> {
    /// Who talks to whom.
    pub key: FlowKey,
    /// How the initiator was decided.
    pub evidence: InitiatorEvidence,
    /// 0 for the first record of a conversation, then counted up by the active timeout.
    pub continuation: u32,
    /// Time of the first packet.
    pub first: Timestamp,
    /// Time of the last packet.
    pub last: Timestamp,
    /// When the record was due: the deadline of a timeout, else packet time of what ended it.
    pub ended: Timestamp,
    /// Reading order of the record's first packet.
    pub sequence: u64,
    /// Why it ended.
    pub end: FlowEnd,
    /// What the initiator sent.
    pub forward: Side,
    /// What the responder sent.
    pub backward: Side,
    /// What was accumulated.
    pub state: A,
}
