//! The flow table.

mod clock;
mod expiry;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use hashbrown::HashTable;
use nettraffic_capture::{PacketMeta, Timestamp};

use crate::conversation::Conversation;
use crate::hash::{ConversationHasher, spread};
use crate::queues::Queues;
use crate::slab::Slab;
use crate::tcp::TcpTracker;
use crate::{Accumulate, Direction, Flow, FlowConfig, FlowCounters, FlowEnd};

/// Joins packets into flows and gives out a record when a flow ends.
///
/// # Time
/// The clock is the latest packet time or [`tick`](Self::tick) so far. A deadline has passed
/// when the clock is *later* than it: after silence of exactly the idle timeout a packet still
/// joins. Timeouts run from the clock at a packet's arrival, which is the packet's own time
/// unless it is late. A late packet joins its flow but moves no clock back.
///
/// A packet more than a day ([`CaptureCounters::JUMP`]) before or after the clock waits for the
/// next one, or two. Its time is right when the next lies within a day of it, or when two more
/// follow that go on from it and do not come back to the clock. Else it is wrong: it ends
/// nothing, and the clock's stands for it ([`FlowCounters::outlying_packets`]). A right time after
/// the clock is a pause. A right time before it shows that the clock was wrong, be it from the
/// very first packet on: everything open ends, and the clock steps back to it
/// ([`FlowCounters::clock_resets`]). What still waits at the end is taken to be right.
///
/// # Records
/// come out of [`pop`](Self::pop) in the order of [`Flow::ended`], and of
/// [`Flow::sequence`] where one moment ended several; with one exception: where the clock steps
/// back, the order begins anew. What ends a record:
/// - idle, active and linger timeouts, stamped with the deadline however late it is noticed;
/// - a pure SYN on a TCP connection that has closed, or that was established with another
///   initial sequence number: the old record comes out at once;
/// - a full table: a closed flow goes first, with its own reason, else the one that has been
///   silent longest, as [`FlowEnd::Evicted`];
/// - [`finish`](Self::finish), and a clock that steps back, which ends what is open as `finish`
///   does.
///
/// A TCP connection that has closed (FIN from both sides, or RST) stays for the linger time
/// after its last packet, so that stragglers join it. A flow that outlives the active
/// timeout goes on under the next continuation number, with the same initiator; when nothing
/// follows, nothing more comes out. Ticks, and how the packets are cut into chunks, change
/// nothing: a tick only brings forward when a record can be had, never what it says, but for
/// the time that stands for a wrong one.
///
/// [`CaptureCounters::JUMP`]: nettraffic_capture::CaptureCounters::JUMP
///
/// # Cost
/// Constant per packet. Memory is bounded by [`FlowConfig::max_flows`] open flows plus the
/// records that were not yet fetched: pop all of them after each push.
#[derive(Clone, Debug)]
pub struct FlowTable<A: Accumulate = ()> {
    config: FlowConfig,
    hasher: ConversationHasher,
    index: HashTable<Place>,
    entries: Slab<Entry<A>>,
    /// Every entry, by the clock at its last packet: in [`OPEN`] or in [`CLOSED`].
    silence: Queues<2>,
    /// Entries whose record has a packet, by the clock at its first one.
    age: Queues<1>,
    clock: Timestamp,
    /// Packets far from the clock, two at most, until those that follow tell which is right.
    doubted: VecDeque<PacketMeta>,
    /// No deadline lies before this moment.
    next_deadline: Timestamp,
    due: Vec<expiry::Due>,
    ready: VecDeque<Flow<A>>,
    counters: FlowCounters,
}

/// Queues of [`FlowTable::silence`].
const OPEN: usize = 0;
const CLOSED: usize = 1;
/// The queue of [`FlowTable::age`].
const AGE: usize = 0;

/// Where to find a flow, with the hash of its conversation.
#[derive(Clone, Copy, Debug)]
struct Place {
    hash: u32,
    slot: u32,
}

#[derive(Clone, Debug)]
struct Entry<A> {
    flow: Flow<()>,
    tcp: TcpTracker,
    hash: u32,
    state: A,
}

impl<A> Entry<A> {
    /// A continuation to which no packet has come yet.
    fn is_empty(&self) -> bool {
        self.flow.packets() == 0
    }

    fn silence_queue(&self) -> usize {
        match self.tcp.closed() {
            Some(_) => CLOSED,
            None => OPEN,
        }
    }
}

impl<A: Accumulate> FlowTable<A> {
    /// An empty table with a fixed hash key: for input that nobody crafts against it.
    #[must_use]
    pub fn new(config: FlowConfig) -> Self {
        Self::with_hash_key(config, 0)
    }

    /// An empty table with this hash key. On a live network take a random one, so that nobody
    /// can choose addresses that collide. The records do not depend on it.
    #[must_use]
    pub fn with_hash_key(config: FlowConfig, key: u64) -> Self {
        Self {
            config,
            hasher: ConversationHasher::new(key),
            index: HashTable::new(),
            entries: Slab::new(),
            silence: Queues::new(),
            age: Queues::new(),
            clock: Timestamp::MIN,
            doubted: VecDeque::new(),
            next_deadline: Timestamp::MAX,
            due: Vec::new(),
            ready: VecDeque::new(),
            counters: FlowCounters::default(),
        }
    }

