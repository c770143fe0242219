//! The last packets, kept for a look at what happened around an alert.

mod bytes;
mod config;
mod extract;
#[cfg(test)]
mod tests;

pub use config::{Keep, PacketRingConfig, PacketRingCounters};
pub use extract::{Extracted, Wanted, Who};

use nettraffic_capture::{Packet, Timestamp};

use self::bytes::ByteRing;

/// The last packets in one piece of memory of fixed size: their headers alone, unless payload is asked for.
///
/// Feeding it allocates nothing. What is older than the time to keep goes, and what there is no room for.
///
/// ```
/// use nettraffic_capture::{LinkType, Packet, Timestamp};
/// use nettraffic_sensor::{PacketRing, PacketRingConfig, Wanted, Who};
///
/// let mut ring = PacketRing::new(PacketRingConfig::default().with_bytes(1 << 20));
/// let data = b"\x45\0\0\x21\0\0\0\0\x40\x11\0\0\x0a\0\0\x01\x0a\0\0\x02\x30\x39\0\x35\0\x0d\0\0query";
/// ring.push(&Packet::new(Timestamp::from_seconds(5, 0), LinkType::RAW, data));
///
/// let wanted = Wanted::new(Who::Hosts([[10, 0, 0, 1].into()].into()));
/// let mut capture = Vec::new();
/// let extracted = ring.extract(&wanted, &mut capture)?;
/// assert_eq!(extracted.packets, 1);
/// assert!(!capture.windows(5).any(|bytes| bytes == b"query"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct PacketRing {
    config: PacketRingConfig,
    ring: ByteRing,
    /// The time of the oldest packet.
    oldest: Timestamp,
    /// The latest time of a packet that went.
    gone_until: Option<Timestamp>,
    counters: PacketRingCounters,
}

impl PacketRing {
    /// An empty ring; its memory is taken now.
    #[must_use]
    pub fn new(config: PacketRingConfig) -> Self {
        Self {
            ring: ByteRing::new(config.bytes),
            config,
            oldest: Timestamp::MIN,
            gone_until: None,
            counters: PacketRingCounters::default(),
        }
    }

    /// Takes in a packet, cut to what is kept.
    pub fn push(&mut self, packet: &Packet<'_>) {
        self.push_at(packet, packet.timestamp);
    }

    /// Takes in a packet at `now` in packet time, which is another than its own where that is wrong.
    pub fn push_at(&mut self, packet: &Packet<'_>, now: Timestamp) {
        self.counters.pushed += 1;
        let kept = match self.config.keep {
            Keep::Headers => packet.cut_to_headers(),
            Keep::Payload => *packet,
        };
        let kept = kept.cut_to(self.config.most_bytes_each);
        while !self.ring.is_empty() && self.is_old(now) {
            self.forget();
            self.counters.expired += 1;
        }
        let was_empty = self.ring.is_empty();
        while !self.ring.push(&kept) {
            if self.ring.is_empty() {
                self.counters.too_large += 1;
                return;
            }
            self.forget();
            self.counters.overwritten += 1;
        }
        if was_empty || self.ring.len() == 1 {
            self.oldest = packet.timestamp;
        }
    }

    /// What became of the packets.
    #[must_use]
    pub fn counters(&self) -> PacketRingCounters {
        PacketRingCounters {
            held: self.ring.len(),
            ..self.counters
        }
    }

    /// The packets, the oldest first.
    fn packets(&self) -> impl Iterator<Item = Packet<'_>> {
        self.ring.iter()
    }

    /// Whether the oldest is. Where the clock stepped, what lies as far ahead is no use either.
    fn is_old(&self, now: Timestamp) -> bool {
        let age = now.saturating_since(self.oldest);
        age.max(self.oldest.saturating_since(now)) > self.config.time
    }

    fn forget(&mut self) {
        self.gone_until = self.gone_until.max(Some(self.oldest));
        self.ring.pop();
        if let Some(next) = self.ring.oldest() {
            self.oldest = next;
        }
    }
}
