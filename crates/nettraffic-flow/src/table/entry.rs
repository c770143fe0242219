//! What the table keeps of a flow.

use std::time::Duration;

use nettraffic_capture::{IpProtocol, TcpFlags, Timestamp};

use super::deadlines::Deadline;
use super::room::Standing;
use crate::conversation::{Conversation, Sighting};
use crate::tcp::TcpTracker;
use crate::{Direction, Flow, FlowConfig, IdleTimeouts};

/// A flow in the table.
#[derive(Clone, Debug)]
pub(super) struct Entry<A> {
    pub(super) conversation: Conversation,
    pub(super) flow: Flow<()>,
    /// The initiator is the low end of the conversation.
    pub(super) upwards: bool,
    pub(super) tcp: TcpTracker,
    /// The clock at its last packet.
    pub(super) touched: Timestamp,
    /// The clock at its record's first packet.
    pub(super) began: Timestamp,
    /// Of its conversation.
    pub(super) hash: u32,
    pub(super) shard: u8,
    pub(super) standing: Standing,
    pub(super) early: Early,
    /// Its record is given out: it waits to be fetched, and takes no more packets.
    pub(super) is_over: bool,
    pub(super) state: A,
}

/// Whether an early report is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Early {
    Awaited,
    Given,
}

/// What happens to a flow when its deadline passes, in the order that counts when several pass at
/// one moment: what has ended does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timeout {
    /// Idle, or closed and done with lingering.
    Silence,
    /// The record is as old as the active timeout.
    Age,
    /// The time of the early report.
    Early,
}

/// The timeouts of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeouts {
    idle: IdleTimeouts,
    active: Duration,
    linger: Duration,
    early: Option<Duration>,
}

impl Timeouts {
    pub(super) fn of(config: &FlowConfig) -> Self {
        Self {
            idle: config.idle_timeouts,
            active: config.active_timeout,
            linger: config.tcp_linger,
            early: config.early.after,
        }
    }

    /// The longest silence that a flow lives through.
    pub(super) fn longest_silence(&self) -> Duration {
        self.idle.longest().max(self.linger)
    }
}

impl<A> Entry<A> {
    /// Which way a packet goes, when it belongs to this flow.
    #[inline]
    pub(super) fn direction_of(&self, sighting: &Sighting) -> Option<Direction> {
        if sighting.conversation != self.conversation || self.is_over {
            return None;
        }
        Some(match sighting.downwards == self.upwards {
            true => Direction::Backward,
            false => Direction::Forward,
        })
    }

    /// A continuation to which no packet has come yet.
    pub(super) fn is_empty(&self) -> bool {
        self.flow.packets() == 0
    }

    /// Something from each part of it that the next packet will need.
    #[inline]
    pub(super) fn glance(&self) -> u64 {
        let flow = &self.flow;
        u64::from(flow.key.initiator_port)
            ^ flow.forward.packets
            ^ flow.backward.packets
            ^ self.touched.as_nanos().cast_unsigned()
            ^ u64::from(self.hash)
    }

    pub(super) fn has_closed(&self) -> bool {
        self.tcp.closed().is_some()
    }

    /// What it deserves now; it never falls back from answered to unanswered.
    #[inline]
    pub(super) fn standing_now(&self) -> Standing {
        if self.has_closed() {
            return Standing::Closed;
        }
        let flow = &self.flow;
        let answered = flow.forward.spoke() && flow.backward.spoke();
        let handshake =
            flow.key.protocol != IpProtocol::TCP || flow.forward.tcp_flags.contains(TcpFlags::ACK);
        match answered && handshake {
            true => self.standing.max(Standing::Answered),
            false => self.standing,
        }
    }

    /// What happens next when no packet comes, and when.
    #[inline]
    pub(super) fn timeout(&self, timeouts: &Timeouts) -> (Timestamp, Timeout) {
        let silence = match self.standing {
            Standing::Closed => timeouts.linger,
            _ => timeouts.idle.of(self.flow.key.protocol),
        };
        let silence = (self.touched.saturating_add(silence), Timeout::Silence);
        if self.is_empty() {
            return silence;
        }
        let age = (self.began.saturating_add(timeouts.active), Timeout::Age);
        let next = silence.min(age);
        match (timeouts.early, self.early) {
            (Some(after), Early::Awaited) => {
                next.min((self.began.saturating_add(after), Timeout::Early))
            }
            _ => next,
        }
    }

    /// The moment of [`Entry::timeout`], with what orders flows of one moment.
    pub(super) fn deadline(&self, timeouts: &Timeouts) -> Deadline {
        Deadline {
            at: self.timeout(timeouts).0,
            sequence: self.flow.sequence,
        }
    }
}
