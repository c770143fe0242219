//! The sequence numbers of one side of a connection.

use nettraffic_capture::{TcpFlags, TcpHeader};

use super::facts::TcpFacts;
use super::number::{distance, is_after};

/// What is known of one side: what it sent, and what it takes.
///
/// Numbers whose bit is not set in `known` mean nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Endpoint {
    /// The number before its first byte: that of its SYN, or the one before the first that was seen.
    start: u32,
    /// The number after the highest that it sent.
    next: u32,
    /// The highest number that it acknowledged: what it expects of the other side.
    expected: u32,
    /// The first number below `next` that was not seen.
    hole: u32,
    /// The receive window that came with `expected`, as it stood in the header.
    window: u16,
    /// Bits by which its windows are to be shifted.
    scale: u8,
    known: u8,
}

/// Bits of [`Endpoint::known`].
const NUMBERS: u8 = 1;
const EXPECTED: u8 = 2;
const HOLE: u8 = 4;
const SYN: u8 = 8;
const SCALE: u8 = 16;
const FIN: u8 = 32;
const RESET: u8 = 64;
const REFUSED: u8 = 128;

/// The largest shift of a window (RFC 7323, section 2.3).
const MAX_SCALE: u8 = 14;

/// Numbers that differ by no more than this may always belong together: a capture may lack some
/// packets of a connection.
const REACH: u32 = 1 << 20;

/// The reach around the only number known, for a RST.
const RESET_REACH: u32 = u16::MAX as u32;

impl Endpoint {
    #[inline]
    pub(super) const fn sent_fin(&self) -> bool {
        self.has(FIN)
    }

    #[inline]
    pub(super) const fn reset(&self) -> bool {
        self.has(RESET)
    }

    #[inline]
    pub(super) const fn acknowledged(&self) -> bool {
        self.has(EXPECTED)
    }

    /// Whether it is known to have begun with another number.
    pub(super) const fn began_otherwise(&self, start: u32) -> bool {
        self.has(NUMBERS) && self.start != start
    }

    /// Begins anew with a SYN of this number.
    pub(super) const fn begin_again(&mut self, start: u32) {
        self.known &= !(HOLE | SYN | SCALE);
        self.begin(start);
    }

    /// Takes in a RST that this side sent. Whether it ends the connection.
    pub(super) fn send_reset(
        &mut self,
        receiver: &Self,
        tcp: &TcpHeader,
        facts: &mut TcpFacts,
    ) -> bool {
        if !receiver.accepts_reset(self, tcp) {
            facts.set(TcpFacts::REFUSED_RESET, true);
            facts.set(TcpFacts::REPEATED_CONTROL, self.has(REFUSED));
            self.known |= REFUSED;
            return false;
        }
        let repeated = self.has(RESET) && tcp.sequence == self.next;
        facts.set(TcpFacts::REPEATED_CONTROL, repeated);
        // Nothing but further ones follows a RST.
        self.next = tcp.sequence;
        self.known |= RESET | NUMBERS;
        true
    }

    /// Takes in the numbers of a segment without RST that this side sent. Whether they are
    /// plausible.
    #[inline]
    pub(super) fn send(
        &mut self,
        receiver: &mut Self,
        tcp: &TcpHeader,
        payload: u32,
        facts: &mut TcpFacts,
    ) -> bool {
        let is_syn = tcp.flags.contains(TcpFlags::SYN);
        let is_fin = tcp.flags.contains(TcpFlags::FIN);
        if !self.has(NUMBERS) {
            self.begin(tcp.sequence.wrapping_sub(u32::from(!is_syn)));
        }
        let first_data = tcp.sequence.wrapping_add(u32::from(is_syn));
        let end = first_data
            .wrapping_add(payload)
            .wrapping_add(u32::from(is_fin));
        let plausible = self.may_send(tcp.sequence, receiver);
        if plausible {
            let repeated = is_syn && self.has(SYN) && tcp.sequence == self.start
                || is_fin && self.has(FIN) && end == self.next;
            facts.set(TcpFacts::REPEATED_CONTROL, repeated);
            self.advance(first_data, end, payload, facts);
        }
        if is_syn {
            self.offer_scale(tcp);
        }
        if tcp.flags.contains(TcpFlags::ACK) {
            self.acknowledge(receiver, tcp, facts);
        }
        plausible
    }

