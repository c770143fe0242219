//! How far a connection came, in the terms of Zeek.

use std::fmt;

use nettraffic_capture::IpProtocol;

use crate::Side;

/// What one side of a flow has been seen to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SideState {
    /// Sent nothing.
    #[default]
    Silent,
    /// Sent packets, but no TCP handshake was seen (always so for other protocols).
    Active,
    /// Sent a SYN.
    SynSent,
    /// Sent a SYN-ACK, without the other side's SYN being seen.
    SynAckSent,
    /// Took part in a handshake: a SYN-ACK was seen, and its SYN or its acknowledgement.
    Established,
    /// Sent a FIN.
    Closed,
    /// Sent a RST.
    Reset,
}

/// The summary state of a flow, with the names and the meaning of Zeek's `conn_state`
/// (Zeek, `base/protocols/conn`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ConnState {
    /// Attempt seen, no reply. UDP: only the initiator spoke.
    S0,
    /// Established, not closed.
    S1,
    /// Established and closed by both. UDP: both spoke.
    Sf,
    /// Attempt rejected.
    Rej,
    /// Established, closed by the initiator only.
    S2,
    /// Established, closed by the responder only.
    S3,
    /// Aborted by the initiator (RST).
    Rsto,
    /// Aborted by the responder (RST).
    Rstr,
    /// The initiator sent SYN, then RST; no SYN-ACK was seen.
    Rstos0,
    /// The responder sent a RST; of the initiator no SYN was seen.
    Rstrh,
    /// The initiator sent SYN, then FIN; no SYN-ACK was seen.
    Sh,
    /// The responder sent SYN-ACK, then FIN; no SYN was seen. UDP: only the responder spoke.
    Shr,
    /// Midstream traffic, and all protocols but TCP and UDP.
    Oth,
}

impl ConnState {
    /// Every state, in the order of Zeek's documentation.
    pub const ALL: [Self; 13] = [
        Self::S0,
        Self::S1,
        Self::Sf,
        Self::Rej,
        Self::S2,
        Self::S3,
        Self::Rsto,
        Self::Rstr,
        Self::Rstos0,
        Self::Rstrh,
        Self::Sh,
        Self::Shr,
        Self::Oth,
    ];

    /// Zeek's name: `S0`, `SF`, `RSTOS0`, ….
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::S0 => "S0",
            Self::S1 => "S1",
            Self::Sf => "SF",
            Self::Rej => "REJ",
            Self::S2 => "S2",
            Self::S3 => "S3",
            Self::Rsto => "RSTO",
            Self::Rstr => "RSTR",
            Self::Rstos0 => "RSTOS0",
            Self::Rstrh => "RSTRH",
            Self::Sh => "SH",
            Self::Shr => "SHR",
            Self::Oth => "OTH",
        }
    }

    /// The state of a flow whose sides are in these states.
    pub(crate) fn of(protocol: IpProtocol, initiator: &Side, responder: &Side) -> Self {
        match protocol {
            IpProtocol::TCP => of_tcp(initiator, responder),
            IpProtocol::UDP => match (initiator.spoke(), responder.spoke()) {
                (true, true) => Self::Sf,
                (true, false) => Self::S0,
                (false, true) => Self::Shr,
                (false, false) => Self::Oth,
            },
            _ => Self::Oth,
        }
    }
}

impl fmt::Display for ConnState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

fn of_tcp(initiator: &Side, responder: &Side) -> ConnState {
    use SideState::{Active, Closed, Established, Reset, Silent, SynAckSent, SynSent};

    let no_payload = !initiator.sent_payload() && !responder.sent_payload();
    match (initiator.state, responder.state) {
        (SynSent | SynAckSent, Reset) => ConnState::Rej,
        (Reset, Reset) if no_payload => ConnState::Rej,
        (Silent | Active, Reset) => ConnState::Rstrh,
        (_, Reset) => ConnState::Rstr,
        (Reset, Silent | Active) if initiator.sent_syn() => ConnState::Rstos0,
        (Reset, Silent | Active) => ConnState::Oth,
        (Reset, _) => ConnState::Rsto,
        (Closed, Closed) => ConnState::Sf,
        (Closed, Silent | Active) => ConnState::Sh,
        (Closed, _) => ConnState::S2,
        (Silent | Active, Closed) => ConnState::Shr,
        (_, Closed) => ConnState::S3,
        (SynSent, Silent) => ConnState::S0,
        (Established, Established) => ConnState::S1,
        _ => ConnState::Oth,
    }
}

#[cfg(test)]
mod tests {
    use nettraffic_capture::{TcpFlags, Timestamp};

    use super::*;
    use crate::{Flow, FlowKey};

    #[test]
    fn of_a_record_made_by_hand_its_public_fields_decide() {
        use SideState::{Reset, Silent};

        let host = [10, 0, 0, 1].into();
        let key = FlowKey::new(host, 1, host, 2, IpProtocol::TCP);
        for (responder, payload, flags, expected) in [
            (Reset, 0, TcpFlags::RST, ConnState::Rej),
            (Reset, 1, TcpFlags::RST, ConnState::Rstr),
            (Silent, 0, TcpFlags::RST, ConnState::Oth),
            (Silent, 0, TcpFlags::SYN, ConnState::Rstos0),
        ] {
            let mut flow = Flow::new(key, Timestamp::default(), ());
            flow.forward.state = Reset;
            flow.forward.tcp_flags = flags;
            flow.backward.state = responder;
            flow.backward.payload_bytes = payload;
            assert_eq!(flow.conn_state(), expected);
        }
    }
}
