//! What a capture may claim before it is believed to be damaged or hostile.

/// Captured bytes of one packet: libpcap's own limit.
pub(crate) const PACKET_LEN: u32 = 262_144;
/// Bytes of one pcapng block.
pub(crate) const BLOCK_LEN: u32 = 16 * 1024 * 1024;
/// Interfaces that one pcapng section may describe.
pub(crate) const INTERFACES: u32 = 4_096;
/// Decompressed bytes per compressed byte ...
pub(crate) const EXPANSION_RATIO: u64 = 200;
/// ... once this many bytes came out.
pub(crate) const EXPANSION_GRACE: u64 = 64 * 1024 * 1024;
/// How far to look for the end of the input when something claims too much, so that a
/// cut file is told from a hostile one.
pub(crate) const END_PROBE: usize = 64 * 1024;
