//! How a connection ends.

use super::{Side, Tcp};
use crate::talk::Ending;
use crate::time::MILLI;
use crate::wire::tcp_flag::{ACK, FIN, RST};

impl Tcp {
    pub(super) fn close(&mut self, ending: Ending) {
        let (Ending::Finish(side) | Ending::Reset(side) | Ending::FinishReset(side)) = ending;
        if self.last_speaker != side {
            self.now = self.reaction(side, self.now);
        }
        self.flush_ack(self.now);
        match ending {
            Ending::Finish(_) => self.finish(side),
            Ending::Reset(_) => {
                self.ack_due = None;
                self.push(side, self.now, RST | ACK, self.sequence[side], 0, 0);
            }
            Ending::FinishReset(_) => {
                let at = self.fin(side, self.now);
                let at = self.reaction(1 - side, at);
                self.push(1 - side, at, RST | ACK, self.sequence[1 - side], 0, 0);
            }
        }
        self.over = true;
    }

    fn finish(&mut self, side: Side) {
        let other = 1 - side;
        let at = self.fin(side, self.now);
        let mut at = self.reaction(other, at);
        if self.rng.chance(0.4) {
            at = self.ack(other, at) + self.rng.between(0, 20 * MILLI);
        }
        let at = self.fin(other, at);
        let at = self.reaction(side, at);
        self.ack(side, at);
    }

    /// Sends FIN with whatever ACK is owed, and lets the other side expect what follows it.
    fn fin(&mut self, side: Side, at: u64) -> u64 {
        if self.ack_due.is_some_and(|(_, waiting)| waiting == side) {
            self.ack_due = None;
        }
        let at = self.push(side, at, FIN | ACK, self.sequence[side], 0, 0);
        self.sequence[side] = self.sequence[side].wrapping_add(1);
        self.expected[1 - side] = self.sequence[side];
        at
    }
}
