//! xz streams: one after another, with padding between them.

use liblzma::stream::{Action, CONCATENATED, Error, Status, Stream};

use super::{Codec, Progress, damaged, goes_on, require};
use crate::read::window::Window;
use crate::{CaptureErrorKind, CapturePart};

/// Memory that the decompressor takes beside the dictionary, generously; it limits the sum.
const BESIDE_DICTIONARY: u64 = 256 * 1024;

pub(super) struct Xz {
    stream: Stream,
    dictionary_limit: u64,
}

impl Xz {
    pub(super) fn new(dictionary_limit: u64) -> Result<Self, CaptureErrorKind> {
        let memory = dictionary_limit.saturating_add(BESIDE_DICTIONARY);
        let stream = Stream::new_stream_decoder(memory, CONCATENATED);
        Ok(Self {
            stream: stream.map_err(|error| CaptureErrorKind::Io(error.into()))?,
            dictionary_limit,
        })
    }

    /// The dictionary that the decompressor was refused. It does not say which, but takes no
    /// limit that is lower than its need; dictionaries have 2 or 3 times a power of two bytes.
    fn refused_dictionary(&mut self) -> u64 {
        (0..40)
            .map(|size| (2 | size & 1) << (size / 2 + 11))
            .find(|size| self.stream.set_memlimit(size + BESIDE_DICTIONARY).is_ok())
            .unwrap_or(u32::MAX.into())
    }
}

impl Codec for Xz {
    fn step(
        &mut self,
        packed: &mut Window<'_>,
        room: &mut [u8],
        written: &mut usize,
    ) -> Result<Progress, CaptureErrorKind> {
        let action = if goes_on(packed)? {
            Action::Run
        } else {
            Action::Finish
        };
        let (read_before, written_before) = (self.stream.total_in(), self.stream.total_out());
        let status = self.stream.process(packed.unread(), room, action);
        let read = self.stream.total_in() - read_before;
        *written = (self.stream.total_out() - written_before) as usize;
        packed.take(read as usize);
        match status {
            Ok(Status::StreamEnd) => Ok(Progress::Ended),
            Ok(_) if read > 0 || *written > 0 => Ok(Progress::GoesOn),
            Ok(_) => {
                require(packed, 1)?;
                Err(damaged(packed, "xz data that lead nowhere"))
            }
            Err(Error::MemLimit) => Err(CaptureErrorKind::TooLarge {
                part: CapturePart::DecompressionWindow,
                claimed: self.refused_dictionary(),
                limit: self.dictionary_limit,
            }),
            Err(error) => Err(damaged(packed, error)),
        }
    }
}
