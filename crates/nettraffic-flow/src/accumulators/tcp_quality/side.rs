//! What one side sent and acknowledged.

use nettraffic_capture::{TcpFlags, TcpHeader};

use super::holes::Holes;
use crate::tcp::{distance, is_after, is_before};

/// How well one side's data came through, and how it acknowledged the other's.
///
/// Segments are counted up to 2³² − 1, bytes exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SideQuality {
    retransmitted_bytes: u64,
    missed_bytes: u64,
    acknowledged_bytes: u64,
    retransmitted: u32,
    reordered: u32,
    recovered: u32,
    skipped: u32,
    probes: u32,
    duplicate_acks: u32,
    zero_windows: u32,
    /// The first number that was seen.
    first: u32,
    /// When the numbers began, in microseconds.
    began: u32,
    /// The number after the highest that was sent.
    next: u32,
    /// The highest number that it acknowledged.
    expected: u32,
    holes: Holes,
    /// The latest window, and the range of those outside the handshake, as in the header.
    window: u16,
    smallest: u16,
    largest: u16,
    scale: u8,
    /// Duplicate acknowledgements of `expected`.
    in_a_row: u8,
    known: u8,
}

/// Bits of [`SideQuality::known`].
const FIRST: u8 = 1;
const NEXT: u8 = 2;
const EXPECTED: u8 = 4;
const SYN: u8 = 8;
const SCALE: u8 = 16;
const NEGOTIATED: u8 = 32;
const FIN: u8 = 64;
const WINDOW: u8 = 128;

/// No window is larger (RFC 7323): what lies farther off belongs to other numbers.
const LARGEST_WINDOW: u32 = 1 << 30;

/// Duplicate acknowledgements that make a sender send again (RFC 5681, section 3.2).
const FAST_RETRANSMIT: u8 = 3;

/// A segment, and the moment in microseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival<'a> {
    pub(super) tcp: &'a TcpHeader,
    pub(super) payload: u32,
    pub(super) micros: u32,
    /// How much later than what overtook it a segment may come to count as reordered.
    pub(super) reordering: u32,
}

impl SideQuality {
    /// Segments of this side with a byte (or SYN or FIN) that was seen before.
    #[must_use]
    pub const fn retransmitted(&self) -> u32 {
        self.retransmitted
    }

    /// Payload bytes of this side that were seen before.
    #[must_use]
    pub const fn retransmitted_bytes(&self) -> u64 {
        self.retransmitted_bytes
    }

    /// Segments of this side that came after later ones, were not seen before, and came too soon
    /// to have been sent again: overtaken on the way.
    #[must_use]
    pub const fn reordered(&self) -> u32 {
        self.reordered
    }

    /// Segments of this side that came after later ones, were not seen before, and were asked for
    /// by three duplicate acknowledgements or came so late that they will have been sent again:
    /// lost before the point of capture.
    #[must_use]
    pub const fn recovered(&self) -> u32 {
        self.recovered
    }

    /// Segments of this side that begin after the number that was due.
    #[must_use]
    pub const fn skipped(&self) -> u32 {
        self.skipped
    }

    /// Keep-alives and probes of a zero window that this side sent: a byte or none, just before
    /// what is due and acknowledged, or one byte into a window of zero.
    #[must_use]
    pub const fn probes(&self) -> u32 {
        self.probes
    }

    /// Acknowledgements that this side repeated while data of the other side was under way: no
    /// payload, and the number and the window of the one before (RFC 5681, section 2). Where that
    /// data was not captured, those with selective acknowledgements count.
    #[must_use]
    pub const fn duplicate_acks(&self) -> u32 {
        self.duplicate_acks
    }

    /// Segments of this side, without SYN and FIN, that tell it takes nothing more.
    #[must_use]
    pub const fn zero_windows(&self) -> u32 {
        self.zero_windows
    }

    /// Bytes of this side that were acknowledged but never seen, as Zeek's `missed_bytes`, and
    /// those that were given up when more than four ranges were missing at once. A SYN or FIN
    /// that is missing counts one.
    #[must_use]
    pub const fn missed_bytes(&self) -> u64 {
        self.missed_bytes
    }

    /// Bytes of this side that the other acknowledged, from the first acknowledgement that was
    /// seen, or from the SYN.
    #[must_use]
    pub const fn acknowledged_bytes(&self) -> u64 {
        self.acknowledged_bytes
    }

    /// The smallest and the largest receive window of this side outside the handshake, in bytes
    /// when both SYNs were seen, else as in the header; `None` when there was none.
    #[must_use]
    pub fn windows(&self) -> Option<(u32, u32)> {
        let scale = if self.has(NEGOTIATED) { self.scale } else { 0 };
        let in_bytes = |window: u16| u32::from(window) << scale;
        (self.has(WINDOW)).then(|| (in_bytes(self.smallest), in_bytes(self.largest)))
    }

