//! How much of how many packets is kept.

use std::time::Duration;

use nettraffic_capture::DecodeConfig;
use serde::Serialize;

/// Bounds of a [`PacketRing`](crate::PacketRing).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PacketRingConfig {
    /// Memory that it takes (64 MiB: about 800,000 headers).
    pub bytes: usize,
    /// Packet time after which a packet goes (5 minutes).
    pub time: Duration,
    /// What of a packet is kept.
    pub keep: Keep,
    /// Bytes of a packet that are kept at most (256).
    pub most_bytes_each: usize,
    /// How packets are decoded when some are looked for; as for the detector, so that both mean the same hosts.
    pub decode: DecodeConfig,
}

/// What of a packet is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Keep {
    /// Its headers, up to the end of the innermost transport header.
    #[default]
    Headers,
    /// Payload too.
    Payload,
}

impl Default for PacketRingConfig {
    fn default() -> Self {
        Self {
            bytes: 64 << 20,
            time: Duration::from_secs(300),
            keep: Keep::Headers,
            most_bytes_each: 256,
            decode: DecodeConfig::default(),
        }
    }
}

impl PacketRingConfig {
    /// With another size.
    #[must_use]
    pub fn with_bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// With another time.
    #[must_use]
    pub fn with_time(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// With this of each packet, so many bytes at most.
    #[must_use]
    pub fn keeping(mut self, keep: Keep, most_bytes_each: usize) -> Self {
        self.keep = keep;
        self.most_bytes_each = most_bytes_each;
        self
    }

    /// With another way of decoding.
    #[must_use]
    pub fn with_decode_config(mut self, decode: DecodeConfig) -> Self {
        self.decode = decode;
        self
    }
}

/// What became of packets: `pushed = held + expired + overwritten + too_large`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PacketRingCounters {
    /// All that came.
    pub pushed: u64,
    /// Those that are there.
    pub held: u64,
    /// Those that were older than is kept.
    pub expired: u64,
    /// Those that had to make room.
    pub overwritten: u64,
    /// Those that are larger than the ring.
    pub too_large: u64,
}
