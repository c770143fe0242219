//! From packets to rows, for a number of decay rates that the compiler knows.

use std::fmt::Debug;

use nettraffic_capture::PacketMeta;

use super::clock::StreamClock;
use super::feature::Entry;
use super::key::{ChannelKey, HostKey, KeyHasher, Keys, SocketKey};
use super::moments::{DampedMoments, Damping};
use super::pair::{BothWays, Pair, Way};
use super::statistics::{Exchange, Own, Statistics};
use super::streams::Streams;
use super::{PacketFeatureConfig, PacketFeatureCounters};

/// An engine for some number of decay rates.
pub(super) trait MakeRows: Debug + Send + Sync {
    /// Counts a packet in, and appends its row.
    fn push(&mut self, packet: &PacketMeta, row: &mut Vec<f64>);

    /// What was kept and what was forgotten.
    fn counters(&self) -> PacketFeatureCounters;
}

/// The streams of all packets so far, at `N` decay rates.
///
/// All rates of a stream lie side by side, and `N` is known to the compiler: it can work on
/// several at once, and nothing is looked up more than once.
#[derive(Debug)]
pub(super) struct Engine<const N: usize> {
    config: PacketFeatureConfig,
    hasher: KeyHasher,
    /// Per nanosecond.
    rates: [f64; N],
    hosts: Streams<HostKey, Host<N>>,
    channels: Streams<ChannelKey, Channel<N>>,
    sockets: Streams<SocketKey, Socket<N>>,
}

#[derive(Clone, Copy, Debug)]
struct Host<const N: usize> {
    clock: StreamClock,
    sizes: DampedMoments<N>,
}

#[derive(Clone, Copy, Debug)]
struct Channel<const N: usize> {
    clock: StreamClock,
    pair: Pair<N>,
    gaps: BothWays<Gaps<N>>,
}

#[derive(Clone, Copy, Debug)]
struct Gaps<const N: usize> {
    /// None before the first packet of this way.
    clock: Option<StreamClock>,
    moments: DampedMoments<N>,
}

#[derive(Clone, Copy, Debug)]
struct Socket<const N: usize> {
    clock: StreamClock,
    pair: Pair<N>,
}

impl<const N: usize> Engine<N> {
    pub(super) fn new(config: PacketFeatureConfig, rates: [f64; N], hash_key: u64) -> Self {
        let limit = config.max_streams;
        Self {
            config,
            hasher: KeyHasher::new(hash_key),
            rates: rates.map(|rate| rate / 1e9),
            hosts: Streams::new(limit),
            channels: Streams::new(limit),
            sockets: Streams::new(limit),
        }
    }

    #[inline]
    fn count(&mut self, packet: &PacketMeta) -> Statistics<N> {
        let keys = Keys::of(packet, &self.config);
        let clock = StreamClock::new(packet.timestamp);

        let hash = self.hasher.host(&keys.host);
        let host = self.hosts.get_or_open(&keys.host, hash, || Host {
            clock,
            sizes: DampedMoments::NONE,
        });
        host.push(packet, &self.rates);

        let hash = self.hasher.channel(&keys.channel);
        let channel = self.channels.get_or_open(&keys.channel, hash, || Channel {
            clock,
            pair: Pair::NEW,
            gaps: BothWays::new(Gaps {
                clock: None,
                moments: DampedMoments::NONE,
            }),
        });
        channel.push(packet, keys.channel_way, &self.rates);

        let hash = self.hasher.socket(&keys.socket);
        let socket = self.sockets.get_or_open(&keys.socket, hash, || Socket {
            clock,
            pair: Pair::NEW,
        });
        socket.push(packet, keys.socket_way, &self.rates);

        let (gaps, _) = channel.gaps.own_and_opposite(keys.channel_way);
        Statistics {
            source: Own::of(&host.sizes),
            channel: Exchange::of(&channel.pair, keys.channel_way),
            gap: Own::of(&gaps.moments),
            socket: Exchange::of(&socket.pair, keys.socket_way),
        }
    }
}

impl<const N: usize> MakeRows for Engine<N> {
    fn push(&mut self, packet: &PacketMeta, row: &mut Vec<f64>) {
        let statistics = self.count(packet);
        row.reserve(Entry::<N>::ALL.len() * N);
        for entry in &Entry::<N>::ALL {
            row.extend_from_slice((entry.values)(&statistics));
        }
    }

    fn counters(&self) -> PacketFeatureCounters {
        PacketFeatureCounters {
            hosts: self.hosts.counters(),
            channels: self.channels.counters(),
            sockets: self.sockets.counters(),
        }
    }
}

impl<const N: usize> Host<N> {
    #[inline]
    fn push(&mut self, packet: &PacketMeta, rates: &[f64; N]) {
        let elapsed = self.clock.advance(packet.timestamp);
        self.sizes.damp(&Damping::after(elapsed, rates));
        self.sizes.add(size(packet));
    }
}

impl<const N: usize> Channel<N> {
    #[inline]
    fn push(&mut self, packet: &PacketMeta, way: Way, rates: &[f64; N]) {
        let elapsed = self.clock.advance(packet.timestamp);
        let damping = Damping::after(elapsed, rates);
        self.pair.push(way, size(packet), &damping);

        let (own, opposite) = self.gaps.own_and_opposite_mut(way);
        own.moments.damp(&damping);
        opposite.moments.damp(&damping);
        match &mut own.clock {
            Some(clock) => {
                let gap = clock.advance(packet.timestamp);
                own.moments.add(gap as f64 / 1e9);
            }
            first => *first = Some(StreamClock::new(packet.timestamp)),
        }
    }
}

impl<const N: usize> Socket<N> {
    #[inline]
    fn push(&mut self, packet: &PacketMeta, way: Way, rates: &[f64; N]) {
        let elapsed = self.clock.advance(packet.timestamp);
        self.pair
            .push(way, size(packet), &Damping::after(elapsed, rates));
    }
}

/// Bytes on the wire, as Kitsune counts them.
fn size(packet: &PacketMeta) -> f64 {
    f64::from(packet.wire_len)
}
