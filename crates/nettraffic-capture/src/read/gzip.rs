//! Gzip: decompression as a stream, within reason.

use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use super::limits;
use crate::CaptureErrorKind;

/// What one `read` asks of the decompressor: at a damaged place the output of the same
/// call is lost, so calls are short.
const STEP: usize = 4 * 1024;

/// Whether a stream that begins with `magic` is gzip.
pub(crate) fn recognises(magic: [u8; 4]) -> bool {
    matches!(magic, [0x1f, 0x8b, 8, _])
}

/// The decompressed bytes of all members of a gzip stream.
pub(crate) struct Gunzip<'a> {
    decoder: MultiGzDecoder<BufReader<Counted<'a>>>,
    compressed: Arc<AtomicU64>,
    decompressed: u64,
    /// Bytes that may come out before the ratio is looked at.
    grace: u64,
}

/// Counts what is read of the compressed stream.
struct Counted<'a> {
    input: Box<dyn Read + Send + 'a>,
    read: Arc<AtomicU64>,
}

impl<'a> Gunzip<'a> {
    pub(crate) fn new(input: Box<dyn Read + Send + 'a>) -> Self {
        let compressed = Arc::new(AtomicU64::new(0));
        let read = Arc::clone(&compressed);
        Self {
            decoder: MultiGzDecoder::new(BufReader::with_capacity(
                64 * 1024,
                Counted { input, read },
            )),
            compressed,
            decompressed: 0,
            grace: limits::EXPANSION_GRACE,
        }
    }
}

impl Read for Gunzip<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let compressed = self.compressed.load(Ordering::Relaxed);
        if self.decompressed > self.grace
            && self.decompressed / limits::EXPANSION_RATIO > compressed
        {
            return Err(io::Error::other(Failure::Expansion));
        }
        let len = room.len().min(STEP);
        let step = room.get_mut(..len).unwrap_or_default();
        match self.decoder.read(step) {
            Ok(read) => {
                self.decompressed += read as u64;
                Ok(read)
            }
            Err(error) => Err(match error.kind() {
                io::ErrorKind::Interrupted => error,
                // What the disk reports is no fault of the compression.
                io::ErrorKind::InvalidInput
                | io::ErrorKind::InvalidData
                | io::ErrorKind::UnexpectedEof => io::Error::other(Failure::Damaged(error)),
                _ => error,
            }),
        }
    }
}

impl Read for Counted<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(room)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// What [`Gunzip`] reports through `io::Error`.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Damaged(io::Error),
    #[error("expands too much")]
    Expansion,
}

/// The kind of a failure to read: the input's own, or one of [`Gunzip`].
pub(crate) fn kind_of(error: io::Error) -> CaptureErrorKind {
    match error.downcast::<Failure>() {
        Ok(Failure::Damaged(error)) => CaptureErrorKind::Compression { error },
        Ok(Failure::Expansion) => CaptureErrorKind::Expansion {
            ratio: limits::EXPANSION_RATIO,
        },
        Err(error) => CaptureErrorKind::Io(error),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    /// How much comes out of `len` equal bytes, and what ends it.
    fn expand(len: usize, grace: u64) -> (usize, Option<CaptureErrorKind>) {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&vec![0; len]).unwrap();
        let packed = encoder.finish().unwrap();
        let mut gunzip = Gunzip::new(Box::new(io::Cursor::new(packed)));
        gunzip.grace = grace;
        let mut out = Vec::new();
        let end = gunzip.read_to_end(&mut out).err().map(kind_of);
        (out.len(), end)
    }

    #[test]
    fn data_that_expand_beyond_reason_are_stopped_early() {
        let (out, end) = expand(3_000_000, 100_000);
        assert!(matches!(
            end,
            Some(CaptureErrorKind::Expansion { ratio: 200 })
        ));
        assert!(out < 1_000_000, "{out}");
    }

    #[test]
    fn small_captures_may_expand_as_they_like() {
        let (out, end) = expand(3_000_000, limits::EXPANSION_GRACE);
        assert_eq!(out, 3_000_000);
        assert!(end.is_none());
    }
}
