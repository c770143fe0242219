//! Compressed captures: decompression as a stream, within reason.
//!
//! What a stream costs is bounded here, once for every format: the window that it may ask
//! for, and how far it may expand. What comes out before a damaged place is handed on before
//! the damage is reported.

mod gzip;
#[cfg(feature = "xz")]
mod xz;
#[cfg(feature = "zstd")]
mod zstd;

use std::io::{self, Read};

use super::limits::ReadLimits;
use super::window::Window;
use crate::CaptureErrorKind;
use crate::error::Fault;

/// A format of compressed streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    Gzip,
    Xz,
    Zstd,
}

impl Compression {
    /// The format of a stream that begins with `magic`.
    pub(crate) fn recognise(magic: [u8; 4]) -> Option<Self> {
        match magic {
            [0x1f, 0x8b, 8, _] => Some(Self::Gzip),
            [0xfd, b'7', b'z', b'X'] => Some(Self::Xz),
            // A frame, or one that is to be skipped.
            [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Whether a stream may ask for a window of up to [`ReadLimits::window_len`]; those of gzip
    /// have 32 KiB.
    pub(crate) fn may_ask_for_window(self) -> bool {
        match self {
            Self::Gzip => false,
            Self::Xz | Self::Zstd => true,
        }
    }

    #[cfg_attr(
        not(any(feature = "xz", feature = "zstd")),
        expect(unused_variables, reason = "gzip needs no limit: its window is 32 KiB")
    )]
    fn codec(self, limits: &ReadLimits) -> Result<Box<dyn Codec>, CaptureErrorKind> {
        match self {
            Self::Gzip => Ok(Box::new(gzip::Gzip::new())),
            #[cfg(feature = "xz")]
            Self::Xz => Ok(Box::new(xz::Xz::new(limits.window_len)?)),
            #[cfg(not(feature = "xz"))]
            Self::Xz => Err(CaptureErrorKind::MissingFeature { feature: "xz" }),
            #[cfg(feature = "zstd")]
            Self::Zstd => Ok(Box::new(zstd::Zstd::new(limits.window_len)?)),
            #[cfg(not(feature = "zstd"))]
            Self::Zstd => Err(CaptureErrorKind::MissingFeature { feature: "zstd" }),
        }
    }
}

/// A decompressor.
trait Codec: Send {
    /// Decompresses some of `packed` to the start of `room`, which is not empty, and tells in
    /// `written` how much came out, also before a failure. It may be nothing.
    fn step(
        &mut self,
        packed: &mut Window<'_>,
        room: &mut [u8],
        written: &mut usize,
    ) -> Result<Progress, CaptureErrorKind>;
}

/// How far a decompressor got.
enum Progress {
    GoesOn,
    /// The stream, with all others that follow it, has ended where the input ends.
    Ended,
}

/// What is inside a compressed stream.
pub(crate) struct Decompressed<'a> {
    packed: Window<'a>,
    codec: Box<dyn Codec>,
    limits: ReadLimits,
    /// Bytes that came out.
    len: u64,
    ended: bool,
    /// What ended it, until it has been reported.
    failure: Option<CaptureErrorKind>,
}

impl<'a> Decompressed<'a> {
    pub(crate) fn new(
        compression: Compression,
        packed: Window<'a>,
        limits: &ReadLimits,
    ) -> Result<Self, Fault> {
        let codec = compression.codec(limits);
        Ok(Self {
            packed,
            codec: codec.map_err(|kind| Fault::fatal(0, kind))?,
            limits: *limits,
            len: 0,
            ended: false,
            failure: None,
        })
    }

    fn has_expanded_too_far(&self) -> bool {
        let ratio = self.limits.expansion_ratio;
        let allowed = self.packed.offset().saturating_mul(ratio);
        self.len > allowed.max(self.limits.expansion_grace)
    }
}

impl Read for Decompressed<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let mut written = 0;
        while written == 0 && !room.is_empty() && !self.ended {
            let step = if self.has_expanded_too_far() {
                let ratio = self.limits.expansion_ratio;
                Err(CaptureErrorKind::Expansion { ratio })
            } else {
                self.codec.step(&mut self.packed, room, &mut written)
            };
            self.ended = !matches!(step, Ok(Progress::GoesOn));
            self.failure = step.err();
        }
        self.len += written as u64;
        match self.failure.take_if(|_| written == 0) {
            Some(kind) => Err(io::Error::other(Failure(kind))),
            None => Ok(written),
        }
    }
}

/// What [`Decompressed`] reports through `io::Error`.
#[derive(Debug, thiserror::Error)]
#[error("decompression failed")]
struct Failure(CaptureErrorKind);

/// The kind of a failure to read: the input's own, or one of [`Decompressed`].
pub(crate) fn kind_of(error: io::Error) -> CaptureErrorKind {
    match error.downcast::<Failure>() {
        Ok(Failure(kind)) => kind,
        Err(error) => CaptureErrorKind::Io(error),
    }
}

/// Makes sure that `len` bytes of the stream are there.
fn require(packed: &mut Window<'_>, len: usize) -> Result<(), CaptureErrorKind> {
    match packed.want(len) {
        Ok(true) => Ok(()),
        Ok(false) => Err(CaptureErrorKind::Compression {
            error: io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("the compressed stream ends early, at byte {}", {
                    packed.offset() + packed.unread().len() as u64
                }),
            ),
        }),
        Err(error) => Err(CaptureErrorKind::Io(error)),
    }
}

/// Whether the stream goes on.
fn goes_on(packed: &mut Window<'_>) -> Result<bool, CaptureErrorKind> {
    packed.want(1).map_err(CaptureErrorKind::Io)
}

/// Damage at the place where `packed` stands.
fn damaged(packed: &Window<'_>, what: impl std::fmt::Display) -> CaptureErrorKind {
    CaptureErrorKind::Compression {
        error: io::Error::new(
            io::ErrorKind::InvalidData,
            format!(
                "{what}, near byte {} of the compressed stream",
                packed.offset()
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::write::GzEncoder;

    use super::*;

    /// How much comes out of `len` equal bytes, and what ends it.
    fn expand(len: usize, limits: &ReadLimits) -> (usize, Option<CaptureErrorKind>) {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&vec![0; len]).unwrap();
        let packed = Window::new(Box::new(io::Cursor::new(encoder.finish().unwrap())));
        let mut stream = Decompressed::new(Compression::Gzip, packed, limits).unwrap();
        let mut out = Vec::new();
        let end = stream.read_to_end(&mut out).err().map(kind_of);
        (out.len(), end)
    }

    #[test]
    fn data_that_expand_beyond_reason_are_stopped_early() {
        let limits = ReadLimits::default().with_expansion(200, 100_000);
        let (out, end) = expand(30_000_000, &limits);
        assert!(matches!(
            end,
            Some(CaptureErrorKind::Expansion { ratio: 200 })
        ));
        assert!(out < 10_000_000, "{out}");
    }

    #[test]
    fn small_captures_may_expand_as_they_like() {
        for limits in [
            ReadLimits::default(),
            ReadLimits::default().with_expansion(2_000, 0),
        ] {
            let (out, end) = expand(3_000_000, &limits);
            assert_eq!(out, 3_000_000);
            assert!(end.is_none(), "{end:?}");
        }
    }
}
