//! How a connection opens, or does not.

use super::Tcp;
use crate::talk::{CLIENT, SERVER};
use crate::time::{MILLI, SECOND};
use crate::wire::tcp_flag::{ACK, RST, SYN};
use crate::world::Stack;

/// What becomes of the first SYN.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Opening {
    /// The three-way handshake completes.
    Accepted,
    /// The port is closed: RST.
    Refused,
    /// One SYN to a closed port by a tool that does not try again.
    RefusedOnce,
    /// Nobody answers this many SYNs, sent 1, 2, 4 … seconds apart.
    Silent(u32),
    /// The server answers and the client's system, which knows of no connection, resets.
    HalfOpen,
    /// The server answers, repeats its answer this many times, and hears nothing.
    Unfinished(u32),
}

impl Tcp {
    pub(super) fn open(&mut self, opening: Opening) {
        let start = self.now;
        match opening {
            Opening::Accepted => self.handshake(),
            Opening::Refused if self.stacks[CLIENT] == Stack::Windows => {
                for attempt in 0..3 {
                    self.refused_syn(start + attempt * 510 * MILLI);
                }
            }
            Opening::Refused | Opening::RefusedOnce => self.refused_syn(start),
            Opening::Silent(tries) => {
                for attempt in 0..tries {
                    self.syn(start + ((1 << attempt) - 1) * SECOND);
                }
            }
            Opening::HalfOpen => {
                let answered = self.answered_syn();
                let at = self.reaction(CLIENT, answered);
                self.push(CLIENT, at, RST, self.sequence[CLIENT], 0, 0);
            }
            Opening::Unfinished(repeats) => {
                let first = self.answered_syn();
                for attempt in 1..=repeats {
                    let at = first + ((1 << attempt) - 1) * SECOND;
                    self.push(
                        SERVER,
                        at,
                        SYN | ACK,
                        self.sequence[SERVER].wrapping_sub(1),
                        0,
                        0,
                    );
                }
            }
        }
        if !matches!(opening, Opening::Accepted) {
            self.over = true;
        }
    }

    fn handshake(&mut self) {
        let answered = self.answered_syn();
        let at = self.reaction(CLIENT, answered);
        self.now = self.push(CLIENT, at, ACK, self.sequence[CLIENT], 0, 0);
    }

    /// SYN and SYN-ACK; returns the time of the latter.
    fn answered_syn(&mut self) -> u64 {
        let mut at = self.syn(self.now);
        if self.rng.chance(0.004) {
            at = self.syn(at + SECOND); // the first one was lost
        }
        self.sequence[CLIENT] = self.sequence[CLIENT].wrapping_add(1);
        self.expected[SERVER] = self.sequence[CLIENT];
        let at = self.reaction(SERVER, at);
        let at = self.push(SERVER, at, SYN | ACK, self.sequence[SERVER], 0, 0);
        self.sequence[SERVER] = self.sequence[SERVER].wrapping_add(1);
        self.expected[CLIENT] = self.sequence[SERVER];
        at
    }

    fn syn(&mut self, at: u64) -> u64 {
        self.push(CLIENT, at, SYN, self.sequence[CLIENT], 0, 0)
    }

    fn refused_syn(&mut self, at: u64) {
        let at = self.syn(at);
        let at = self.reaction(SERVER, at);
        self.expected[SERVER] = self.sequence[CLIENT].wrapping_add(1);
        self.push(SERVER, at, RST | ACK, 0, 0, 0);
    }
}
