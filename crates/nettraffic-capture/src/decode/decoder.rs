//! Decoding with a memory and an account.

use super::config::DecodeConfig;
use super::fragments::FragmentTable;
use super::walk;
use crate::{DecodeCounters, Filter, Packet, PacketMeta, Skip};

/// Decodes packet after packet: remembers the first fragments of packets, and counts what becomes
/// of everything.
///
/// ```
/// use nettraffic_capture::{DecodeConfig, Decoder, LinkType, Packet, Skip, Timestamp};
///
/// let mut decoder = Decoder::new(DecodeConfig::default());
/// let packet = Packet::new(Timestamp::default(), LinkType::ETHERNET, &[0; 9]);
/// assert_eq!(decoder.decode(&packet), Err(Skip::LinkHeaderCut));
/// assert_eq!(decoder.counters().skipped(Skip::LinkHeaderCut), 1);
/// ```
#[derive(Debug, Default)]
pub struct Decoder {
    config: DecodeConfig,
    filter: Option<Filter>,
    fragments: FragmentTable,
    counters: DecodeCounters,
}

impl Decoder {
    /// A decoder that has seen nothing yet.
    #[must_use]
    pub fn new(config: DecodeConfig) -> Self {
        Self {
            config,
            ..Self::default()
        }
    }

    /// Lets through only packets that `filter` matches; the others are skipped as
    /// [`Skip::Filtered`]. It is asked of the decoded packet, so of the one inside a tunnel.
    #[must_use]
    pub fn with_filter(mut self, filter: Filter) -> Self {
        self.filter = Some(filter);
        self
    }

    /// Computes the fingerprint of each packet too, whatever the configuration says.
    #[must_use]
    pub fn with_fingerprints(mut self) -> Self {
        self.config = self.config.with_fingerprints();
        self
    }

    /// Decodes in another way from now on; what is remembered and counted stays.
    pub fn reconfigure(&mut self, config: DecodeConfig) {
        self.config = config;
    }

    /// Decodes the headers of one packet and counts the outcome: no allocation except for the
    /// fragments that are remembered, nothing kept of the packet. What is decoded and how, see
    /// [`decode`](crate::decode).
    ///
    /// # Errors
    /// Why the packet is not one that can be told from others; see [`Skip`].
    #[inline]
    pub fn decode(&mut self, packet: &Packet<'_>) -> Result<PacketMeta, Skip> {
        let mut decoded = walk::decode(packet, &self.config, &mut self.fragments);
        if let (Some(filter), Ok(meta)) = (&self.filter, &decoded)
            && !filter.matches(meta)
        {
            decoded = Err(Skip::Filtered);
        }
        self.counters.record(&decoded);
        if decoded == Err(Skip::LinkType) {
            self.counters.record_link_type(packet.link_type);
        }
        decoded
    }

    /// The account of all packets so far.
    #[must_use]
    pub fn counters(&self) -> DecodeCounters {
        let mut counters = self.counters.clone();
        counters.fragments = self.fragments.counters();
        counters
    }
}
