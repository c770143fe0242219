//! The flow table.

mod clock;
mod deadlines;
mod entry;
mod parts;
mod records;
mod room;
mod shards;
#[cfg(test)]
mod tests;

use nettraffic_capture::{PacketMeta, Timestamp};

use self::clock::{PacketClock, Step};
use self::shards::{LOOKAHEAD, Shards};
use crate::{Accumulate, Flow, FlowConfig, FlowCounters};

pub use self::parts::{Batch, Dealer, TablePart};

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
/// [`Flow::sequence`] where one moment ended several; so those of the present moment come out when
/// it is over. Where the clock steps back, the order begins anew; so does that within a moment, after
/// each 4,096 packets of it, so that memory is bounded in a file without times too. What ends a record:
/// - idle, active and linger timeouts, stamped with the deadline however late it is noticed;
/// - a pure SYN on a TCP connection that has closed, or that was established with another
///   initial sequence number;
/// - a full table: as [`FlowEnd::Evicted`](crate::FlowEnd::Evicted), flows that nobody answered go
///   first while they are a quarter of the table or more; then what has closed, with its own reason,
///   a second after its last packet or while the closed are a quarter of the table or more; then what has been silent longest, as far as is known without looking at all;
/// - [`finish`](Self::finish), and a clock that steps back, which ends what is open as `finish`
///   does.
///
/// A TCP connection that has closed (FIN from both sides, or RST) stays for the linger time
/// after its last packet, so that stragglers join it. A flow that outlives the active
/// timeout, or has 2³² − 1 packets, goes on under the next continuation number, with the same
/// initiator; when nothing follows, nothing more comes out. On request a flow is reported early
/// too ([`EarlyReports`](crate::EarlyReports)), and goes on. Ticks, and how the packets are cut into chunks, change
/// nothing: a tick only brings forward when a record can be had, never what it says, but for
/// the time that stands for a wrong one.
///
/// An ICMP error that quotes a packet of an open flow is counted there ([`Flow::icmp_errors`]) and
/// changes nothing else; other errors are flows of their own, one for each conversation that they
/// are about.
///
/// [`CaptureCounters::JUMP`]: nettraffic_capture::CaptureCounters::JUMP
///
/// # Cost
/// Constant per packet, spread over the packets. Memory is bounded by [`FlowConfig::max_flows`] open flows of
/// [`FLOW_BYTES`](Self::FLOW_BYTES), or by [`FlowConfig::max_bytes`], plus the
/// records that were not yet fetched: pop all of them after each push. A table for 4,096 flows or more
/// has 64 parts, among which conversations are spread by a hash, each with its part of the limit.
#[derive(Clone, Debug)]
pub struct FlowTable<A: Accumulate = ()> {
    clock: PacketClock,
    shards: Shards<A>,
}

impl<A: Accumulate> FlowTable<A> {
    /// Bytes that an open flow takes, places in queues and index included.
    pub const FLOW_BYTES: usize = Shards::<A>::FLOW_BYTES;

    /// An empty table with a fixed hash key: for input that nobody crafts against it.
    #[must_use]
    pub fn new(config: FlowConfig) -> Self {
        Self::with_hash_key(config, 0)
    }

    /// An empty table with this hash key. On a live network take a random one, so that nobody
    /// can choose addresses that collide. The records do not depend on it.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a table has its own configuration"
    )]
    pub fn with_hash_key(config: FlowConfig, key: u64) -> Self {
        Self {
            clock: PacketClock::new(),
            shards: Shards::new(&config, room::shards(&config), key),
        }
    }

    /// Takes in one packet, after ending what its time shows to be over.
    #[inline]
    pub fn push(&mut self, packet: &PacketMeta) {
        let shards = &mut self.shards;
        self.clock.push(packet, &mut |step| shards.step(step));
    }

    /// Takes in packets, exactly as one by one, but faster: what several of them need from memory
    /// is fetched together.
    pub fn push_all(&mut self, packets: &[PacketMeta]) {
        for packets in packets.chunks(LOOKAHEAD) {
            let shards = &mut self.shards;
            shards.look_ahead(packets.iter());

            for (taken, packet) in packets.iter().enumerate() {
                self.clock.push(packet, &mut |step| match step {
                    // One that had to wait is another packet than the one that was looked up.
                    Step::Packet(due, clock) if std::ptr::eq(due, packet) => {
                        shards.advance(clock);
                        shards.take_ahead(due, taken);
                    }
                    step => shards.step(step),
                });
            }
        }
    }

    /// Moves the clock to `time`, unless it is there already: a promise that no packet before
    /// `time` follows. One that does is late, or shows that the clock was wrong.
    pub fn tick(&mut self, time: Timestamp) {
        let shards = &mut self.shards;
        let moved = self.clock.tick(time, &mut |step| shards.step(step));
        if moved {
            self.shards.advance(self.clock.now());
        }
    }

    /// Where the clock stands; [`Timestamp::MIN`] before the first packet. A packet whose time is in doubt has not moved it.
    #[must_use]
    #[inline]
    pub const fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The next record that is ready.
    #[inline]
    pub fn pop(&mut self) -> Option<Flow<A>> {
        self.shards.pop()
    }

    /// The next record that is ready, shown to `look` where it lies in the table: a record with its state
    /// is large, and [`pop`](Self::pop) moves it.
    #[inline]
    pub fn pop_with<R>(&mut self, look: impl FnOnce(&Flow, &A) -> R) -> Option<R> {
        self.shards.pop_with(look)
    }

    /// Ends what is left, each flow as if the clock ran on and nothing followed, at its own deadline:
    /// closed connections with their own reason, others by
    /// [`FlowEnd::EndOfInput`](crate::FlowEnd::EndOfInput). The records come out of [`pop`](Self::pop) one by one, and
    /// each leaves the table only then. The clock is unset; the table may take another capture, of any time,
    /// and goes on counting.
    pub fn finish(&mut self) {
        let shards = &mut self.shards;
        self.clock.settle(&mut |step| shards.step(step));
        self.clock.unset();
        shards.finish();
    }

    /// What was seen and given out so far; what waits to be asked for after [`finish`](Self::finish) is not given out yet.
    #[must_use]
    pub fn counters(&self) -> FlowCounters {
        let mut counters = *self.shards.counters();
        self.clock.count(&mut counters);
        counters
    }

    /// Flows in the table: open ones, closed ones that linger, and those whose record was
    /// given out by the active timeout. At most [`FlowConfig::max_flows`].
    #[must_use]
    pub fn open(&self) -> usize {
        self.shards.open()
    }
}
