//! How well a TCP connection ran: what was sent again, came late, or is missing.

mod holes;
mod side;
#[cfg(test)]
mod tests;

use nettraffic_capture::{PacketMeta, TcpFlags, TcpHeader};

use super::PerSide;
use crate::{Accumulate, Direction, Flow};
use side::Arrival;
pub use side::SideQuality;

/// Retransmissions, reordering, losses, duplicate acknowledgements and windows of a TCP
/// connection, as seen at the point of capture; all 0 outside TCP.
///
/// Sequence numbers decide, byte for byte: a segment with anything seen before is a
/// retransmission, for certain. One that fills a hole was either overtaken on the way or lost
/// before the point of capture and sent again. It was sent again when three duplicate
/// acknowledgements asked for it, or when it came more than a round trip after what overtook
/// it, since its sender could not know sooner; the round trip is that of the handshake, or 3 ms
/// where that was not seen. Up to four holes a side are remembered at once. What was
/// acknowledged counts as seen from then on.
///
/// Segments with RST count nowhere, as their numbers may be anything. A jump of more than 2³⁰,
/// the largest window, and another SYN begin the numbers anew.
///
/// ```
/// use nettraffic_flow::{Direction, TcpQuality};
///
/// let quality = TcpQuality::default();
/// let client = quality.sides.get(Direction::Forward);
/// assert_eq!((client.retransmitted(), client.windows()), (0, None));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TcpQuality {
    /// What each side sent and acknowledged.
    pub sides: PerSide<SideQuality>,
    handshake: Handshake,
}

impl Accumulate for TcpQuality {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, _: &Flow<()>) {
        let Some(tcp) = packet.tcp() else {
            return;
        };
        if tcp.flags.contains(TcpFlags::RST) {
            return;
        }
        // Wraps after 71 minutes; only far shorter times are compared.
        let micros = (packet.timestamp.as_nanos() / 1_000) as u32;
        self.handshake.follow(tcp, direction, micros);
        let arrival = Arrival {
            tcp,
            payload: packet.payload_len,
            micros,
            reordering: self.handshake.reordering(),
        };
        let PerSide { forward, backward } = &mut self.sides;
        let (sender, receiver) = match direction {
            Direction::Forward => (forward, backward),
            Direction::Backward => (backward, forward),
        };
        sender.send(receiver, &arrival);
        if tcp.flags.contains(TcpFlags::ACK) {
            sender.acknowledge(receiver, &arrival);
        }
        sender.advertise(receiver, tcp);
    }
}

/// The handshake's round trip: from the initiator's SYN to its acknowledgement of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Handshake {
    /// In microseconds: the time of the SYN, then the round trip.
    time: u32,
    seen: Seen,
}

/// How much of a handshake was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Seen {
    #[default]
    Nothing,
    Syn,
    SynAck,
    All,
}

impl Handshake {
    /// For connections whose handshake was not seen, in microseconds.
    const USUAL_REORDERING: u32 = 3_000;

    #[inline]
    fn follow(&mut self, tcp: &TcpHeader, direction: Direction, micros: u32) {
        if self.seen == Seen::All {
            return;
        }
        let is_syn = tcp.flags.contains(TcpFlags::SYN);
        let acknowledges = tcp.flags.contains(TcpFlags::ACK);
        match (self.seen, direction, is_syn, acknowledges) {
            (_, Direction::Forward, true, false) => {
                self.seen = Seen::Syn;
                self.time = micros;
            }
            (Seen::Syn, Direction::Backward, true, true) => self.seen = Seen::SynAck,
            (Seen::SynAck, Direction::Forward, false, true) => {
                self.seen = Seen::All;
                self.time = micros.wrapping_sub(self.time);
            }
            _ => {}
        }
    }

    fn reordering(&self) -> u32 {
        match self.seen {
            Seen::All => self.time,
            _ => Self::USUAL_REORDERING,
        }
    }
}
