//! How a connection counts.

use nettraffic_capture::{IpProtocol, TcpFlags};
use nettraffic_flow::{ConnState, Flow, InitiatorEvidence};

/// What became of a connection, as far as windows tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The responder took part.
    Answered,
    /// The responder sent SYN-ACK, the initiator no ACK.
    HalfOpen,
    /// Nobody answered.
    Unanswered,
    /// The responder, or the network, refused.
    Rejected,
}

/// How a record counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    /// As a connection.
    Connection(Outcome),
    /// Its bytes alone: the connection was counted with its first record.
    Bytes,
}

impl Count {
    /// `None` for an early record: the final one is to be counted.
    pub(super) fn of(flow: &Flow) -> Option<Self> {
        flow.end.is_final().then(|| {
            if flow.continuation == 0 {
                Self::Connection(Outcome::of(flow))
            } else {
                Self::Bytes
            }
        })
    }
}

impl Outcome {
    fn of(flow: &Flow) -> Self {
        let silent = flow.backward.packets == 0;
        if silent && flow.icmp_errors.packets > 0 {
            return Self::Rejected;
        }
        if flow.key.protocol == IpProtocol::TCP {
            match flow.conn_state() {
                ConnState::Rej | ConnState::Rstrh => return Self::Rejected,
                ConnState::Rstr if refused_unopened(flow) => return Self::Rejected,
                ConnState::S0 | ConnState::Rstos0 | ConnState::Sh => return Self::Unanswered,
                _ => {}
            }
            if flow.backward.tcp_flags.contains(TcpFlags::SYN)
                && !flow.forward.tcp_flags.contains(TcpFlags::ACK)
            {
                return Self::HalfOpen;
            }
        }
        if silent && is_answer_due(flow) {
            Self::Unanswered
        } else {
            Self::Answered
        }
    }
}

/// The responder did nothing but refuse what was no request for a connection, as of scans with FIN.
fn refused_unopened(flow: &Flow) -> bool {
    let no_syn = |flags: TcpFlags| !flags.contains(TcpFlags::SYN);
    flow.payload_bytes() == 0 && no_syn(flow.forward.tcp_flags) && no_syn(flow.backward.tcp_flags)
}

/// Nobody answers to a group, nor to an ICMP message that is no query.
fn is_answer_due(flow: &Flow) -> bool {
    let to_many = match flow.key.responder {
        std::net::IpAddr::V4(address) => address.is_multicast() || address.is_broadcast(),
        std::net::IpAddr::V6(address) => address.is_multicast(),
    };
    let one_way = matches!(flow.key.protocol, IpProtocol::ICMP | IpProtocol::ICMPV6)
        && flow.evidence != InitiatorEvidence::Query;
    !to_many && !one_way
}
