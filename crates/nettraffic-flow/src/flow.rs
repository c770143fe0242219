//! The flow record.

use std::time::Duration;

use nettraffic_capture::{IcmpHeader, PacketMeta, TcpFlags, Timestamp};

use crate::{
    ConnState, Direction, FlowEnd, FlowKey, FlowUid, History, InitiatorEvidence, SideState,
};

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
    pub tcp_flags: TcpFlags,
    /// What it has been seen to do, in this record and those before it.
    pub state: SideState,
    /// It sent payload in a record before this one.
    payload_before: bool,
    /// It sent a SYN in a record before this one.
    syn_before: bool,
}

impl Side {
    pub(crate) fn count(&mut self, packet: &PacketMeta) {
        self.packets += 1;
        self.payload_bytes += u64::from(packet.payload_len);
        self.ip_bytes += u64::from(packet.ip_len());
        if let Some(tcp) = packet.tcp() {
            self.tcp_flags = self.tcp_flags.union(tcp.flags);
        }
        if self.state == SideState::Silent {
            self.state = SideState::Active;
        }
    }

    /// Whether it sent anything, in this record or those before it.
    pub(crate) fn spoke(&self) -> bool {
        self.state != SideState::Silent
    }

    /// Whether it sent payload, in this record or those before it.
    pub(crate) const fn sent_payload(&self) -> bool {
        self.payload_bytes > 0 || self.payload_before
    }

    /// Whether it sent a SYN, in this record or those before it.
    pub(crate) const fn sent_syn(&self) -> bool {
        self.tcp_flags.contains(TcpFlags::SYN) || self.syn_before
    }

    fn continued(&self) -> Self {
        Self {
            state: self.state,
            payload_before: self.sent_payload(),
            syn_before: self.sent_syn(),
            ..Self::default()
        }
    }
}

/// ICMP errors about the packets of a flow: unreachable, time exceeded, and the like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct IcmpErrors {
    /// How many packets.
    pub packets: u32,
    /// Their bytes, IP headers included.
    pub ip_bytes: u64,
    /// Type of the latest.
    pub kind: u8,
    /// Its code.
    pub code: u8,
}

impl IcmpErrors {
    pub(crate) fn add(&mut self, packet: &PacketMeta, error: &IcmpHeader) {
        self.packets = self.packets.saturating_add(1);
        self.ip_bytes += u64::from(packet.ip_len());
        (self.kind, self.code) = (error.kind, error.code);
    }
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
    /// Time of the first packet that was read. It never moves back: a packet that was read later may
    /// have an earlier time. Sort a capture that is out of order
    /// ([`TidyConfig::sorting_window`](crate::TidyConfig::sorting_window)).
    pub first: Timestamp,
    /// The latest time of a packet; never before `first`.
    pub last: Timestamp,
    /// When the record was due, in packet time: the deadline of a timeout or linger that passed; the
    /// table's clock when something ended it early (a new connection, an eviction); at the end of the input
    /// the deadline that would have passed if nothing had followed. Records come out of a table in this
    /// order.
    pub ended: Timestamp,
    /// Reading order of the record's first packet.
    pub sequence: u64,
    /// Why it ended.
    pub end: FlowEnd,
    /// What the initiator sent.
    pub forward: Side,
    /// What the responder sent.
    pub backward: Side,
    /// Outermost VLAN of the record's first packet.
    pub vlan: Option<u16>,
    /// What happened in it, in Zeek's letters.
    pub history: History,
    /// Errors that quote its packets; they are in neither side's counts.
    pub icmp_errors: IcmpErrors,
    /// What was accumulated.
    pub state: A,
}

impl<A> Flow<A> {
    /// A record without packets, for records that come from elsewhere; set the public fields
    /// that matter. It ends where it begins, with [`FlowEnd::EndOfInput`].
    #[must_use]
    pub fn new(key: FlowKey, first: Timestamp, state: A) -> Self {
        Self {
            key,
            evidence: InitiatorEvidence::FirstPacket,
            continuation: 0,
            first,
            last: first,
            ended: first,
            sequence: 0,
            end: FlowEnd::EndOfInput,
            forward: Side::default(),
            backward: Side::default(),
            vlan: None,
            history: History::default(),
            icmp_errors: IcmpErrors::default(),
            state,
        }
    }

    /// The record's identifier; records of one conversation share it when their first packets bear the
    /// same time, see [`FlowUid`].
    #[must_use]
    pub fn uid(&self) -> FlowUid {
        FlowUid::of(&self.key, self.first, self.continuation)
    }

    /// What records are ordered by when they are given out: the moment of their end, their first
    /// packet, and early before final. No two records of a table are equal in it, unless its clock
    /// stepped back.
    #[must_use]
    pub const fn order(&self) -> (Timestamp, u64, FlowEnd) {
        (self.ended, self.sequence, self.end)
    }

    /// From [`first`](Self::first) to [`last`](Self::last); zero for a single packet.
    ///
    /// Packets stamped earlier than the first that was read do not lengthen it: two that were read at
    /// 10 s and then at 5 s last for zero. Sort a capture that is out of order
    /// ([`TidyConfig::sorting_window`](crate::TidyConfig::sorting_window)).
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.last.saturating_since(self.first)
    }

    /// Packets of both sides, without the ICMP errors about them.
    #[must_use]
    pub const fn packets(&self) -> u64 {
        self.forward.packets + self.backward.packets
    }

    /// Bytes of transport payload of both sides.
    #[must_use]
    pub const fn payload_bytes(&self) -> u64 {
        self.forward.payload_bytes + self.backward.payload_bytes
    }

    /// Bytes of IP packets of both sides, headers included.
    #[must_use]
    pub const fn ip_bytes(&self) -> u64 {
        self.forward.ip_bytes + self.backward.ip_bytes
    }

    /// How far the connection came by the end of this record, as Zeek names it; of a continuation it
    /// counts what the records before it saw, too.
    #[must_use]
    pub fn conn_state(&self) -> ConnState {
        ConnState::of(self.key.protocol, &self.forward, &self.backward)
    }

    /// The record without its state, and the state.
    #[must_use]
    pub fn into_parts(self) -> (Flow, A) {
        self.replace_state(())
    }

    /// The same record with another state.
    #[must_use]
    pub fn with_state<B>(self, state: B) -> Flow<B> {
        self.replace_state(state).0
    }

    #[inline]
    fn replace_state<B>(self, state: B) -> (Flow<B>, A) {
        let flow = Flow {
            key: self.key,
            evidence: self.evidence,
            continuation: self.continuation,
            first: self.first,
            last: self.last,
            ended: self.ended,
            sequence: self.sequence,
            end: self.end,
            forward: self.forward,
            backward: self.backward,
            vlan: self.vlan,
            history: self.history,
            icmp_errors: self.icmp_errors,
            state,
        };
        (flow, self.state)
    }
}

impl Flow<()> {
    /// The side that sends in `direction`, and the other.
    #[inline]
    pub(crate) fn sender_and_receiver(&mut self, direction: Direction) -> (&mut Side, &mut Side) {
        match direction {
            Direction::Forward => (&mut self.forward, &mut self.backward),
            Direction::Backward => (&mut self.backward, &mut self.forward),
        }
    }

    /// Begins the next record of the same conversation, without a packet yet.
    pub(crate) fn continue_after_split(&mut self) {
        self.continuation = self.continuation.saturating_add(1);
        self.forward = self.forward.continued();
        self.backward = self.backward.continued();
        self.history = History::default();
        self.icmp_errors = IcmpErrors::default();
    }
}
