//! How long the hosts of a TCP connection take to answer.

mod delays;
mod handshake;
mod probe;
#[cfg(test)]
mod tests;

use nettraffic_capture::{PacketMeta, TcpFlags};

use super::PerSide;
use crate::{Accumulate, Direction, Flow};
pub use delays::Delays;
use handshake::Handshake;
use probe::Probe;

/// Round trips between the point of capture and the hosts of a TCP connection, in nanoseconds;
/// none outside TCP.
///
/// The handshake gives the first ones: SYN to SYN-ACK, and SYN-ACK to its acknowledgement. That
/// of a segment that was sent more than once is left out, since nobody knows which one the
/// answer is to (Karn's rule, RFC 6298, section 3). After it one segment with payload a side is
/// timed at a moment: until its time stamp is echoed (RFC 7323, for stamps that its sender had
/// not used before), or without time stamps until it is acknowledged, by Karn's rule. Time that
/// a host lets pass before it acknowledges is part of them.
///
/// ```
/// use nettraffic_flow::RoundTrips;
///
/// let trips = RoundTrips::default();
/// assert_eq!(trips.handshake_to_responder(), None);
/// assert_eq!(trips.to_responder().mean(), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoundTrips {
    handshake: Handshake,
    probes: PerSide<Probe>,
}

impl RoundTrips {
    /// From the point of capture to the responder and back, in the handshake: SYN to SYN-ACK.
    #[must_use]
    pub const fn handshake_to_responder(&self) -> Option<u64> {
        self.handshake.to_responder
    }

    /// From the point of capture to the initiator and back, in the handshake: SYN-ACK to ACK.
    #[must_use]
    pub const fn handshake_to_initiator(&self) -> Option<u64> {
        self.handshake.to_initiator
    }

    /// From the point of capture to the responder and back, after the handshake.
    #[must_use]
    pub const fn to_responder(&self) -> &Delays {
        &self.probes.forward.delays
    }

    /// From the point of capture to the initiator and back, after the handshake.
    #[must_use]
    pub const fn to_initiator(&self) -> &Delays {
        &self.probes.backward.delays
    }
}

impl Accumulate for RoundTrips {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, _: &Flow<()>) {
        let Some(tcp) = packet.tcp() else {
            return;
        };
        if tcp.flags.contains(TcpFlags::RST) {
            return;
        }
        let now = packet.timestamp;
        self.handshake.follow(tcp, direction, now);
        if tcp.flags.contains(TcpFlags::SYN) {
            return;
        }
        let PerSide { forward, backward } = &mut self.probes;
        let (sender, receiver) = match direction {
            Direction::Forward => (forward, backward),
            Direction::Backward => (backward, forward),
        };
        if tcp.flags.contains(TcpFlags::ACK) {
            receiver.answer(tcp, now);
        }
        sender.send(tcp, packet.payload_len, now);
    }
}
