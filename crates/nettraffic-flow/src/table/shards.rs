//! Flows and what packets do to them, under a clock that is told.

mod ending;

use hashbrown::HashTable;
use nettraffic_capture::{PacketMeta, Timestamp};

use super::clock::Step;
use super::deadlines::Deadlines;
use super::entry::{Early, Entry, Timeouts};
use super::records::Records;
use super::room::{Room, Standing};
use crate::conversation::{Conversation, Identity, Sighting, icmp_header, quoted_by};
use crate::hash::{ConversationHasher, keyless_hash, spread};
use crate::slab::Slab;
use crate::tcp::{TcpFacts, TcpTracker};
use crate::{Accumulate, Direction, Flow, FlowConfig, FlowCounters, FlowEnd, History, NotAFlow};

/// Some of the logical shards of a flow table, or all of them.
#[derive(Clone, Debug)]
pub(super) struct Shards<A> {
    identity: Identity,
    timeouts: Timeouts,
    early_packets: u64,
    hasher: ConversationHasher,
    index: HashTable<Place>,
    entries: Slab<Entry<A>>,
    deadlines: Deadlines,
    room: Room,
    clock: Timestamp,
    /// Entries that are over.
    records: Records,
    /// The input is over: what is left leaves record by record, as it is asked for.
    ending: bool,
    counters: FlowCounters,
    lookups: Vec<Result<Lookup, NotAFlow>>,
    glances: u64,
}

/// Where to find a flow, with the hash of its conversation.
#[derive(Clone, Copy, Debug)]
struct Place {
    hash: u32,
    slot: u32,
}

/// A packet's conversation, its hash, and the slot where its flow may be.
#[derive(Clone, Copy, Debug)]
struct Lookup {
    sighting: Sighting,
    hash: u32,
    slot: u32,
}

/// A slot that no flow has.
const NO_SLOT: u32 = u32::MAX;

/// A record ends by its count of packets before one of its counters of 32 bits could overflow.
const MOST_PACKETS: u64 = u32::MAX as u64;

/// Packets that are looked up together.
pub(super) const LOOKAHEAD: usize = 16;

impl<A: Accumulate> Shards<A> {
    /// Bytes that a flow takes: its entry, two nodes, its place in the index.
    pub(super) const FLOW_BYTES: usize = size_of::<Option<Entry<A>>>() + 16 + 12 + 20;

    pub(super) fn new(config: &FlowConfig, shards: usize, hash_key: u64) -> Self {
        let timeouts = Timeouts::of(config);
        let by_bytes = (config.max_bytes).map_or(usize::MAX, |bytes| bytes / Self::FLOW_BYTES);
        let limit = (config.max_flows.min(by_bytes)).clamp(1, Slab::<Entry<A>>::MAX_LEN);
        Self {
            identity: Identity::of(config),
            early_packets: config.early.packets.unwrap_or(u64::MAX),
            hasher: ConversationHasher::new(hash_key),
            index: HashTable::new(),
            entries: Slab::new(),
            deadlines: Deadlines::new(timeouts.longest_silence()),
            timeouts,
            room: Room::new(shards, limit),
            clock: Timestamp::MIN,
            records: Records::new(),
            ending: false,
            counters: FlowCounters::default(),
            lookups: Vec::new(),
            glances: 0,
        }
    }

    /// Does what follows from a packet or a tick.
    #[inline]
    pub(super) fn step(&mut self, step: Step<'_>) {
        self.end_the_last();
        match step {
            Step::Packet(packet, clock) => {
                self.advance(clock);
                self.take(packet);
            }
            Step::Reset => self.end_all(),
            Step::Crowd => self.release(),
        }
    }

    /// Moves the clock on, and ends what that shows to be over.
    #[inline]
    pub(super) fn advance(&mut self, clock: Timestamp) {
        if clock > self.clock {
            self.clock = clock;
            if self.deadlines.may_be_due(clock) {
                self.expire();
            }
            self.records.move_on(clock);
        }
    }

    /// Takes in a packet; the clock stands at its time, or later.
    #[inline]
    pub(super) fn take(&mut self, packet: &PacketMeta) {
        match self.look_up(packet) {
            Ok(lookup) => self.take_looked_up(packet, &lookup),
            Err(reason) => self.counters.count_not_a_flow(reason),
        }
    }

