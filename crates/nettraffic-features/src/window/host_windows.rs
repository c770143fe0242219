//! Records in, facts about their hosts out.

use nettraffic_capture::Timestamp;
use nettraffic_flow::Flow;

use super::config::{WindowConfig, WindowCounters};
use super::connection::Count;
use super::facts::WindowFacts;
use super::key::{ChannelKey, KeyHasher};
use super::recent::Recent;
use super::rhythms::Rhythms;

/// What the hosts and the service of each record did lately: over the last 2 and 60 seconds, over the
/// last 100 connections of each host, and how regularly they talk.
///
/// Records are to come in the order of [`Flow::ended`], as a flow table gives them out; that is
/// also the time at which they count, so a window holds the records that ended less than its length
/// ago: one of exactly 2 or 60 seconds ago has left. Every count is exact. Early records are judged, but not counted; of
/// continuations, the bytes alone are counted. A step back in time forgets everything.
///
/// A record costs constant time, a few hundred nanoseconds, and the memory is bounded, see [`WindowConfig`].
///
/// ```
/// use nettraffic_capture::{IpProtocol, Timestamp};
/// use nettraffic_features::{HostWindows, WindowConfig};
/// use nettraffic_flow::{Flow, FlowKey};
///
/// let mut windows = HostWindows::new(WindowConfig::default());
/// for port in 1..=50 {
///     // A scan: a port each 10 ms, and no answer.
///     let key = FlowKey::new([192, 0, 2, 1].into(), 40_000, [192, 0, 2, 9].into(), port, IpProtocol::TCP);
///     let flow = Flow::new(key, Timestamp::from_nanos(i64::from(port) * 10_000_000), ());
///     let source = windows.observe(&flow).source.two_seconds;
///     assert_eq!(source.services, u32::from(port));
///     assert_eq!(source.tally.failed(), source.tally.connections);
/// }
/// ```
#[derive(Clone, Debug)]
pub struct HostWindows {
    config: WindowConfig,
    hasher: KeyHasher,
    recent: Recent,
    rhythms: Rhythms,
    now: Timestamp,
    counters: WindowCounters,
}

impl HostWindows {
    /// Windows with a fixed hash key: for input that nobody crafts against it.
    #[must_use]
    pub fn new(config: WindowConfig) -> Self {
        Self::with_hash_key(config, 0)
    }

    /// Windows with this hash key, random and secret where the input may be hostile. No result
    /// depends on it.
    #[must_use]
    pub fn with_hash_key(config: WindowConfig, key: u64) -> Self {
        Self {
            hasher: KeyHasher::new(key),
            recent: Recent::new(config.max_connections),
            rhythms: Rhythms::new(config.max_channels),
            now: Timestamp::MIN,
            counters: WindowCounters::default(),
            config,
        }
    }

    /// Takes in a record and tells what its hosts did lately, itself included.
    pub fn observe(&mut self, flow: &Flow) -> WindowFacts {
        self.advance(flow.ended);
        let key = ChannelKey::of(&flow.key);
        let hash = self.hasher.channel(&key);
        let Some(count) = Count::of(flow) else {
            self.counters.not_counted += 1;
            let found = self.recent.find(&self.hasher, &key, hash);
            return WindowFacts {
                rhythm: self.rhythms.get(&key, hash),
                ..self.recent.facts(&found, self.now)
            };
        };
        self.counters.counted += 1;
        let record = (self.now, count, flow.forward.ip_bytes);
        let found = self.recent.add(&self.hasher, (&key, hash), record);
        let rhythm = match count {
            Count::Connection(_) => self.rhythms.add(&key, hash, flow),
            Count::Bytes => self.rhythms.get(&key, hash),
        };
        WindowFacts {
            rhythm,
            ..self.recent.facts(&found, self.now)
        }
    }

    /// What is remembered, and what had to be forgotten.
    #[must_use]
    pub fn counters(&self) -> WindowCounters {
        WindowCounters {
            connections: self.recent.len(),
            shortened: self.counters.shortened + self.recent.shortened(),
            channels: self.rhythms.len(),
            evicted_channels: self.counters.evicted_channels + self.rhythms.evicted(),
            ..self.counters
        }
    }

    fn advance(&mut self, now: Timestamp) {
        if now < self.now {
            self.counters = WindowCounters {
                clock_steps: self.counters.clock_steps + 1,
                ..self.counters()
            };
            self.recent = Recent::new(self.config.max_connections);
            self.rhythms = Rhythms::new(self.config.max_channels);
        }
        self.now = now;
        self.recent.advance(now);
    }
}
