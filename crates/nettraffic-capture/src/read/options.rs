//! How captures are read.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use super::limits::ReadLimits;
use super::reader::Reader;
use crate::error::Fault;
use crate::{CaptureError, CaptureErrorKind, PacketSource};

/// How captures are read: what they may claim, and what happens behind damage.
///
/// ```
/// use nettraffic_capture::{PacketSource, ReadOptions};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mut file = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0];
/// # for second in 1..9 {
/// #     file.extend([second, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 60, 0, 0, 0, 1, 2, 3, 4]);
/// # }
/// # file[24 + 20 + 8..][..4].fill(0xff); // the second record's length
/// let mut source = ReadOptions::new()
///     .with_recovery(true)
///     .from_reader("disk image", &file[..])?; // or .open("broken.pcap")?
/// loop {
///     match source.next_packet() {
///         Ok(Some(packet)) => println!("{} {} bytes", packet.timestamp, packet.wire_len),
///         Ok(None) => break,
///         Err(damage) => eprintln!("{damage}"), // told once, then reading goes on behind it
///     }
/// }
/// assert_eq!(source.counters().resynchronisations, 1);
/// # assert_eq!(source.counters().packets, 7);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    limits: ReadLimits,
    recovery: bool,
}

impl ReadOptions {
    /// The default limits; damage that hides where the next record begins ends a capture.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Other limits on what a capture may claim.
    #[must_use]
    pub fn with_limits(mut self, limits: ReadLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Whether to search, behind a damaged record, for the next one that is plausible.
    ///
    /// The damage is reported in any case, once. The search goes up to 1 MiB far and takes
    /// several headers that follow one another, near in time, for a record that is sound;
    /// [`CaptureCounters`](crate::CaptureCounters) tells how often that happened and how many
    /// bytes were passed over. What was passed over may have held packets, and what was found
    /// may be a capture inside a packet's payload: for rescuing, not for exact work.
    #[must_use]
    pub fn with_recovery(mut self, recovery: bool) -> Self {
        self.recovery = recovery;
        self
    }

    /// Opens a capture file as [`open`](crate::open) does.
    ///
    /// # Errors
    /// When the file cannot be opened or read, or is not a capture (the error says what it is).
    pub fn open(
        &self,
        path: impl AsRef<Path>,
    ) -> Result<Box<dyn PacketSource + Send>, CaptureError> {
        Ok(Box::new(self.open_reader(path.as_ref())?))
    }

    /// Reads a capture from bytes as [`from_reader`](crate::from_reader) does.
    ///
    /// # Errors
    /// When the input cannot be read or is not a capture.
    pub fn from_reader<'a>(
        &self,
        name: impl AsRef<Path>,
        input: impl Read + Send + 'a,
    ) -> Result<Box<dyn PacketSource + Send + 'a>, CaptureError> {
        let reader = Reader::new(name.as_ref(), Box::new(input), self)?;
        Ok(Box::new(reader))
    }

    pub(crate) fn open_reader(&self, path: &Path) -> Result<Reader<'static>, CaptureError> {
        if path == Path::new("-") {
            return Reader::new(path, Box::new(io::stdin()), self);
        }
        match File::open(path) {
            Ok(file) => Reader::new(path, Box::new(file), self),
            Err(error) => Err(CaptureError::opening(
                Arc::from(path),
                Fault::fatal(0, CaptureErrorKind::Io(error)),
                false,
            )),
        }
    }

    pub(crate) fn limits(&self) -> &ReadLimits {
        &self.limits
    }

    pub(crate) fn recovery(&self) -> bool {
        self.recovery
    }
}