    /// Whether both SYNs were seen, so that windows are in bytes.
    #[must_use]
    pub const fn windows_are_scaled(&self) -> bool {
        self.has(NEGOTIATED)
    }

    /// Takes in the sequence numbers of a segment that this side sent.
    #[inline]
    pub(super) fn send(&mut self, receiver: &Self, arrival: &Arrival<'_>) {
        let tcp = arrival.tcp;
        let is_fin = tcp.flags.contains(TcpFlags::FIN);
        let length = length(arrival);
        let begin = tcp.sequence;
        let end = begin.wrapping_add(length);
        let ahead = distance(self.next, begin);
        if !self.has(NEXT) {
            self.begin_with(begin, end, arrival.micros);
        } else if length == 0 {
            let is_probe = ahead == -1 && receiver.expects_next_of(self);
            self.probes = self.probes.saturating_add(u32::from(is_probe));
        } else if ahead.unsigned_abs() > LARGEST_WINDOW || self.is_another_syn(tcp) {
            self.begin_with(begin, end, arrival.micros);
        } else if ahead < 0 {
            self.send_below(receiver, arrival, end);
        } else {
            if ahead > 0 {
                self.skipped = self.skipped.saturating_add(1);
                let given_up = self.holes.open(self.next, begin, arrival.micros);
                self.missed_bytes += u64::from(given_up);
            }
            let is_probe = is_one_byte(arrival) && receiver.takes_nothing();
            self.probes = self.probes.saturating_add(u32::from(is_probe));
            self.advance(end);
        }
        if is_fin {
            self.known |= FIN;
        }
    }

    /// Takes in what a segment of this side acknowledges.
    #[inline]
    pub(super) fn acknowledge(&mut self, sender: &mut Self, arrival: &Arrival<'_>) {
        let number = arrival.tcp.acknowledgement;
        let ahead = distance(self.expected, number);
        if !self.has(EXPECTED) {
            self.known |= EXPECTED;
            self.expected = number;
            if sender.has(SYN) && sender.has(FIRST) {
                let data = distance(sender.first.wrapping_add(1), number);
                sender.count_acknowledged(data, number);
            }
        } else if ahead > 0 {
            self.expected = number;
            self.in_a_row = 0;
            sender.count_acknowledged(ahead, number);
        } else if ahead == 0
            && length(arrival) == 0
            && arrival.tcp.window == self.window
            && sender.has_sent_beyond(number, arrival.tcp)
        {
            self.duplicate_acks = self.duplicate_acks.saturating_add(1);
            self.in_a_row = self.in_a_row.saturating_add(1);
        }
        sender.give_up_before(number);
    }

    /// Takes in the window of a segment that this side sent.
    #[inline]
    pub(super) fn advertise(&mut self, peer: &mut Self, tcp: &TcpHeader) {
        self.window = tcp.window;
        if tcp.flags.contains(TcpFlags::SYN) {
            self.offer_scale(peer, tcp);
            return;
        }
        if !self.has(WINDOW) {
            self.known |= WINDOW;
            (self.smallest, self.largest) = (tcp.window, tcp.window);
        }
        self.smallest = self.smallest.min(tcp.window);
        self.largest = self.largest.max(tcp.window);
        let is_zero = tcp.window == 0 && !tcp.flags.contains(TcpFlags::FIN);
        self.zero_windows = self.zero_windows.saturating_add(u32::from(is_zero));
    }

    const fn has(&self, bit: u8) -> bool {
        self.known & bit != 0
    }

    fn begin_with(&mut self, begin: u32, end: u32, micros: u32) {
        self.first = begin;
        self.began = micros;
        self.next = end;
        self.holes = Holes::default();
        self.known = (self.known & !FIN) | FIRST | NEXT;
    }

    fn advance(&mut self, end: u32) {
        self.next = end;
        // Farther than this the first number cannot be told from later ones.
        if distance(self.first, end).unsigned_abs() > LARGEST_WINDOW {
            self.known &= !FIRST;
        }
    }

    /// A SYN that does not repeat the first one begins another connection, or attempt at one.
    fn is_another_syn(&self, tcp: &TcpHeader) -> bool {
        tcp.flags.contains(TcpFlags::SYN)
            && !(self.has(FIRST) && distance(tcp.sequence, self.first).unsigned_abs() <= 1)
    }

    /// Whether it has acknowledged all that `sender` sent.
    const fn expects_next_of(&self, sender: &Self) -> bool {
        self.has(EXPECTED) && self.expected == sender.next
    }

