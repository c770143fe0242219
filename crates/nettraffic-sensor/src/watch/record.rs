//! Writing down what is processed.

use std::io::{self, Write};

use nettraffic_capture::{CaptureWriter, Packet};

/// Writes the packets that are processed, in their order, so that what was said of them can be checked offline.
/// With the first error it ends: a record with a hole would prove nothing.
pub(crate) struct Recorder(Option<CaptureWriter<Box<dyn Write + Send>>>);

impl Recorder {
    pub(crate) fn new(writer: Option<CaptureWriter<Box<dyn Write + Send>>>) -> Self {
        Self(writer)
    }

    /// Writes a packet as it came.
    #[inline]
    pub(crate) fn push(&mut self, packet: &Packet<'_>) -> io::Result<()> {
        let Some(writer) = &mut self.0 else {
            return Ok(());
        };
        writer.write(packet).inspect_err(|_| self.0 = None)
    }

    /// Writes what is left.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.0.map_or(Ok(()), |writer| writer.finish().map(drop))
    }
}
