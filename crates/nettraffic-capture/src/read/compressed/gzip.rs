//! Gzip streams (RFC 1952): members one after another, each deflated.

use std::io;

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::{Codec, Progress, damaged, goes_on, require};
use crate::CaptureErrorKind;
use crate::read::window::Window;

/// Magic number, method, flags, time, extra flags, system.
const HEADER_LEN: usize = 10;
const HAS_CHECKSUM: u8 = 1 << 1;
const HAS_EXTRA: u8 = 1 << 2;
const HAS_NAME: u8 = 1 << 3;
const HAS_COMMENT: u8 = 1 << 4;
/// Checksum and length of what was deflated.
const TRAILER_LEN: usize = 8;

pub(super) struct Gzip {
    inflate: Decompress,
    checksum: Crc,
    next: Part,
    /// Members that have been read.
    members: u64,
}

enum Part {
    Header,
    Body,
    Trailer,
}

impl Gzip {
    pub(super) fn new() -> Self {
        Self {
            inflate: Decompress::new(false),
            checksum: Crc::new(),
            next: Part::Header,
            members: 0,
        }
    }

    /// The header of a member, when one follows.
    fn header(&mut self, packed: &mut Window<'_>) -> Result<Progress, CaptureErrorKind> {
        // Tapes and block devices fill up with zeros, which gzip ignores too.
        while self.members > 0 && packed.unread().first() == Some(&0) {
            packed.take(1);
        }
        if !goes_on(packed)? {
            return Ok(Progress::Ended);
        }
        if self.members > 0 && packed.unread().first() == Some(&0) {
            return Ok(Progress::GoesOn);
        }
        require(packed, HEADER_LEN)?;
        let flags = match packed.unread() {
            [0x1f, 0x8b, 8, flags, ..] => *flags,
            _ => return Err(damaged(packed, "no gzip member where one belongs")),
        };
        packed.take(HEADER_LEN);
        if flags & HAS_EXTRA != 0 {
            require(packed, 2)?;
            let len = packed.unread().first_chunk().copied();
            packed.take(2);
            skip(packed, u16::from_le_bytes(len.unwrap_or_default()).into())?;
        }
        for text in [HAS_NAME, HAS_COMMENT] {
            if flags & text != 0 {
                skip_text(packed)?;
            }
        }
        if flags & HAS_CHECKSUM != 0 {
            skip(packed, 2)?;
        }
        self.inflate.reset(false);
        self.checksum.reset();
        self.next = Part::Body;
        Ok(Progress::GoesOn)
    }

    fn body(
        &mut self,
        packed: &mut Window<'_>,
        room: &mut [u8],
        written: &mut usize,
    ) -> Result<Progress, CaptureErrorKind> {
        require(packed, 1)?;
        let (read_before, written_before) = (self.inflate.total_in(), self.inflate.total_out());
        let flush = FlushDecompress::None;
        let status = self.inflate.decompress(packed.unread(), room, flush);
        let read = self.inflate.total_in() - read_before;
        *written = (self.inflate.total_out() - written_before) as usize;
        self.checksum
            .update(room.get(..*written).unwrap_or_default());
        packed.take(read as usize);
        match status {
            Ok(Status::StreamEnd) => {
                self.next = Part::Trailer;
                Ok(Progress::GoesOn)
            }
            Ok(_) if read > 0 || *written > 0 => Ok(Progress::GoesOn),
            Ok(_) => Err(damaged(packed, "deflated data that lead nowhere")),
            Err(error) => Err(damaged(packed, io::Error::from(error))),
        }
    }

    fn trailer(&mut self, packed: &mut Window<'_>) -> Result<Progress, CaptureErrorKind> {
        require(packed, TRAILER_LEN)?;
        let mut trailer = [0; TRAILER_LEN];
        trailer.copy_from_slice(
            packed
                .unread()
                .get(..TRAILER_LEN)
                .unwrap_or(&[0; TRAILER_LEN]),
        );
        let claimed = u64::from_le_bytes(trailer);
        // The length is modulo 2^32.
        let found = u64::from(self.checksum.amount()) << 32 | u64::from(self.checksum.sum());
        if claimed != found {
            return Err(damaged(packed, "the gzip checksum does not match"));
        }
        packed.take(TRAILER_LEN);
        self.members += 1;
        self.next = Part::Header;
        Ok(Progress::GoesOn)
    }
}

impl Codec for Gzip {
    fn step(
        &mut self,
        packed: &mut Window<'_>,
        room: &mut [u8],
        written: &mut usize,
    ) -> Result<Progress, CaptureErrorKind> {
        match self.next {
            Part::Header => self.header(packed),
            Part::Body => self.body(packed, room, written),
            Part::Trailer => self.trailer(packed),
        }
    }
}

fn skip(packed: &mut Window<'_>, len: usize) -> Result<(), CaptureErrorKind> {
    require(packed, len)?;
    packed.take(len);
    Ok(())
}

/// Skips text of any length up to the zero that ends it.
fn skip_text(packed: &mut Window<'_>) -> Result<(), CaptureErrorKind> {
    loop {
        require(packed, 1)?;
        let unread = packed.unread();
        let zero = unread.iter().position(|byte| *byte == 0);
        packed.take(zero.map_or(unread.len(), |zero| zero + 1));
        if zero.is_some() {
            return Ok(());
        }
    }
}
