//! What a capture may claim before it is believed to be damaged or hostile.

/// Limits on what a capture may claim.
///
/// The defaults are far above what sound captures hold.
///
/// ```
/// use nettraffic_capture::{ReadLimits, ReadOptions};
///
/// // Archives made with `zstd --long=27` need a window of 128 MiB.
/// let limits = ReadLimits::default().with_window_len(128 << 20);
/// let options = ReadOptions::new().with_limits(limits);
/// # let _ = options;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadLimits {
    /// Captured bytes of one packet; 262,144, libpcap's own limit.
    pub packet_len: u32,
    /// Bytes of one pcapng block; 16 MiB.
    pub block_len: u32,
    /// Interfaces that one pcapng section may describe; 4,096.
    pub interfaces: u32,
    /// Decompressed bytes per compressed byte, once [`ReadLimits::expansion_grace`] bytes came
    /// out; 200.
    pub expansion_ratio: u64,
    /// Decompressed bytes before the ratio is looked at; 64 MiB.
    pub expansion_grace: u64,
    /// Bytes of the window (zstd) or dictionary (xz, to within 256 KiB) that decompression may
    /// need; 64 MiB.
    pub window_len: u64,
}

impl ReadLimits {
    /// Accepts packets of up to so many captured bytes.
    #[must_use]
    pub fn with_packet_len(mut self, bytes: u32) -> Self {
        self.packet_len = bytes;
        self
    }

    /// Accepts pcapng blocks of up to so many bytes.
    #[must_use]
    pub fn with_block_len(mut self, bytes: u32) -> Self {
        self.block_len = bytes;
        self
    }

    /// Accepts up to so many interfaces in a pcapng section.
    #[must_use]
    pub fn with_interfaces(mut self, interfaces: u32) -> Self {
        self.interfaces = interfaces;
        self
    }

    /// Accepts `ratio` decompressed bytes per compressed byte, whatever the ratio of the first
    /// `grace` of them.
    #[must_use]
    pub fn with_expansion(mut self, ratio: u64, grace: u64) -> Self {
        self.expansion_ratio = ratio;
        self.expansion_grace = grace;
        self
    }

    /// Accepts compressed captures that need a window or dictionary of so many bytes.
    #[must_use]
    pub fn with_window_len(mut self, bytes: u64) -> Self {
        self.window_len = bytes;
        self
    }
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self {
            packet_len: 262_144,
            block_len: 16 << 20,
            interfaces: 4_096,
            expansion_ratio: 200,
            expansion_grace: 64 << 20,
            window_len: 64 << 20,
        }
    }
}
