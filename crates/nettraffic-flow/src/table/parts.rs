//! A flow table in parts, each for a thread of its own.

use nettraffic_capture::{PacketMeta, Timestamp};

use super::clock::{PacketClock, Step};
use super::room;
use super::shards::{Shards, shard};
use crate::conversation::{Identity, Sighting};
use crate::{Accumulate, Flow, FlowConfig, FlowCounters};

/// Deals packets to the parts of a flow table: those of a conversation always to the same part, and
/// each with the time at which the one table would take it.
///
/// The parts then give out the records that a [`FlowTable`](crate::FlowTable) of the same configuration
/// gives out; brought into the order of [`Flow::order`], batch for batch, they come in its order too.
///
/// ```
/// use nettraffic_capture::PacketMeta;
/// use nettraffic_flow::{Dealer, Flow, FlowConfig, FlowTable, TablePart};
///
/// let config = FlowConfig::default();
/// let mut dealer = Dealer::new(&config, 2);
/// let mut parts = [(); 2].map(|()| TablePart::<()>::new(&config, 0));
/// let mut records = Vec::new();
/// dealer.push_all(&[PacketMeta::default()]);
/// dealer.finish();
/// while let Some(batches) = dealer.pop() {
///     let before = records.len();
///     for (part, batch) in parts.iter_mut().zip(&batches) {
///         part.take(batch);
///         records.extend(std::iter::from_fn(|| part.pop()));
///     }
///     records[before..].sort_by_key(Flow::order);
/// }
/// assert_eq!(records.len(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct Dealer {
    clock: PacketClock,
    identity: Identity,
    shards: usize,
    /// What is being filled.
    open: Batches,
    /// Full ones, in their order.
    ready: std::collections::VecDeque<Vec<Batch>>,
}

/// What the parts of a table are to do next: one batch for each.
#[derive(Clone, Debug)]
struct Batches {
    parts: Vec<Batch>,
    packets: usize,
}

/// Packets for one part of a flow table.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    packets: Vec<(PacketMeta, Timestamp)>,
    /// Where the clock of all parts stands after them.
    clock: Timestamp,
    then: Then,
}

/// What happens after the packets of a batch.
#[derive(Clone, Copy, Debug, Default)]
enum Then {
    /// It goes on.
    #[default]
    GoOn,
    /// Records of the present moment wait no longer: there are many packets of it.
    Release,
    /// All flows end: the input is over, or the clock steps back.
    EndAll,
}

/// Packets in a batch, on average of the parts.
const PACKETS: usize = 256;

impl Dealer {
    /// Deals to this many parts, at least one.
    #[must_use]
    pub fn new(config: &FlowConfig, parts: usize) -> Self {
        Self {
            clock: PacketClock::new(),
            identity: Identity::of(config),
            shards: room::shards(config),
            open: Batches {
                parts: vec![Batch::default(); parts.max(1)],
                packets: 0,
            },
            ready: std::collections::VecDeque::new(),
        }
    }

    /// Takes in packets.
    pub fn push_all(&mut self, packets: &[PacketMeta]) {
        for packet in packets {
            self.step(|clock, step| clock.push(packet, step));
            if self.open.packets >= PACKETS * self.open.parts.len() {
                self.close(self.clock.now(), Then::GoOn);
            }
        }
    }

    /// Promises that no packet before `time` follows; see [`FlowTable::tick`](crate::FlowTable::tick).
    pub fn tick(&mut self, time: Timestamp) {
        self.step(|clock, step| {
            clock.tick(time, step);
        });
        self.close(self.clock.now(), Then::GoOn);
    }

    /// Ends all flows.
    pub fn finish(&mut self) {
        let last = self.step(|clock, step| {
            clock.settle(step);
            let last = clock.now();
            clock.unset();
            last
        });
        self.close(last, Then::EndAll);
    }

    /// The next batches, one for each part.
    pub fn pop(&mut self) -> Option<Vec<Batch>> {
        self.ready.pop_front()
    }

    /// What the packets said of the time; the rest is counted by the parts.
    #[must_use]
    pub fn counters(&self) -> FlowCounters {
        let mut counters = FlowCounters::default();
        self.clock.count(&mut counters);
        counters
    }

    fn step<T>(
        &mut self,
        advance: impl FnOnce(&mut PacketClock, &mut dyn FnMut(Step<'_>)) -> T,
    ) -> T {
        let Self {
            clock,
            identity,
            shards,
            open,
            ready,
        } = self;
        let mut last = clock.now();
        advance(clock, &mut |step| match step {
            Step::Packet(packet, clock) => {
                last = clock;
                open.deal(packet, clock, *identity, *shards);
            }
            Step::Reset => ready.push_back(open.close(last, Then::EndAll)),
            Step::Crowd => ready.push_back(open.close(last, Then::Release)),
        })
    }

    fn close(&mut self, clock: Timestamp, then: Then) {
        self.ready.push_back(self.open.close(clock, then));
    }
}

impl Batches {
    fn deal(&mut self, packet: &PacketMeta, clock: Timestamp, identity: Identity, shards: usize) {
        // What is no flow is counted by the first part.
        let shard = Sighting::of(packet, identity)
            .map_or(0, |sighting| shard(&sighting.conversation, shards));
        let part = usize::from(shard) % self.parts.len();
        self.parts[part].packets.push((*packet, clock));
        self.packets += 1;
    }

    fn close(&mut self, clock: Timestamp, then: Then) -> Vec<Batch> {
        self.packets = 0;
        let empty = Batch {
            packets: Vec::with_capacity(PACKETS * 5 / 4),
            ..Batch::default()
        };
        let next = vec![empty; self.parts.len()];
        let mut full = std::mem::replace(&mut self.parts, next);
        for batch in &mut full {
            batch.clock = clock;
            batch.then = then;
        }
        full
    }
}

/// One part of a flow table: some of its logical shards, with their part of its limits.
#[derive(Clone, Debug)]
pub struct TablePart<A: Accumulate = ()> {
    shards: Shards<A>,
}

impl<A: Accumulate> TablePart<A> {
    /// An empty part of a table of this configuration and hash key; see
    /// [`FlowTable::with_hash_key`](crate::FlowTable::with_hash_key).
    #[must_use]
    pub fn new(config: &FlowConfig, key: u64) -> Self {
        Self {
            shards: Shards::new(config, room::shards(config), key),
        }
    }

    /// Takes in a batch. All records that end before the batch's end are ready then.
    pub fn take(&mut self, batch: &Batch) {
        for packets in batch.packets.chunks(super::LOOKAHEAD) {
            self.shards
                .look_ahead(packets.iter().map(|(packet, _)| packet));
            for (place, (packet, clock)) in packets.iter().enumerate() {
                self.shards.advance(*clock);
                self.shards.take_ahead(packet, place);
            }
        }
        self.shards.advance(batch.clock);
        match batch.then {
            Then::GoOn => {}
            Then::Release => self.shards.release(),
            Then::EndAll => self.shards.finish(),
        }
    }

    /// The next record that is ready.
    pub fn pop(&mut self) -> Option<Flow<A>> {
        self.shards.pop()
    }

    /// The next record that is ready, where it lies; see [`FlowTable::pop_with`](crate::FlowTable::pop_with).
    pub fn pop_with<R>(&mut self, look: impl FnOnce(&Flow, &A) -> R) -> Option<R> {
        self.shards.pop_with(look)
    }

    /// What became of the packets that were dealt to it.
    #[must_use]
    pub const fn counters(&self) -> &FlowCounters {
        self.shards.counters()
    }
}
