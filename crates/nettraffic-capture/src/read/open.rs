//! Opening captures.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use super::reader::Reader;
use crate::error::Fault;
use crate::{CaptureError, CaptureErrorKind, PacketSource};

/// Opens a capture file; `-` is standard input.
///
/// The format is found by its first bytes, never by its name: pcap (micro- and nanosecond,
/// modified, either byte order), pcapng, and gzip of these. Memory stays constant whatever
/// the size: one buffer, which grows to the longest record (a packet may have 262,144
/// captured bytes, a pcapng block 16 MiB). Packets borrow from it; nothing is copied.
///
/// # Errors
/// When the file cannot be opened or read, or is not a capture (the error says what it is).
pub fn open(path: impl AsRef<Path>) -> Result<Box<dyn PacketSource + Send>, CaptureError> {
    Ok(Box::new(open_reader(path.as_ref())?))
}

/// Reads a capture from anything that reads bytes, such as a pipe or a slice; `name` stands
/// for the file in errors. What [`open`] says about formats and memory holds here too.
///
/// # Errors
/// When the input cannot be read or is not a capture.
///
/// ```
/// let capture: &[u8] = b"not a capture";
/// let error = nettraffic_capture::from_reader("upload", capture).err().unwrap();
/// assert!(error.to_string().ends_with("but text"));
/// ```
pub fn from_reader<'a>(
    name: impl AsRef<Path>,
    input: impl Read + Send + 'a,
) -> Result<Box<dyn PacketSource + Send + 'a>, CaptureError> {
    Ok(Box::new(Reader::new(name.as_ref(), Box::new(input))?))
}

pub(crate) fn open_reader(path: &Path) -> Result<Reader<'static>, CaptureError> {
    if path == Path::new("-") {
        return Reader::new(path, Box::new(io::stdin()));
    }
    match File::open(path) {
        Ok(file) => Reader::new(path, Box::new(file)),
        Err(error) => Err(CaptureError::opening(
            Arc::from(path),
            Fault::fatal(0, CaptureErrorKind::Io(error)),
            false,
        )),
    }
}
