//! TCP as a mirror port sees it: handshakes, segments, delayed ACKs, losses and closes.

mod close;
mod open;
mod transfer;
mod write;

pub(crate) use open::Opening;

use super::{CLIENT, Conversation, Side, Step};
use crate::rng::Rng;
use crate::time::{MICRO, MILLI};
use crate::wire::{Frame, Message, tcp_flag};
use crate::world::{Endpoint, Host, Stack};
use std::collections::VecDeque;

/// One connection, planned a burst at a time from the script that its application follows.
///
/// `now` is the time at the capture point up to which everything is planned: no packet planned
/// later is earlier, so what is due up to `now` may leave.
pub(crate) struct Tcp {
    ends: [Endpoint; 2],
    stacks: [Stack; 2],
    /// Time from a packet passing the capture point until its answer by that side passes.
    turn: [u64; 2],
    /// The same at the moment: it changes slowly, or packets would overtake each other.
    turn_now: [u64; 2],
    ns_per_byte: f64,
    loss: f64,
    steps: Box<dyn Iterator<Item = Step> + Send>,
    rng: Rng,

    now: u64,
    over: bool,
    plan: VecDeque<Segment>,
    /// Sequence number each side sends next.
    sequence: [u32; 2],
    /// Sequence number each side expects next, which it acknowledges.
    expected: [u32; 2],
    unacknowledged: [u8; 2],
    /// When a delayed ACK will be sent, and by whom, unless data takes it along.
    ack_due: Option<(u64, Side)>,
    window: [usize; 2],
    last_speaker: Side,
    latest: [u64; 2],

    message: Message,
    sender: Side,
    sent: usize,
    writer: write::State,
}

/// One planned packet.
#[derive(Clone, Copy, Debug)]
struct Segment {
    at: u64,
    sequence: u32,
    acknowledgment: u32,
    /// Where its payload begins in the current message.
    offset: usize,
    len: u16,
    from: u8,
    flags: u8,
}

const INITIAL_WINDOW: usize = 10;

impl Tcp {
    /// A connection from `client` to `server` that opens at `at` as `opening` says and then follows `steps`.
    pub(crate) fn new(
        at: u64,
        [client, server]: [&Host; 2],
        ends: [Endpoint; 2],
        opening: Opening,
        rng: Rng,
        steps: impl Iterator<Item = Step> + Send + 'static,
    ) -> Self {
        let mut rng = rng;
        let turn = [client, server].map(|host| rng.around(host.distance, 0.1));
        let sequence = [rng.bits() as u32, rng.bits() as u32];
        let stacks = [client.stack, server.stack];
        let mut tcp = Self {
            ends,
            stacks,
            turn,
            turn_now: turn,
            ns_per_byte: client.ns_per_byte.max(server.ns_per_byte),
            loss: 0.0,
            steps: Box::new(steps),
            now: at,
            over: false,
            plan: VecDeque::new(),
            sequence,
            expected: [0, sequence[0]],
            unacknowledged: [0; 2],
            ack_due: None,
            window: [INITIAL_WINDOW; 2],
            last_speaker: CLIENT,
            latest: [0; 2],
            message: Message::default(),
            sender: CLIENT,
            sent: 0,
            writer: write::State::new(&mut rng, stacks, ends[0].ip.is_ipv6()),
            rng,
        };
        tcp.open(opening);
        tcp
    }

    /// Loses this share of the data segments somewhere on the way.
    pub(crate) fn losing(mut self, share: f64) -> Self {
        self.loss = share;
        self
    }

    /// Sends no faster than this.
    pub(crate) fn at_most(mut self, bytes_per_second: f64) -> Self {
        self.ns_per_byte = self.ns_per_byte.max(1e9 / bytes_per_second);
        self
    }

    /// Plans further: the next burst of the message being sent, or the next step.
    fn plan_more(&mut self) {
        self.turn_now = self.turn.map(|turn| self.rng.around(turn, 0.08));
        if self.sent < self.message.len() {
            return self.burst();
        }
        match self.steps.next() {
            Some(Step::Wait(time)) => {
                self.now += time;
                self.flush_ack(self.now);
            }
            Some(Step::Say(side, message)) => self.say(side, message),
            Some(Step::Close(ending)) => self.close(ending),
            None => self.fall_silent(),
        }
    }

    fn fall_silent(&mut self) {
        self.flush_ack(u64::MAX);
        self.over = true;
    }

    /// Sends the delayed ACK if it falls due by `until`.
    fn flush_ack(&mut self, until: u64) {
        if let Some((due, side)) = self.ack_due.filter(|(due, _)| *due <= until) {
            self.ack(side, due);
        }
    }

    fn ack(&mut self, side: Side, at: u64) -> u64 {
        if self.ack_due.is_some_and(|(_, waiting)| waiting == side) {
            self.ack_due = None;
        }
        self.unacknowledged[side] = 0;
        self.push(side, at, tcp_flag::ACK, self.sequence[side], 0, 0)
    }

    /// When `side` can react to what passed the capture point at `at`.
    fn reaction(&mut self, side: Side, at: u64) -> u64 {
        at + self.turn_now[side] + self.rng.between(2 * MICRO, 30 * MICRO)
    }

    /// Plans a packet, not before the same side's packet before it; returns its time.
    fn push(
        &mut self,
        side: Side,
        at: u64,
        flags: u8,
        sequence: u32,
        offset: usize,
        len: usize,
    ) -> u64 {
        let at = at.max(self.latest[side] + MICRO);
        self.latest[side] = at;
        let acknowledgment = if flags & tcp_flag::ACK == 0 {
            0
        } else {
            self.expected[side]
        };
        let from = side as u8;
        let segment = Segment {
            at,
            sequence,
            acknowledgment,
            offset,
            len: len as u16,
            from,
            flags,
        };
        if self.plan.back().is_none_or(|last| last.at <= at) {
            self.plan.push_back(segment);
        } else {
            let position = self.plan.partition_point(|other| other.at <= at);
            self.plan.insert(position, segment);
        }
        at
    }

    fn ack_delay(&mut self, side: Side) -> u64 {
        match self.stacks[side] {
            Stack::Linux => 40 * MILLI,
            Stack::Windows => self.rng.between(50 * MILLI, 200 * MILLI),
        }
    }
}

impl Conversation for Tcp {
    fn next_time(&mut self) -> Option<u64> {
        while !self.over
            && self
                .plan
                .front()
                .is_none_or(|segment| segment.at > self.now)
        {
            self.plan_more();
        }
        self.plan.front().map(|segment| segment.at)
    }

    fn write_next(&mut self, frame: &mut Frame) {
        let Some(segment) = self.plan.pop_front() else {
            return;
        };
        self.writer
            .write(frame, &self.ends, &segment, &self.message);
    }
}
