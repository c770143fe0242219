//! What the TCP sequence numbers of a flow tell: data sent again, data never seen.

use nettraffic_capture::{PacketMeta, TcpFlags, TcpHeader};

use super::PerSide;
use crate::{Accumulate, Direction, Flow};

/// Segments out of sequence per side; all 0 outside TCP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TcpSequence {
    /// What each side sent.
    pub sides: PerSide<SequenceCounts>,
}

impl Accumulate for TcpSequence {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, _: &Flow<()>) {
        if let Some(tcp) = packet.tcp() {
            self.sides.get_mut(direction).add(tcp, packet.payload_len);
        }
    }
}

/// The state of one side's sequence numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SequenceCounts {
    next: Option<u32>,
    repeated: u64,
    skipped: u64,
}

impl SequenceCounts {
    /// Segments with data (or SYN or FIN) that begin before the highest sequence number sent so
    /// far: retransmissions, and segments that the network delivered late. A keep-alive probe
    /// with a byte of data counts too.
    #[must_use]
    pub const fn repeated(&self) -> u64 {
        self.repeated
    }

    /// Segments that begin after the sequence number that was due: something before them was
    /// lost, or comes late.
    #[must_use]
    pub const fn skipped(&self) -> u64 {
        self.skipped
    }

    #[inline]
    fn add(&mut self, tcp: &TcpHeader, payload: u32) {
        let syn = u32::from(tcp.flags.contains(TcpFlags::SYN));
        let fin = u32::from(tcp.flags.contains(TcpFlags::FIN));
        let length = payload.saturating_add(syn + fin);
        // A RST may carry any number, and a pure acknowledgement takes no room.
        if length == 0 || tcp.flags.contains(TcpFlags::RST) {
            return;
        }
        let end = tcp.sequence.wrapping_add(length);
        let Some(next) = self.next else {
            self.next = Some(end);
            return;
        };
        // Sequence numbers wrap: the sign of the distance tells before from after (RFC 9293, 3.4).
        let begins = tcp.sequence.wrapping_sub(next).cast_signed();
        self.repeated += u64::from(begins < 0);
        self.skipped += u64::from(begins > 0);
        if end.wrapping_sub(next).cast_signed() > 0 {
            self.next = Some(end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accumulate, segment};
    use super::*;

    const SYN: u8 = TcpFlags::SYN.0;
    const ACK: u8 = TcpFlags::ACK.0;
    const FIN: u8 = TcpFlags::FIN.0;
    const RST: u8 = TcpFlags::RST.0;

    /// Segments as (flags, sequence, payload); expected (repeated, skipped).
    fn check(segments: &[(u8, u32, u32)], expected: (u64, u64)) {
        let packets: Vec<_> = segments
            .iter()
            .map(|(flags, sequence, payload)| {
                (Direction::Forward, segment(*flags, *sequence, *payload))
            })
            .collect();
        let tcp: TcpSequence = accumulate(&packets);
        let side = tcp.sides.forward;
        assert_eq!((side.repeated(), side.skipped()), expected, "{segments:?}");
        assert_eq!(tcp.sides.backward, SequenceCounts::default());
    }

    #[test]
    fn segments_in_order_are_neither_repeated_nor_skipped() {
        check(&[], (0, 0));
        check(
            &[
                (SYN, 99, 0),
                (ACK, 100, 0),
                (ACK, 100, 50),
                (ACK | FIN, 150, 0),
            ],
            (0, 0),
        );
        check(&[(ACK, u32::MAX - 9, 20), (ACK, 10, 5)], (0, 0));
    }

    #[test]
    fn repeated_and_skipped_segments_count() {
        check(&[(SYN, 9, 0), (SYN, 9, 0), (SYN, 9, 0)], (2, 0));
        check(
            &[(ACK, 10, 10), (ACK, 30, 10), (ACK, 20, 10), (ACK, 40, 1)],
            (1, 1),
        );
        // Partly new data, and the same across the wrap.
        check(&[(ACK, 10, 10), (ACK, 15, 10), (ACK, 25, 1)], (1, 0));
        check(&[(ACK, u32::MAX, 4), (ACK, u32::MAX, 4)], (1, 0));
    }

    #[test]
    fn resets_and_acknowledgements_do_not_count() {
        check(
            &[(ACK, 10, 10), (RST, 0, 0), (ACK, 5, 0), (ACK, 20, 1)],
            (0, 0),
        );
    }
}