    /// Looks up what packets that follow will need: their ways to memory then overlap.
    pub(super) fn look_ahead<'a>(&mut self, packets: impl Iterator<Item = &'a PacketMeta>) {
        self.end_the_last();
        self.lookups.clear();
        for packet in packets {
            let lookup = self.look_up(packet);
            self.lookups.push(lookup);
        }
        // In loops of their own, so short that many of their waits for memory overlap.
        for lookup in self.lookups.iter_mut().flatten() {
            let hash = lookup.hash;
            let found = self.index.find(spread(hash), |place| place.hash == hash);
            lookup.slot = found.map_or(NO_SLOT, |place| place.slot);
        }
        for lookup in self.lookups.iter().flatten() {
            if let Some(entry) = self.entries.get(lookup.slot) {
                self.glances = self.glances.wrapping_add(entry.glance());
            }
        }
    }

    /// Takes in a packet that was looked up, the `at`th of them.
    #[inline]
    pub(super) fn take_ahead(&mut self, packet: &PacketMeta, at: usize) {
        match self.lookups.get(at) {
            Some(Ok(lookup)) => {
                let lookup = *lookup;
                self.take_looked_up(packet, &lookup);
            }
            Some(Err(reason)) => self.counters.count_not_a_flow(*reason),
            None => self.take(packet),
        }
    }

    /// Readies the records of the present moment, though others of it may follow.
    pub(super) fn release(&mut self) {
        self.records.release();
    }

    pub(super) const fn counters(&self) -> &FlowCounters {
        &self.counters
    }

    pub(super) fn open(&self) -> usize {
        self.entries.len() - self.records.len()
    }

    #[inline]
    fn look_up(&self, packet: &PacketMeta) -> Result<Lookup, NotAFlow> {
        let sighting = Sighting::of(packet, self.identity)?;
        Ok(Lookup {
            hash: self.hasher.hash(&sighting.conversation),
            sighting,
            slot: NO_SLOT,
        })
    }

    #[inline]
    fn take_looked_up(&mut self, packet: &PacketMeta, lookup: &Lookup) {
        self.counters.packets_in_flows += 1;
        let sighting = &lookup.sighting;
        if sighting.conversation.about != 0 && self.join_as_error(packet) {
            return;
        }
        let hinted = self.entries.get(lookup.slot);
        let hinted = hinted.and_then(|entry| entry.direction_of(sighting));
        let found = match hinted {
            Some(direction) => Some((lookup.slot, direction)),
            None => self.find(sighting, lookup.hash),
        };
        match found {
            Some((slot, direction)) if !self.is_replaced_by(packet, slot, direction) => {
                self.join(slot, packet, direction);
            }
            Some((slot, _)) => {
                self.end_now(slot, FlowEnd::Replaced);
                self.open_flow(packet, lookup);
            }
            None => self.open_flow(packet, lookup),
        }
    }

    fn find(&self, sighting: &Sighting, hash: u32) -> Option<(u32, Direction)> {
        let slot = self.slot_of(&sighting.conversation, hash)?;
        let direction = self.entries.get(slot)?.direction_of(sighting)?;
        Some((slot, direction))
    }

    fn slot_of(&self, conversation: &Conversation, hash: u32) -> Option<u32> {
        let is_it = |place: &Place| {
            let entry = self.entries.get(place.slot);
            place.hash == hash && entry.is_some_and(|entry| entry.conversation == *conversation)
        };
        Some(self.index.find(spread(hash), is_it)?.slot)
    }

    #[inline]
    fn is_replaced_by(&self, packet: &PacketMeta, slot: u32, direction: Direction) -> bool {
        let Some(tcp) = packet.tcp() else {
            return false;
        };
        let entry = self.entries.get(slot);
        entry.is_some_and(|entry| entry.tcp.is_replaced_by(tcp, direction))
    }

    /// Counts an ICMP error for the flow that it is about, where that is in the table.
    fn join_as_error(&mut self, packet: &PacketMeta) -> bool {
        let quoted = quoted_by(packet, self.identity);
        let (Some(quoted), Some(icmp)) = (quoted, icmp_header(packet)) else {
            return false;
        };
        let Some(slot) = self.slot_of(&quoted, self.hasher.hash(&quoted)) else {
            return false;
        };
        match self.entries.get_mut(slot) {
            Some(entry) if !entry.is_empty() => {
                entry.flow.icmp_errors.add(packet, icmp);
                true
            }
            _ => false,
        }
    }

    fn open_flow(&mut self, packet: &PacketMeta, lookup: &Lookup) {
        let Lookup { sighting, hash, .. } = *lookup;
        let shard = shard(&sighting.conversation, self.room.shards());
        self.make_room(shard);
        let (key, evidence, direction) = sighting.open(packet, self.identity);
        let mut flow = Flow::new(key, packet.timestamp, ());
        flow.evidence = evidence;
        if direction == Direction::Backward {
            flow.history = History::flipped();
        }
        let slot = self.entries.insert(Entry {
            conversation: sighting.conversation,
            upwards: sighting.downwards == (direction == Direction::Backward),
            flow,
            tcp: TcpTracker::default(),
            touched: self.clock,
            began: self.clock,
            hash,
            shard,
            standing: Standing::Unanswered,
            early: Early::Awaited,
            is_over: false,
            state: A::default(),
        });
        self.index
            .insert_unique(spread(hash), Place { hash, slot }, |place| {
                spread(place.hash)
            });
        self.room
            .enter(slot, shard, Standing::Unanswered, self.clock);
        self.counters.opened += 1;
        self.join(slot, packet, direction);
    }

    #[inline]
    fn join(&mut self, slot: u32, packet: &PacketMeta, direction: Direction) {
        let Some(entry) = self.entries.get_mut(slot) else {
            return;
        };
        let flow = &mut entry.flow;
        entry.touched = self.clock;
        let begins_record = flow.packets() == 0;
        if begins_record {
            flow.first = packet.timestamp;
            flow.last = packet.timestamp;
            flow.sequence = packet.sequence;
            flow.vlan = packet.vlan;
            entry.began = self.clock;
            self.counters.continuations += u64::from(flow.continuation > 0);
        }
        entry.state.update(packet, direction, flow);
        flow.last = flow.last.max(packet.timestamp);
        flow.sender_and_receiver(direction).0.count(packet);
        let facts = match packet.tcp() {
            Some(tcp) => entry.tcp.observe(tcp, packet.payload_len, direction, flow),
            None => TcpFacts::default(),
        };
        flow.history.observe(packet, direction, facts);
        self.counters.refused_resets += u64::from(facts.contains(TcpFacts::REFUSED_RESET));
        let packets = flow.packets();
        let entry_early = entry.early;
        let standing = entry.standing_now();
        let was = std::mem::replace(&mut entry.standing, standing);
        let shard = entry.shard;
        if standing != was {
            self.room.leave(slot, shard, was);
            self.room.enter(slot, shard, standing, self.clock);
        } else if self.room.is_nearly_full(shard) {
            self.room.see(slot, shard, standing, self.clock);
        }
        // Deadlines that come nearer are filed; those that were put off wait for their turn.
        if begins_record || standing == Standing::Closed && was != Standing::Closed {
            self.file(slot);
        }
        if packets >= self.early_packets && entry_early == Early::Awaited || packets >= MOST_PACKETS
        {
            self.report_by_count(slot, packets);
        }
    }

    #[cold]
    fn report_by_count(&mut self, slot: u32, packets: u64) {
        if packets >= self.early_packets {
            self.report_early(slot, self.clock);
        }
        if packets >= MOST_PACKETS {
            self.split(slot, self.clock);
        }
    }

    /// Files a slot by its deadline.
    fn file(&mut self, slot: u32) {
        if let Some(entry) = self.entries.get(slot) {
            let deadline = entry.deadline(&self.timeouts);
            self.deadlines.file(slot, deadline, self.clock);
        }
    }

    fn make_room(&mut self, shard: u8) {
        while self.room.is_full(shard) {
            let entries = &self.entries;
            let last_seen = |slot| entries.get(slot).map(|entry| entry.touched);
            let Some(slot) = self.room.victim(shard, self.clock, last_seen) else {
                return;
            };
            self.counters.evicted += 1;
            self.end_now(slot, FlowEnd::Evicted);
        }
    }
}

/// The logical shard of a conversation, which nobody's key decides; that of an ICMP error is the
/// shard of what it is about.
pub(super) fn shard(conversation: &Conversation, shards: usize) -> u8 {
    let hash = match conversation.about {
        0 => keyless_hash(conversation),
        about => about,
    };
    (hash % shards.max(1) as u64) as u8
}
