//! What the table remembers of a TCP connection to see its end and the next one's begin.

use nettraffic_capture::{TcpFlags, TcpHeader};

use crate::{Direction, Flow, FlowEnd, Side, SideState};

/// The part of a connection's state that is not in its record.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TcpTracker {
    /// Initial sequence numbers: the number before the first one of each side, once known.
    forward_start: Option<u32>,
    backward_start: Option<u32>,
    /// A packet acknowledged something: there was a connection, not only an attempt.
    acknowledged: bool,
    closed: Option<FlowEnd>,
}

impl TcpTracker {
    /// [`FlowEnd::Fin`] or [`FlowEnd::Rst`] once the connection has closed.
    pub(crate) const fn closed(&self) -> Option<FlowEnd> {
        self.closed
    }

    /// Whether a segment belongs to a new connection between the same ports.
    ///
    /// Only a pure SYN can, and it does when the connection has closed; or when there was one
    /// (something was acknowledged) and the SYN's sequence number is not the one from which its
    /// sender has counted so far. So a retransmitted SYN, a SYN that was overtaken by its own
    /// connection, and further attempts while nobody has answered all stay in the flow.
    pub(crate) fn is_replaced_by(&self, tcp: &TcpHeader, direction: Direction) -> bool {
        if !is_pure_syn(tcp.flags) {
            return false;
        }
        let start = match direction {
            Direction::Forward => self.forward_start,
            Direction::Backward => self.backward_start,
        };
        self.closed.is_some()
            || self.acknowledged && start.is_some_and(|start| start != tcp.sequence)
    }

    /// Takes in a segment that was already counted in `flow`.
    pub(crate) fn observe(&mut self, tcp: &TcpHeader, direction: Direction, flow: &mut Flow<()>) {
        self.follow_sequence(tcp, direction);
        let (sender, receiver) = flow.sender_and_receiver(direction);
        follow_handshake(tcp.flags, sender, receiver);
        if self.closed.is_none() {
            self.closed = match (sender.state, receiver.state) {
                (SideState::Reset, _) => Some(FlowEnd::Rst),
                (SideState::Closed, SideState::Closed) => Some(FlowEnd::Fin),
                _ => None,
            };
        }
    }

    fn follow_sequence(&mut self, tcp: &TcpHeader, direction: Direction) {
        let (sender, receiver) = match direction {
            Direction::Forward => (&mut self.forward_start, &mut self.backward_start),
            Direction::Backward => (&mut self.backward_start, &mut self.forward_start),
        };
        // Numbers in a RST may be anything.
        if tcp.flags.contains(TcpFlags::RST) {
            return;
        }
        let is_syn = tcp.flags.contains(TcpFlags::SYN);
        if sender.is_none() {
            *sender = Some(tcp.sequence.wrapping_sub(u32::from(!is_syn)));
        }
        if tcp.flags.contains(TcpFlags::ACK) {
            self.acknowledged = true;
            if is_syn && receiver.is_none() {
                *receiver = Some(tcp.acknowledgement.wrapping_sub(1));
            }
        }
    }
}

fn is_pure_syn(flags: TcpFlags) -> bool {
    let others = TcpFlags::ACK.0 | TcpFlags::RST.0 | TcpFlags::FIN.0;
    flags.contains(TcpFlags::SYN) && flags.0 & others == 0
}

fn follow_handshake(flags: TcpFlags, sender: &mut Side, receiver: &mut Side) {
    use SideState::{Active, Closed, Established, Reset, Silent, SynAckSent, SynSent};

    if flags.contains(TcpFlags::RST) {
        // After a close by both sides a RST only tidies up.
        if (sender.state, receiver.state) != (Closed, Closed) {
            sender.state = Reset;
        }
    } else if flags.contains(TcpFlags::FIN) {
        if sender.state != Reset {
            sender.state = Closed;
        }
    } else if flags.contains(TcpFlags::SYN) {
        let acknowledges = flags.contains(TcpFlags::ACK);
        match (sender.state, receiver.state) {
            (Silent | Active | SynSent, SynSent) if acknowledges => {
                sender.state = Established;
                receiver.state = Established;
            }
            // The SYN was overtaken by its answer.
            (Silent | Active, SynAckSent) => {
                sender.state = Established;
                receiver.state = Established;
            }
            (Silent | Active, _) if acknowledges => sender.state = SynAckSent,
            (Silent | Active, _) => sender.state = SynSent,
            _ => {}
        }
    }
}
