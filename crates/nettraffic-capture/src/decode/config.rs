//! What decoding does on request.

use crate::Tunnels;

/// How packets are decoded.
///
/// ```
/// use nettraffic_capture::{DecodeConfig, TunnelKind, Tunnels};
///
/// let config = DecodeConfig::default()
///     .with_tunnels(Tunnels::ALL.without(TunnelKind::Teredo))
///     .with_payload_entropy();
/// assert!(config.payload_entropy && !config.checksums);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeConfig {
    /// Tunnels to open; all by default.
    pub tunnels: Tunnels,
    /// Whether the entropy of each payload is computed.
    pub payload_entropy: bool,
    /// Whether checksums are checked. Packets with wrong ones are kept and counted.
    pub checksums: bool,
    /// Whether the fingerprint of each packet is computed, by which copies of it are known.
    pub fingerprints: bool,
}

impl DecodeConfig {
    /// Opens these tunnels.
    #[must_use]
    pub const fn with_tunnels(mut self, tunnels: Tunnels) -> Self {
        self.tunnels = tunnels;
        self
    }

    /// Computes the entropy of each payload.
    #[must_use]
    pub const fn with_payload_entropy(mut self) -> Self {
        self.payload_entropy = true;
        self
    }

    /// Checks checksums.
    #[must_use]
    pub const fn with_checksums(mut self) -> Self {
        self.checksums = true;
        self
    }

    /// Computes the fingerprint of each packet, by which copies of it are known.
    #[must_use]
    pub const fn with_fingerprints(mut self) -> Self {
        self.fingerprints = true;
        self
    }

    /// Whether the bytes are looked at once more when the headers have been decoded.
    #[inline]
    pub(super) const fn looks_at_bytes(&self) -> bool {
        self.payload_entropy || self.checksums || self.fingerprints
    }
}
