//! What the table remembers of a TCP connection to see its end and the next one's begin.

mod endpoint;
mod facts;
mod number;
#[cfg(test)]
pub(crate) mod script;
#[cfg(test)]
mod tests;

use nettraffic_capture::{TcpFlags, TcpHeader};

use crate::{Direction, Flow, FlowEnd, Side, SideState};
use endpoint::Endpoint;
pub(crate) use facts::TcpFacts;
pub(crate) use number::{distance, is_after, is_before};

/// The part of a connection's state that is not in its record: the sequence numbers of both
/// sides, as far as they are known.
///
/// A connection closes by a FIN from both sides, or by a RST that its receiver accepts: the
/// number that is due, one in the receiver's window, or, in answer to a SYN, one that
/// acknowledges it. Where nothing is known of the numbers, as in the middle of a connection,
/// any will do; without both SYNs a window counts as scaled by the largest shift.
/// A FIN counts when its number is not far from what its sender sent and its receiver expects.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TcpTracker {
    initiator: Endpoint,
    responder: Endpoint,
}

impl TcpTracker {
    /// [`FlowEnd::Fin`] or [`FlowEnd::Rst`] once the connection has closed, whichever came first.
    #[inline]
    pub(crate) const fn closed(&self) -> Option<FlowEnd> {
        if self.initiator.sent_fin() && self.responder.sent_fin() {
            Some(FlowEnd::Fin)
        } else if self.was_reset() {
            Some(FlowEnd::Rst)
        } else {
            None
        }
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
        let sender = match direction {
            Direction::Forward => &self.initiator,
            Direction::Backward => &self.responder,
        };
        self.closed().is_some() || self.is_acknowledged() && sender.began_otherwise(tcp.sequence)
    }

    /// Takes in a segment with `payload` bytes that was already counted in `flow`.
    #[inline]
    pub(crate) fn observe(
        &mut self,
        tcp: &TcpHeader,
        payload: u32,
        direction: Direction,
        flow: &mut Flow<()>,
    ) -> TcpFacts {
        let mut facts = TcpFacts::default();
        let was_reset = self.was_reset();
        let begins_again = is_pure_syn(tcp.flags) && !self.is_acknowledged();
        let (sender, receiver) = match direction {
            Direction::Forward => (&mut self.initiator, &mut self.responder),
            Direction::Backward => (&mut self.responder, &mut self.initiator),
        };
        let counts = if tcp.flags.contains(TcpFlags::RST) {
            sender.send_reset(receiver, tcp, &mut facts)
        } else {
            if begins_again && sender.began_otherwise(tcp.sequence) {
                sender.begin_again(tcp.sequence);
            }
            sender.send(receiver, tcp, payload, &mut facts)
        };
        let is_empty_window = tcp.window == 0 && !tcp.flags.contains(TcpFlags::RST);
        let matters = !sender.reset() && !receiver.sent_fin();
        facts.set(TcpFacts::ZERO_WINDOW, is_empty_window && matters);
        if counts {
            let is_fin = tcp.flags.contains(TcpFlags::FIN) && !tcp.flags.contains(TcpFlags::RST);
            if is_fin && !was_reset {
                sender.close();
            }
            let (sender, receiver) = flow.sender_and_receiver(direction);
            follow_handshake(tcp.flags, sender, receiver);
        }
        facts
    }

    const fn was_reset(&self) -> bool {
        self.initiator.reset() || self.responder.reset()
    }

    /// Whether a packet acknowledged something: there was a connection, not only an attempt.
    const fn is_acknowledged(&self) -> bool {
        self.initiator.acknowledged() || self.responder.acknowledged()
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
    } else if (sender.state, receiver.state) == (Active, SynAckSent)
        && flags.contains(TcpFlags::ACK)
    {
        // Whoever acknowledges a SYN-ACK has sent a SYN, which the capture lacks.
        sender.state = Established;
        receiver.state = Established;
    }
}
