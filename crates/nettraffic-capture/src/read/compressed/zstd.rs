//! Zstandard streams (RFC 8878): frames one after another.

use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

use super::{Codec, Progress, damaged, goes_on, require};
use crate::read::window::Window;
use crate::{CaptureErrorKind, CapturePart};

/// Magic number, descriptor, window, dictionary, content length.
const LONGEST_HEADER_LEN: usize = 4 + 1 + 1 + 4 + 8;
/// Magic number and length of a frame that is to be skipped.
const SKIPPABLE_HEADER_LEN: usize = 8;
const BLOCK_HEADER_LEN: usize = 3;
/// What the decompressor itself accepts at most; the limit proper is checked before.
const LARGEST_WINDOW_LOG: u32 = if usize::BITS == 32 { 30 } else { 31 };

pub(super) struct Zstd {
    decoder: Decoder<'static>,
    window_limit: u64,
    next: Part,
}

enum Part {
    Header,
    /// A frame that is to be skipped has so many bytes left.
    Skip(u64),
    /// A frame, of which so many bytes belong together.
    Body(usize),
    /// What is left of a block that did not fit into the room for it.
    Rest,
}

impl Zstd {
    pub(super) fn new(window_limit: u64) -> Result<Self, CaptureErrorKind> {
        let mut decoder = Decoder::new().map_err(CaptureErrorKind::Io)?;
        let largest = DParameter::WindowLogMax(LARGEST_WINDOW_LOG);
        decoder
            .set_parameter(largest)
            .map_err(CaptureErrorKind::Io)?;
        Ok(Self {
            decoder,
            window_limit,
            next: Part::Header,
        })
    }

    /// Looks at the header of a frame, when one follows.
    fn header(&mut self, packed: &mut Window<'_>) -> Result<Progress, CaptureErrorKind> {
        if !goes_on(packed)? {
            return Ok(Progress::Ended);
        }
        // Less is enough for some frames, and then the decompressor knows.
        packed
            .want(LONGEST_HEADER_LEN)
            .map_err(CaptureErrorKind::Io)?;
        self.next = match packed.unread() {
            [0x28, 0xb5, 0x2f, 0xfd, header @ ..] => {
                let claimed = window_len(header).unwrap_or(0);
                if claimed > self.window_limit {
                    return Err(CaptureErrorKind::TooLarge {
                        part: CapturePart::DecompressionWindow,
                        claimed,
                        limit: self.window_limit,
                    });
                }
                // The decompressor begins with as much of the header as any frame has.
                Part::Body(1)
            }
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => {
                require(packed, SKIPPABLE_HEADER_LEN)?;
                let len = number(packed.unread().get(4..SKIPPABLE_HEADER_LEN));
                packed.take(SKIPPABLE_HEADER_LEN);
                Part::Skip(len.unwrap_or(0))
            }
            _ => return Err(damaged(packed, "no zstd frame where one belongs")),
        };
        Ok(Progress::GoesOn)
    }

    fn skip(&mut self, packed: &mut Window<'_>, len: u64) -> Result<Progress, CaptureErrorKind> {
        self.next = Part::Header;
        if len > 0 {
            require(packed, 1)?;
            let there = packed.unread().len();
            let skipped = packed.take(usize::try_from(len).unwrap_or(there)).len();
            self.next = Part::Skip(len - skipped as u64);
        }
        Ok(Progress::GoesOn)
    }

    /// Decompresses the next `len` bytes, which are of one block at most: where a block is
    /// damaged, what came out of others in the same call would be lost.
    fn body(
        &mut self,
        packed: &mut Window<'_>,
        len: usize,
        room: &mut [u8],
        written: &mut usize,
    ) -> Result<Progress, CaptureErrorKind> {
        let unread = packed.unread();
        let mut input = InBuffer::around(unread.get(..len).unwrap_or(unread));
        let mut output = OutBuffer::around(&mut *room);
        let hint = self.decoder.run(&mut input, &mut output);
        let read = input.pos();
        *written = output.pos();
        packed.take(read);
        self.next = match hint {
            Err(error) => return Err(damaged(packed, error)),
            Ok(0) => Part::Header,
            Ok(_) if *written == room.len() => Part::Rest,
            // The decompressor asks for the header of the next block too.
            Ok(next) if next > BLOCK_HEADER_LEN => Part::Body(next - BLOCK_HEADER_LEN),
            Ok(next) => Part::Body(next),
        };
        Ok(Progress::GoesOn)
    }
}

impl Codec for Zstd {
    fn step(
        &mut self,
        packed: &mut Window<'_>,
        room: &mut [u8],
        written: &mut usize,
    ) -> Result<Progress, CaptureErrorKind> {
        match self.next {
            Part::Header => self.header(packed),
            Part::Skip(len) => self.skip(packed, len),
            Part::Body(len) => {
                require(packed, 1)?;
                self.body(packed, len, room, written)
            }
            Part::Rest => self.body(packed, 0, room, written),
        }
    }
}

/// The window that a frame needs, from its header behind the magic number.
fn window_len(header: &[u8]) -> Option<u64> {
    let (&descriptor, rest) = header.split_first()?;
    let is_one_segment = descriptor & 0x20 != 0;
    if !is_one_segment {
        let window = *rest.first()?;
        let base = 1_u64 << (10 + (window >> 3));
        return Some(base + base / 8 * u64::from(window & 7));
    }
    // The window is as long as the content.
    let dictionary_len = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let content = rest.get(dictionary_len..)?;
    match descriptor >> 6 {
        0 => number(content.get(..1)),
        1 => number(content.get(..2)).map(|len| len + 256),
        2 => number(content.get(..4)),
        _ => number(content.get(..8)),
    }
}

/// Up to eight bytes as a little-endian number.
fn number(bytes: Option<&[u8]>) -> Option<u64> {
    let digits = bytes?.iter().rev();
    Some(digits.fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_tell_their_window() {
        for (header, window) in [
            (&[0x00, 0x00][..], Some(1 << 10)),
            (&[0x04, 0x88], Some(1 << 27)),
            (&[0x04, 0x89], Some((1 << 27) + (1 << 24))),
            (&[0x20, 0xff], Some(255)),
            (&[0x60, 1, 0], Some(257)),
            (&[0xa3, 9, 9, 9, 9, 0, 0, 1, 0], Some(1 << 16)),
            (
                &[0xe0, 255, 255, 255, 255, 255, 255, 255, 255],
                Some(u64::MAX),
            ),
            (&[0xe0, 1], None),
            (&[], None),
        ] {
            assert_eq!(window_len(header), window, "{header:x?}");
        }
    }
}
