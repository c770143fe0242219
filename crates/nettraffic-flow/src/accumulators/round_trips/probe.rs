//! One segment at a time, from its sending to its answer.

use nettraffic_capture::{TcpHeader, Timestamp};

use super::delays::{Delays, nanos_between};
use crate::tcp::{is_after, is_before};

/// Times the segments of one side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Probe {
    pub(super) delays: Delays,
    sent: Timestamp,
    awaited: Awaited,
    /// The number after the highest that was sent, once one was.
    next: Option<u32>,
    /// The latest time stamp that was sent, once one was.
    stamp: Option<u32>,
}

/// What shows that the segment has arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Awaited {
    #[default]
    Nothing,
    /// The echo of this time stamp.
    Echo(u32),
    /// This acknowledgement number.
    Acknowledgement(u32),
}

impl Probe {
    /// Takes in a segment without SYN and RST that this side sent.
    #[inline]
    pub(super) fn send(&mut self, tcp: &TcpHeader, payload: u32, now: Timestamp) {
        if let Some((stamp, _)) = tcp.options.timestamps {
            let is_new = self.stamp.is_none_or(|latest| is_after(stamp, latest));
            if is_new {
                self.stamp = Some(stamp);
            }
            // An old stamp may be echoed for the sake of an earlier segment.
            if is_new && payload > 0 && self.awaited == Awaited::Nothing {
                self.awaited = Awaited::Echo(stamp);
                self.sent = now;
            }
        } else if payload > 0 {
            self.send_unstamped(tcp.sequence, payload, now);
        }
    }

    /// Takes in a segment of the other side with ACK.
    #[inline]
    pub(super) fn answer(&mut self, tcp: &TcpHeader, now: Timestamp) {
        let arrived = match (self.awaited, tcp.options.timestamps) {
            (Awaited::Acknowledgement(number), _) => !is_before(tcp.acknowledgement, number),
            (Awaited::Echo(stamp), Some((_, echo))) if is_after(echo, stamp) => {
                // Its answer was not seen.
                self.awaited = Awaited::Nothing;
                false
            }
            (Awaited::Echo(stamp), Some((_, echo))) => echo == stamp,
            _ => false,
        };
        if arrived {
            self.awaited = Awaited::Nothing;
            if let Some(delay) = nanos_between(self.sent, now) {
                self.delays.add(delay);
            }
        }
    }

    fn send_unstamped(&mut self, begin: u32, payload: u32, now: Timestamp) {
        let end = begin.wrapping_add(payload);
        if self.next.is_some_and(|next| is_before(begin, next)) {
            // Sent again, perhaps: the answer may be to either.
            self.awaited = Awaited::Nothing;
            return;
        }
        self.next = Some(end);
        if self.awaited == Awaited::Nothing {
            self.awaited = Awaited::Acknowledgement(end);
            self.sent = now;
        }
    }
}
