//! Captures in which packets lie twice or in disorder.

mod config;
mod copies;
mod counters;
mod sorting;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use nettraffic_capture::{PacketMeta, Timestamp};

pub use config::TidyConfig;
use copies::Copies;
pub use counters::TidyCounters;
use sorting::Sorting;

/// Drops copies of packets and puts packets in order, before a [`FlowTable`](crate::FlowTable) sees
/// them.
///
/// A mirror port may give a packet twice, where it comes in and where it goes out, perhaps on
/// either side of a router; and captures that were put together without care, or a card with
/// several queues, give packets in disorder. Both make wrong flows: packets count twice and look
/// like retransmissions, answers come before questions.
///
/// # Copies
/// Two packets less than [`TidyConfig::copy_window`] apart are like each other when they have the
/// same [fingerprint](PacketMeta::fingerprint), which the decoder computes on request (a packet
/// without one, ARP messages among them, is no copy), and the same addresses, ports, lengths and
/// tunnel. The first is kept. Of those that follow, these are copies:
/// - at another place (with another time to live, or in another VLAN), as many as were kept;
/// - at the same place every second one, where the sender gives each packet something of its own:
///   an IPv4 identification, or TCP sequence numbers. Else (pure acknowledgements, resets,
///   datagrams and echoes without an identification) the sender may well have repeated it, and it
///   is kept.
///
/// A retransmission under a new identification is never a copy, one byte for byte alike is none
/// after the window. A flood of one packet under one identification loses half of itself.
///
/// # Order
/// Packets are held back for [`TidyConfig::sorting_window`] of packet time, and come out in the
/// order of time, then of [sequence](PacketMeta::sequence). One that comes later than that is given
/// out at once, as late: the table copes with it. A packet more than a day from the latest one
/// keeps its place in the order of reading, for the table to judge its time; after two of them in a
/// row all that was held is given out, and the order begins anew. Fragments are joined in decoding,
/// so before their order is restored.
///
/// Ticks, and how the packets are cut into chunks, change nothing, unless the limit of packets
/// bites. Nor does the hash key.
///
/// # Cost
/// Constant per packet, logarithmic for one that comes after a later one. Memory is bounded by
/// [`TidyConfig::max_packets`] held and as many remembered, plus those not yet fetched: pop all of
/// them after each push.
///
/// ```
/// use nettraffic_capture::{Fingerprint, IpProtocol, PacketMeta, Timestamp};
/// use nettraffic_flow::{Tidy, TidyConfig};
/// use std::time::Duration;
///
/// let (client, server) = ([192, 0, 2, 1].into(), [192, 0, 2, 53].into());
/// let packet = |millis: i64, id, ttl| {
///     let time = Timestamp::from_nanos(millis * 1_000_000);
///     let mut packet = PacketMeta::new(time, client, server, IpProtocol::UDP);
///     packet.ttl = ttl;
///     let header = [0x45, 0, 0, 20, 0, id, 0, 0, ttl, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 53];
///     packet.fingerprint = Fingerprint::of(&header);
///     packet
/// };
/// let config = TidyConfig::default()
///     .without_copies()
///     .with_sorting_window(Duration::from_millis(50));
/// let mut tidy = Tidy::new(config);
/// // The second was also seen behind a router, and the first comes last.
/// for packet in [packet(20, 2, 64), packet(21, 2, 63), packet(10, 1, 64)] {
///     tidy.push(&packet);
/// }
/// tidy.finish();
/// let mut times = Vec::new();
/// while let Some(packet) = tidy.pop() {
///     times.push(packet.timestamp.as_nanos() / 1_000_000);
/// }
/// assert_eq!(times, [10, 20]);
/// assert_eq!((tidy.counters().copies, tidy.counters().reordered), (1, 1));
/// ```
#[derive(Clone, Debug)]
pub struct Tidy {
    sorting: Option<Sorting>,
    rest: Rest,
    packets: u64,
}

/// What comes behind the sorting.
#[derive(Clone, Debug)]
struct Rest {
    copies: Option<Copies>,
    ready: VecDeque<PacketMeta>,
    given_out: u64,
}

impl Rest {
    fn take(&mut self, packet: &PacketMeta) {
        if let Some(copies) = &mut self.copies
            && copies.is_copy(packet)
        {
            return;
        }
        self.given_out += 1;
        self.ready.push_back(*packet);
    }
}

impl Tidy {
    /// Nothing seen yet, with a fixed hash key: for input that nobody crafts against it.
    #[must_use]
    pub fn new(config: TidyConfig) -> Self {
        Self::with_hash_key(config, 0)
    }

    /// The same with this hash key. On a live network take a random one, so that nobody can choose
    /// packets that collide.
    #[must_use]
    pub fn with_hash_key(config: TidyConfig, key: u64) -> Self {
        let limit = config.max_packets;
        let sorting = |window| Sorting::new(window, limit);
        let copies = |window| Copies::new(window, limit, key);
        Self {
            sorting: config.sorting_window.map(sorting),
            rest: Rest {
                copies: config.copy_window.map(copies),
                ready: VecDeque::new(),
                given_out: 0,
            },
            packets: 0,
        }
    }

    /// Takes in one packet, in the order of reading.
    pub fn push(&mut self, packet: &PacketMeta) {
        self.packets += 1;
        let rest = &mut self.rest;
        match &mut self.sorting {
            Some(sorting) => sorting.push(packet, &mut |packet| rest.take(packet)),
            None => rest.take(packet),
        }
    }

    /// A promise that no packet before `time` follows: gives out what waits for one. A packet that
    /// comes all the same is late.
    pub fn tick(&mut self, time: Timestamp) {
        let rest = &mut self.rest;
        if let Some(sorting) = &mut self.sorting {
            sorting.tick(time, &mut |packet| rest.take(packet));
        }
    }

    /// The next packet that is ready.
    pub fn pop(&mut self) -> Option<PacketMeta> {
        self.rest.ready.pop_front()
    }

    /// Gives out what is left. Another capture, of any time, may follow; the counters go on.
    pub fn finish(&mut self) {
        let rest = &mut self.rest;
        if let Some(sorting) = &mut self.sorting {
            sorting.finish(&mut |packet| rest.take(packet));
        }
        if let Some(copies) = &mut self.rest.copies {
            copies.clear();
        }
    }

    /// What was done so far.
    #[must_use]
    pub fn counters(&self) -> TidyCounters {
        let mut counters = TidyCounters {
            packets: self.packets,
            given_out: self.rest.given_out,
            ..TidyCounters::default()
        };
        if let Some(copies) = &self.rest.copies {
            counters.copies = copies.found;
            counters.forgotten = copies.forgotten;
        }
        if let Some(sorting) = &self.sorting {
            counters.held = sorting.len() as u64;
            counters.reordered = sorting.reordered;
            counters.late = sorting.late;
            counters.crowded_out = sorting.crowded_out;
        }
        counters
    }
}
