//! The public face: rows of features, packet by packet.

use std::sync::Arc;

use nettraffic_capture::PacketMeta;

use super::PacketFeatureConfig;
use super::engine::{Engine, MakeRows};
use super::feature::{Entry, PacketFeature};
use crate::Schema;

/// Features of single packets, for models that score packets: damped statistics of the streams
/// that each packet belongs to, as in Kitsune's AfterImage.
///
/// Take the packets in the order of reading; time is packet time. The row of a packet depends on it and on
/// those before it, on nothing else: the same packets give the same bits on every machine. Every
/// value is finite, whatever the packets and their times are. A packet whose ports are not known, as of ICMP or of a
/// fragment without its first, belongs to the socket of its protocol with ports 0. A packet costs a constant time, and allocates only
/// while streams are opened or `row` has no room.
///
/// ```
/// use nettraffic_capture::{IpProtocol, PacketMeta, Timestamp};
/// use nettraffic_features::{PacketFeatureConfig, PacketFeatures};
///
/// let mut features = PacketFeatures::new(PacketFeatureConfig::default());
/// let (here, there) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
/// let mut row = Vec::new();
/// for seconds in 0..2 {
///     let time = Timestamp::from_seconds(seconds, 0);
///     let mut packet = PacketMeta::new(time, here, there, IpProtocol::UDP);
///     packet.wire_len = 100;
///     row.clear();
///     features.push(&packet, &mut row);
/// }
/// let schema = features.schema();
/// let value = |name| schema.position(name).map(|column| row[column]);
/// // After a second at λ = 1, the first packet counts half.
/// assert_eq!(value("source_weight_1"), Some(1.5));
/// assert_eq!(value("channel_size_mean_1"), Some(100.0));
/// assert_eq!(value("channel_gap_mean_1"), Some(1.0));
/// assert_eq!(features.counters().sockets.open, 1);
/// ```
///
#[doc = include_str!("kitsune.md")]
#[derive(Debug)]
pub struct PacketFeatures {
    schema: Arc<Schema>,
    engine: Box<dyn MakeRows>,
}

impl PacketFeatures {
    /// No packet seen, with a fixed key of the hash tables: right for captures.
    #[must_use]
    pub fn new(config: PacketFeatureConfig) -> Self {
        Self::with_hash_key(config, 0)
    }

    /// With another key of the hash tables. The rows are the same; live, a random key keeps those who choose addresses
    /// from slowing the tables down.
    #[must_use]
    pub fn with_hash_key(config: PacketFeatureConfig, key: u64) -> Self {
        Self {
            schema: Arc::new(schema(config.decay_rates())),
            engine: engine(config, key),
        }
    }

    /// All features, in the order of their columns; each has a column for each decay rate.
    pub fn features() -> impl Iterator<Item = PacketFeature> {
        Entry::<1>::ALL.into_iter().map(|entry| entry.feature)
    }

    /// What the rows are: feature after feature, each at all decay rates.
    #[must_use]
    pub fn schema(&self) -> Arc<Schema> {
        Arc::clone(&self.schema)
    }

    /// Counts a packet in, and appends its row: as many values as the schema has columns, all finite.
    #[inline]
    pub fn push(&mut self, packet: &PacketMeta, row: &mut Vec<f64>) {
        self.engine.push(packet, row);
    }

    /// How many streams there are, and how many were forgotten.
    #[must_use]
    pub fn counters(&self) -> PacketFeatureCounters {
        self.engine.counters()
    }
}

/// The streams of packet features by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PacketFeatureCounters {
    /// Senders.
    pub hosts: StreamCounters,
    /// Pairs of hosts, both ways together.
    pub channels: StreamCounters,
    /// Pairs of hosts with ports and protocol, both ways together.
    pub sockets: StreamCounters,
}

/// Streams of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamCounters {
    /// Kept at the moment.
    pub open: u64,
    /// Forgotten because there were too many; one that comes back counts as new.
    pub evicted: u64,
}

fn schema(rates: &[f64]) -> Schema {
    let columns = PacketFeatures::features()
        .flat_map(|feature| rates.iter().map(move |rate| feature.column(*rate)))
        .collect();
    Schema::new(columns).expect("names of features and rates are unique")
}

/// The engine for as many rates as there are.
fn engine(config: PacketFeatureConfig, key: u64) -> Box<dyn MakeRows> {
    fn of<const N: usize>(
        rates: [f64; N],
        config: PacketFeatureConfig,
        key: u64,
    ) -> Box<dyn MakeRows> {
        Box::new(Engine::new(config, rates, key))
    }
    match *config.decay_rates() {
        [a] => of([a], config, key),
        [a, b] => of([a, b], config, key),
        [a, b, c] => of([a, b, c], config, key),
        [a, b, c, d] => of([a, b, c, d], config, key),
        [a, b, c, d, e] => of([a, b, c, d, e], config, key),
        [a, b, c, d, e, f] => of([a, b, c, d, e, f], config, key),
        [a, b, c, d, e, f, g] => of([a, b, c, d, e, f, g], config, key),
        [a, b, c, d, e, f, g, h] => of([a, b, c, d, e, f, g, h], config, key),
        _ => unreachable!("a configuration has one to eight rates"),
    }
}