    pub(super) const fn close(&mut self) {
        self.known |= FIN;
    }

    const fn has(&self, bit: u8) -> bool {
        self.known & bit != 0
    }

    const fn begin(&mut self, start: u32) {
        self.start = start;
        self.next = start.wrapping_add(1);
        self.known |= NUMBERS;
    }

    #[inline]
    fn advance(&mut self, begin: u32, end: u32, payload: u32, facts: &mut TcpFacts) {
        if is_after(begin, self.next) && !self.has(HOLE) {
            self.hole = self.next;
            self.known |= HOLE;
        } else if self.has(HOLE) && !is_after(begin, self.hole) && is_after(end, self.hole) {
            self.known &= !HOLE;
        }
        if is_after(end, self.next) {
            self.next = end;
        } else {
            facts.set(TcpFacts::NOTHING_NEW, payload > 0);
        }
    }

    fn offer_scale(&mut self, tcp: &TcpHeader) {
        self.known |= SYN;
        if let Some(scale) = tcp.options.window_scale {
            self.scale = scale.min(MAX_SCALE);
            self.known |= SCALE;
        }
    }

    #[inline]
    fn acknowledge(&mut self, peer: &mut Self, tcp: &TcpHeader, facts: &mut TcpFacts) {
        let number = tcp.acknowledgement;
        if !self.has(EXPECTED) || !is_after(self.expected, number) {
            self.expected = number;
            self.window = tcp.window;
            self.known |= EXPECTED;
        }
        if !peer.has(NUMBERS) {
            peer.begin(number.wrapping_sub(1));
        } else if is_after(number, peer.next) {
            // Counted once: what was acknowledged is no longer missing.
            facts.set(TcpFacts::GAP, !peer.reset());
            peer.next = number;
            peer.known &= !HOLE;
        } else if peer.has(HOLE) && is_after(number, peer.hole) {
            facts.set(TcpFacts::GAP, true);
            peer.known &= !HOLE;
        }
    }

    /// Whether a segment of this side may begin with `number`: not far from what it sent before,
    /// or from what the other side expects. Anything may when the latter is not known.
    #[inline]
    fn may_send(&self, number: u32, receiver: &Self) -> bool {
        if distance(self.next, number).unsigned_abs() <= REACH || !receiver.has(EXPECTED) {
            return true;
        }
        let reach = receiver.window_towards(self).max(REACH);
        distance(self.next, number).unsigned_abs() <= reach
            || distance(receiver.expected, number).unsigned_abs() <= reach
    }

    /// Whether this side ends the connection when it gets this RST (RFC 9293, section 3.10.7, as
    /// far as the capture shows what this side knows).
    fn accepts_reset(&self, sender: &Self, tcp: &TcpHeader) -> bool {
        let number = tcp.sequence;
        if sender.has(NUMBERS) && number == sender.next {
            return true;
        }
        if self.has(EXPECTED) {
            let offset = number.wrapping_sub(self.expected);
            let sent = if sender.has(NUMBERS) {
                distance(self.expected, sender.next).max(0).unsigned_abs()
            } else {
                0
            };
            return offset < self.window_towards(sender) || offset <= sent;
        }
        if sender.has(NUMBERS) && number.wrapping_sub(sender.start) <= sender.sent() {
            // It was sent these numbers, and has acknowledged none of them that we saw.
            return true;
        }
        if self.has(SYN) {
            // It waits for the answer to its SYN, which a RST has to acknowledge.
            let acknowledged = distance(self.start, tcp.acknowledgement);
            return tcp.flags.contains(TcpFlags::ACK)
                && 0 < acknowledged
                && acknowledged <= distance(self.start, self.next);
        }
        !sender.has(NUMBERS) || distance(sender.next, number).unsigned_abs() <= RESET_REACH
    }

    /// How far its numbers have come.
    fn sent(&self) -> u32 {
        self.next.wrapping_sub(self.start)
    }

    /// Its receive window in bytes; the largest that may be meant where the scale is not known.
    fn window_towards(&self, peer: &Self) -> u32 {
        let scale = match (
            self.has(SYN) && peer.has(SYN),
            self.has(SCALE) && peer.has(SCALE),
        ) {
            (true, true) => self.scale,
            (true, false) => 0,
            (false, _) => MAX_SCALE,
        };
        u32::from(self.window) << scale
    }
}
