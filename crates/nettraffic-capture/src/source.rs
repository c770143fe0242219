//! Where packets come from.

use crate::{CaptureError, Packet};

/// A lending stream of packets.
///
/// The end of the input is `Ok(None)`. After an error the next call makes progress or
/// ends; it never repeats the error for ever.
pub trait PacketSource {
    /// The next packet, borrowed until the next call.
    ///
    /// # Errors
    /// What is damaged, and where. Every whole packet before the damage has been lent.
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError>;

    /// What has been read so far.
    fn counters(&self) -> CaptureCounters;
}

impl<S: PacketSource + ?Sized> PacketSource for Box<S> {
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        (**self).next_packet()
    }

    fn counters(&self) -> CaptureCounters {
        (**self).counters()
    }
}

/// What a source has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CaptureCounters {
    /// Packets lent.
    pub packets: u64,
    /// Their bytes on the wire, as the capture states them.
    pub wire_bytes: u64,
    /// Their captured bytes.
    pub captured_bytes: u64,
    /// Bytes of the input consumed (after decompression).
    pub input_bytes: u64,
}

impl CaptureCounters {
    /// The sum of both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            packets: self.packets + other.packets,
            wire_bytes: self.wire_bytes + other.wire_bytes,
            captured_bytes: self.captured_bytes + other.captured_bytes,
            input_bytes: self.input_bytes + other.input_bytes,
        }
    }
}
