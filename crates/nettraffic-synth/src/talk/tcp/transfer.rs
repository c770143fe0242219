//! Data: bursts of a congestion window, ACKs of every second segment, repair of losses.

use super::{Segment, Side, Tcp};
use crate::time::{MICRO, MILLI};
use crate::wire::Message;
use crate::wire::tcp_flag::{ACK, PSH};

/// Segments in flight at most: about 92 kB, below every window advertised here.
const LARGEST_WINDOW: usize = 64;
/// Least time that a sender waits for an ACK before it repeats (Linux; RFC 6298 says a second).
const LEAST_TIMEOUT: u64 = 200 * MILLI;
/// Duplicate ACKs that trigger fast retransmission (RFC 5681).
const DUPLICATES: usize = 3;

impl Tcp {
    /// Begins a message: it takes a delayed ACK of its sender along if it is early enough.
    pub(super) fn say(&mut self, side: Side, message: Message) {
        if self.last_speaker != side {
            self.now = self.reaction(side, self.now);
        }
        self.flush_ack(self.now);
        self.now = self.now.max(self.latest[side] + MICRO);
        if self.ack_due.is_some_and(|(_, waiting)| waiting == side) {
            self.ack_due = None;
        }
        self.unacknowledged[side] = 0;
        self.last_speaker = side;
        (self.sender, self.sent, self.message) = (side, 0, message);
    }

    /// Sends the next congestion window of the current message.
    pub(super) fn burst(&mut self) {
        let sender = self.sender;
        let receiver = 1 - sender;
        let largest = self.writer.payload_size();
        let mut at = self.now;
        let mut first_ack = None;
        let mut holes: Vec<Segment> = Vec::new();
        let mut duplicates = 0;
        let mut repair = None;
        let mut count = 0;
        while count < self.window[sender] && self.sent < self.message.len() {
            let len = largest.min(self.message.len() - self.sent);
            let segment = self.next_data(len);
            at += self.rng.around((len as f64 * self.ns_per_byte) as u64, 0.1);
            count += 1;
            if self.rng.chance(self.loss) {
                // Lost on the sender's side of the capture point, or seen and lost behind it.
                let before = self.turn[sender] as f64 / (self.turn[0] + self.turn[1]) as f64;
                if !self.rng.chance(before) {
                    at = self.push_data(at, segment);
                }
                holes.push(segment);
                continue;
            }
            at = self.push_data(at, segment);
            if holes.is_empty() {
                self.expected[receiver] = segment.sequence.wrapping_add(len as u32);
                if let Some(acked) = self.acknowledge(receiver, at) {
                    first_ack.get_or_insert(acked);
                }
            } else {
                let reaction = self.reaction(receiver, at);
                let duplicate = self.ack(receiver, reaction);
                duplicates += 1;
                if duplicates == DUPLICATES {
                    repair = Some(duplicate);
                }
            }
        }
        if holes.is_empty() {
            let turned = first_ack.map_or(at, |ack| self.reaction(sender, ack));
            self.now = if self.sent < self.message.len() {
                at.max(turned)
            } else {
                at
            };
            self.flush_ack(self.now);
            self.window[sender] = (self.window[sender] + count).min(LARGEST_WINDOW);
        } else {
            self.repair(&holes, repair, at);
        }
    }

    /// Sends what was lost again, one segment per round trip (RFC 6582), the first one after three
    /// duplicate ACKs or, failing these, a timeout.
    fn repair(&mut self, holes: &[Segment], third_duplicate: Option<u64>, last: u64) {
        let (sender, receiver) = (self.sender, 1 - self.sender);
        // The segment before the hole may still wait for its ACK.
        self.flush_ack(u64::MAX);
        let mut at = match third_duplicate {
            Some(ack) => self.reaction(sender, ack),
            None => last + LEAST_TIMEOUT + 2 * (self.turn[0] + self.turn[1]),
        };
        at = at.max(last);
        for (position, hole) in holes.iter().enumerate() {
            let sent = self.push_data(at, *hole);
            self.expected[receiver] = holes
                .get(position + 1)
                .map_or(self.sequence[sender], |next| next.sequence);
            let reaction = self.reaction(receiver, sent);
            let acked = self.ack(receiver, reaction);
            self.now = acked;
            at = self.reaction(sender, acked);
        }
        // Others of the message come after this ACK; if none, the next speaker does.
        self.now = self.now.max(at);
        let halved = self.window[sender] / 2;
        self.window[sender] = halved.max(2);
    }

    fn next_data(&mut self, len: usize) -> Segment {
        let sender = self.sender;
        let last = self.sent + len == self.message.len();
        let segment = Segment {
            at: 0,
            sequence: self.sequence[sender],
            acknowledgment: 0,
            offset: self.sent,
            len: len as u16,
            from: sender as u8,
            flags: if last { ACK | PSH } else { ACK },
        };
        self.sent += len;
        self.sequence[sender] = self.sequence[sender].wrapping_add(len as u32);
        segment
    }

    fn push_data(&mut self, at: u64, segment: Segment) -> u64 {
        let len = usize::from(segment.len);
        self.push(
            self.sender,
            at,
            segment.flags,
            segment.sequence,
            segment.offset,
            len,
        )
    }

    /// Counts a segment that `side` received: every second one is acknowledged at once.
    fn acknowledge(&mut self, side: Side, at: u64) -> Option<u64> {
        self.unacknowledged[side] += 1;
        if self.unacknowledged[side] < 2 {
            let delay = self.ack_delay(side);
            self.ack_due = Some((self.reaction(side, at) + delay, side));
            return None;
        }
        let reaction = self.reaction(side, at);
        Some(self.ack(side, reaction))
    }
}