    /// Takes in one packet, after ending what its time shows to be over.
    pub fn push(&mut self, packet: &PacketMeta) {
        if self.is_far(packet.timestamp) || !self.doubted.is_empty() {
            return self.push_doubted(packet);
        }
        self.take(packet);
    }

    fn take(&mut self, packet: &PacketMeta) {
        if packet.timestamp < self.clock {
            self.counters.late_packets += 1;
        } else {
            self.advance_clock(packet.timestamp);
        }
        let conversation = match Conversation::of(packet) {
            Ok(conversation) => conversation,
            Err(reason) => return self.counters.count_not_a_flow(reason),
        };
        self.counters.packets_in_flows += 1;
        let hash = self.hasher.hash(&conversation);
        match self.find(&conversation, hash) {
            Some((slot, direction)) if !self.is_replaced_by(packet, slot, direction) => {
                self.join(slot, packet, direction);
            }
            Some((slot, _)) => {
                self.end_now(slot, FlowEnd::Replaced);
                self.open_flow(packet, &conversation, hash);
            }
            None => {
                self.make_room();
                self.open_flow(packet, &conversation, hash);
            }
        }
    }

    /// Moves the clock to `time`, unless it is there already: a promise that no packet before
    /// `time` follows. One that does is late, or shows that the clock was wrong.
    pub fn tick(&mut self, time: Timestamp) {
        if time > self.clock {
            self.judge_by_tick(time);
            self.advance_clock(time);
        }
    }

    /// The next record that is ready.
    pub fn pop(&mut self) -> Option<Flow<A>> {
        self.ready.pop_front()
    }

    /// Ends what is left, in the order of the records' first packets: closed connections with
    /// their own reason, others by [`FlowEnd::EndOfInput`]. The table is then empty and its
    /// clock unset; it may take another capture, of any time, and goes on counting.
    pub fn finish(&mut self) {
        self.judge_at_end();
        self.end_all();
    }

    /// What was seen and given out so far. Records count when they become ready.
    #[must_use]
    pub const fn counters(&self) -> &FlowCounters {
        &self.counters
    }

    /// Flows in the table: open ones, closed ones that linger, and those whose record was
    /// given out by the active timeout. At most [`FlowConfig::max_flows`].
    #[must_use]
    pub fn open(&self) -> usize {
        self.entries.len()
    }

    fn find(&self, conversation: &Conversation, hash: u32) -> Option<(u32, Direction)> {
        let direction_at = |slot| {
            let flow = &self.entries.get(slot)?.flow;
            conversation.direction_in(&flow.key, flow.evidence)
        };
        let found = self.index.find(spread(hash), |place| {
            place.hash == hash && direction_at(place.slot).is_some()
        })?;
        Some((found.slot, direction_at(found.slot)?))
    }

    fn is_replaced_by(&self, packet: &PacketMeta, slot: u32, direction: Direction) -> bool {
        match (packet.tcp(), self.entries.get(slot)) {
            (Some(tcp), Some(entry)) => entry.tcp.is_replaced_by(tcp, direction),
            _ => false,
        }
    }

    fn open_flow(&mut self, packet: &PacketMeta, conversation: &Conversation, hash: u32) {
        let (key, evidence, direction) = conversation.open(&packet.transport);
        let mut flow = Flow::new(key, packet.timestamp, ());
        flow.evidence = evidence;
        let slot = self.entries.insert(Entry {
            flow,
            tcp: TcpTracker::default(),
            hash,
            state: A::default(),
        });
        self.index
            .insert_unique(spread(hash), Place { hash, slot }, |place| {
                spread(place.hash)
            });
        self.counters.opened += 1;
        self.silence.push_back(OPEN, slot, self.clock);
        self.expect_deadline(self.config.idle_timeout);
        self.join(slot, packet, direction);
    }

    fn join(&mut self, slot: u32, packet: &PacketMeta, direction: Direction) {
        let Some(entry) = self.entries.get_mut(slot) else {
            return;
        };
        let flow = &mut entry.flow;
        let begins_record = flow.packets() == 0;
        if begins_record {
            flow.first = packet.timestamp;
            flow.last = packet.timestamp;
            flow.sequence = packet.sequence;
            self.counters.continuations += u64::from(flow.continuation > 0);
        }
        entry.state.update(packet, direction, flow);
        flow.last = flow.last.max(packet.timestamp);
        flow.sender_and_receiver(direction).0.count(packet);
        let was_closed = entry.tcp.closed().is_some();
        if let Some(tcp) = packet.tcp() {
            entry.tcp.observe(tcp, direction, flow);
        }
        if entry.tcp.closed().is_some() && !was_closed {
            self.silence.remove(OPEN, slot);
            self.silence.push_back(CLOSED, slot, self.clock);
            self.expect_deadline(self.config.tcp_linger);
        } else {
            let queue = entry.silence_queue();
            self.silence.move_to_back(queue, slot, self.clock);
        }
        if begins_record {
            self.age.push_back(AGE, slot, self.clock);
            self.expect_deadline(self.config.active_timeout);
        }
    }

    fn make_room(&mut self) {
        let limit = self.config.max_flows.clamp(1, Slab::<Entry<A>>::MAX_LEN);
        while self.entries.len() >= limit {
            let stalest = self.silence.front(CLOSED);
            let Some((slot, _)) = stalest.or_else(|| self.silence.front(OPEN)) else {
                return;
            };
            self.counters.evicted += 1;
            self.end_now(slot, FlowEnd::Evicted);
        }
    }
}
