//! Opening captures in the default way.

use std::io::Read;
use std::path::Path;

use super::options::ReadOptions;
use crate::{CaptureError, PacketSource};

/// Opens a capture file; `-` is standard input.
///
/// The format is found by its first bytes, never by its name: pcap (micro- and nanosecond,
/// modified, either byte order), pcapng, and gzip, zstd or xz streams of these. Memory stays
/// constant whatever the size: one buffer, which grows to the longest record (a packet may have
/// 262,144 captured bytes, a pcapng block 16 MiB), and the window of the decompression (64 MiB
/// at most). Packets borrow from it; nothing is copied. [`ReadOptions`] sets other limits. That
/// is for one capture; [`CaptureSet`](crate::CaptureSet) tells what many at once need.
///
/// # Errors
/// When the file cannot be opened or read, or is not a capture (the error says what it is).
pub fn open(path: impl AsRef<Path>) -> Result<Box<dyn PacketSource + Send>, CaptureError> {
    ReadOptions::new().open(path)
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
    ReadOptions::new().from_reader(name, input)
}
