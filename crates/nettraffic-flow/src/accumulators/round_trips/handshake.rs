//! The round trips of the handshake.

use nettraffic_capture::{TcpFlags, TcpHeader, Timestamp};

use super::delays::nanos_between;
use crate::Direction;
use crate::tcp::is_before;

/// Times SYN and SYN-ACK.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Handshake {
    pub(super) to_responder: Option<u64>,
    pub(super) to_initiator: Option<u64>,
    /// When the segment that waits for its answer was seen.
    sent: Timestamp,
    /// The number that acknowledges it.
    due: u32,
    waits: Waits,
    /// It was sent more than once.
    repeated: bool,
}

/// Which segment waits for its answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Waits {
    #[default]
    Nothing,
    Syn,
    SynAck,
    Done,
}

impl Handshake {
    /// Takes in a segment without RST.
    #[inline]
    pub(super) fn follow(&mut self, tcp: &TcpHeader, direction: Direction, now: Timestamp) {
        if self.waits == Waits::Done {
            return;
        }
        let is_syn = tcp.flags.contains(TcpFlags::SYN);
        let acknowledges = tcp.flags.contains(TcpFlags::ACK);
        match (direction, is_syn, acknowledges) {
            (Direction::Forward, true, false) if self.waits != Waits::SynAck => {
                self.wait(Waits::Syn, tcp, now);
            }
            (Direction::Backward, true, true) if self.waits == Waits::SynAck => {
                self.wait(Waits::SynAck, tcp, now);
            }
            (Direction::Backward, true, true) if self.is_answered_by(tcp, Waits::Syn) => {
                self.to_responder = self.elapsed(now);
                self.wait(Waits::SynAck, tcp, now);
            }
            (Direction::Forward, false, true) if self.is_answered_by(tcp, Waits::SynAck) => {
                self.to_initiator = self.elapsed(now);
                self.waits = Waits::Done;
            }
            _ => {}
        }
    }

    fn wait(&mut self, for_answer_to: Waits, tcp: &TcpHeader, now: Timestamp) {
        let due = tcp.sequence.wrapping_add(1);
        self.repeated = self.waits == for_answer_to && self.due == due;
        self.waits = for_answer_to;
        self.due = due;
        self.sent = now;
    }

    fn is_answered_by(&self, tcp: &TcpHeader, to: Waits) -> bool {
        self.waits == to && !is_before(tcp.acknowledgement, self.due)
    }

    fn elapsed(&self, now: Timestamp) -> Option<u64> {
        if self.repeated {
            return None;
        }
        nanos_between(self.sent, now)
    }
}