    /// Whether data from `number` on is under way. Where its direction was not captured, a selective
    /// acknowledgement tells.
    fn has_sent_beyond(&self, number: u32, acknowledgement: &TcpHeader) -> bool {
        match self.has(NEXT) {
            true => is_after(self.next, number),
            false => acknowledgement.options.sack_blocks > 0,
        }
    }

    /// Whether it has asked for the data at `number` as often as makes a sender send it again.
    const fn asked_for(&self, number: u32) -> bool {
        self.in_a_row >= FAST_RETRANSMIT && self.expected == number
    }

    const fn takes_nothing(&self) -> bool {
        self.has(EXPECTED) && self.window == 0
    }

    /// Takes in a segment that begins before the highest number sent.
    fn send_below(&mut self, receiver: &Self, arrival: &Arrival<'_>, end: u32) {
        let begin = arrival.tcp.sequence;
        let is_last_byte = is_one_byte(arrival) && end == self.next;
        if is_last_byte && (receiver.expects_next_of(self) || receiver.takes_nothing()) {
            self.probes = self.probes.saturating_add(1);
            return;
        }
        let top = if is_after(end, self.next) {
            self.next
        } else {
            end
        };
        let before_first = self.extend_down(begin, top);
        let filled = self.holes.fill(begin, top);
        self.missed_bytes += u64::from(filled.given_up);
        let seen = top.wrapping_sub(begin) - filled.fresh - before_first;
        if seen > 0 {
            self.retransmitted = self.retransmitted.saturating_add(1);
            self.retransmitted_bytes += u64::from(seen.min(arrival.payload));
        } else {
            let overtaken = match before_first {
                0 => filled.opened,
                _ => self.began,
            };
            let is_late = arrival.micros.wrapping_sub(overtaken) > arrival.reordering;
            let is_recovered = is_late || receiver.asked_for(begin);
            self.recovered = self.recovered.saturating_add(u32::from(is_recovered));
            self.reordered = self.reordered.saturating_add(u32::from(!is_recovered));
        }
        if is_after(end, self.next) {
            self.advance(end);
        }
    }

    /// How much of `begin..top` lies before the first number that was seen, which it becomes.
    fn extend_down(&mut self, begin: u32, top: u32) -> u32 {
        if !self.has(FIRST) || !is_before(begin, self.first) {
            return 0;
        }
        let first = std::mem::replace(&mut self.first, begin);
        if is_before(top, first) {
            let given_up = self.holes.open(top, first, self.began);
            self.missed_bytes += u64::from(given_up);
            return top.wrapping_sub(begin);
        }
        first.wrapping_sub(begin)
    }

    fn count_acknowledged(&mut self, ahead: i32, number: u32) {
        // A FIN is no byte, and nothing follows it.
        let fin = u32::from(self.has(FIN) && number == self.next);
        let bytes = ahead.max(0).unsigned_abs().saturating_sub(fin);
        if bytes <= LARGEST_WINDOW {
            self.acknowledged_bytes += u64::from(bytes);
        }
    }

    /// What was acknowledged and not seen will not be seen any more.
    #[inline]
    fn give_up_before(&mut self, number: u32) {
        let ahead = distance(self.next, number);
        if !self.has(NEXT) || ahead.unsigned_abs() > LARGEST_WINDOW {
            return;
        }
        if !self.holes.is_empty() {
            self.missed_bytes += u64::from(self.holes.give_up_before(number));
        }
        if ahead > 0 {
            self.missed_bytes += u64::from(ahead.unsigned_abs());
            self.advance(number);
        }
    }

    fn offer_scale(&mut self, peer: &mut Self, tcp: &TcpHeader) {
        const MAX_SCALE: u8 = 14;
        self.known |= SYN;
        if let Some(scale) = tcp.options.window_scale {
            self.scale = scale.min(MAX_SCALE);
            self.known |= SCALE;
        }
        if peer.has(SYN) {
            // Windows are scaled only when both sides offer it (RFC 7323, section 2.2).
            if !(self.has(SCALE) && peer.has(SCALE)) {
                (self.scale, peer.scale) = (0, 0);
            }
            self.known |= NEGOTIATED;
            peer.known |= NEGOTIATED;
        }
    }
}

fn is_one_byte(arrival: &Arrival<'_>) -> bool {
    arrival.payload == 1 && length(arrival) == 1
}

/// The numbers that a segment takes: its payload, SYN and FIN.
#[inline]
fn length(arrival: &Arrival<'_>) -> u32 {
    let flags = arrival.tcp.flags;
    let control =
        u32::from(flags.contains(TcpFlags::SYN)) + u32::from(flags.contains(TcpFlags::FIN));
    arrival.payload.saturating_add(control)
}
