//! The one buffer between an input and its packets.

use std::io::{self, Read};
use std::ops::Range;

/// Bytes asked of the input at once: few enough that they stay in a core's cache until they
/// are framed and decoded.
const READ_LEN: usize = 256 * 1024;
/// Room to start with: a read, and before it the record that the last one cut.
const INITIAL_LEN: usize = READ_LEN + 64 * 1024;

/// A moving window over a byte stream: filled by `read`, sliced by whoever frames it.
///
/// Memory follows the data, never a claim: to reach `n` bytes the buffer doubles as
/// bytes come in, so a header that claims gigabytes costs nothing. What is moved inside it
/// is never more than what was taken before: the work is linear in the input.
pub(crate) struct Window<'a> {
    input: Box<dyn Read + Send + 'a>,
    buffer: Vec<u8>,
    /// The bytes read and not yet taken.
    start: usize,
    end: usize,
    /// Position of the buffer's first byte in the stream.
    base: u64,
    ended: bool,
    /// What ended a look ahead: reading comes to it later.
    failure: Option<io::Error>,
}

impl<'a> Window<'a> {
    pub(crate) fn new(input: Box<dyn Read + Send + 'a>) -> Self {
        Self {
            input,
            buffer: vec![0; INITIAL_LEN],
            start: 0,
            end: 0,
            base: 0,
            ended: false,
            failure: None,
        }
    }

    /// Bytes taken so far.
    #[inline]
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    /// What has been read and not taken; at least `len` bytes after [`Window::want`] said so.
    #[inline]
    pub(crate) fn unread(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or(&[])
    }

    /// Reads until at least `len` bytes are there, and not more often than that takes (a
    /// live pipe must not wait for packets that are still to come). False when the input
    /// ends before; then the unread bytes are all that is left.
    pub(crate) fn want(&mut self, len: usize) -> io::Result<bool> {
        while self.end - self.start < len {
            if let Some(failure) = self.failure.take() {
                return Err(failure);
            }
            if self.ended {
                return Ok(false);
            }
            let room = self.make_room(len);
            let room = self.buffer.get_mut(room).unwrap_or_default();
            match self.input.read(room) {
                Ok(0) => self.ended = true,
                // A reader that claims more than the room it was given is broken; believe the room.
                Ok(read) => self.end += read.min(room.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// As [`Window::want`], for a look ahead: a failure behind what is there counts as the
    /// end for now, and is returned once reading gets to it.
    pub(crate) fn look_ahead(&mut self, len: usize) -> bool {
        if self.failure.is_some() && self.end - self.start < len {
            return false;
        }
        self.want(len).unwrap_or_else(|failure| {
            self.failure = Some(failure);
            false
        })
    }

    /// Moves past `len` unread bytes. They stay in the buffer until the next
    /// [`Window::want`], under the range that is returned.
    #[inline]
    pub(crate) fn take(&mut self, len: usize) -> Range<usize> {
        let taken = self.start..(self.start + len).min(self.end);
        self.start = taken.end;
        taken
    }

    /// The bytes of a range that [`Window::take`] returned.
    #[inline]
    pub(crate) fn slice(&self, taken: Range<usize>) -> &[u8] {
        self.buffer.get(taken).unwrap_or(&[])
    }

    /// Room for at least one byte on the way to `len` unread ones.
    fn make_room(&mut self, len: usize) -> Range<usize> {
        let unread = self.end - self.start;
        if self.start >= unread {
            self.buffer.copy_within(self.start..self.end, 0);
            self.base += self.start as u64;
            (self.start, self.end) = (0, unread);
        }
        let full = self.buffer.len();
        if self.end == full {
            let enough = self.start.saturating_add(len).max(full + READ_LEN);
            self.buffer.resize(enough.min(2 * full), 0);
        }
        self.end..self.buffer.len().min(self.end + READ_LEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_cost_no_memory() {
        let mut window = Window::new(Box::new(io::repeat(7).take(400_000)));
        assert!(!window.want(usize::MAX / 2).unwrap());
        assert_eq!(window.unread().len(), 400_000);
        assert!(window.buffer.len() <= 2 * INITIAL_LEN);
    }

    #[test]
    fn what_was_taken_stays_until_the_next_read() {
        let bytes: Vec<u8> = (0..=255).collect();
        let mut window = Window::new(Box::new(io::Cursor::new(bytes)));
        assert!(window.want(10).unwrap());
        let taken = window.take(4);
        assert_eq!(window.slice(taken), [0, 1, 2, 3]);
        assert_eq!((window.offset(), window.unread()[0]), (4, 4));
    }

    #[test]
    fn looking_far_ahead_again_and_again_moves_little() {
        const FAR: usize = 2_000_000;
        let mut window = Window::new(Box::new(io::repeat(7).take(8_000_000)));
        let mut moved = 0;
        while window.look_ahead(FAR) {
            let before = window.base;
            window.take(1_000);
            window.look_ahead(FAR);
            moved += if window.base > before { FAR } else { 0 };
        }
        assert!(moved <= 8_000_000 + FAR, "{moved}");
        assert!(window.buffer.len() <= 2 * FAR + READ_LEN);
    }

    #[test]
    fn a_failure_ahead_is_reported_when_reading_gets_there() {
        /// Fails once, and then ends.
        struct Fails(bool);
        impl Read for Fails {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                match std::mem::take(&mut self.0) {
                    true => Err(io::ErrorKind::ConnectionReset.into()),
                    false => Ok(0),
                }
            }
        }
        let input = io::repeat(7).take(10).chain(Fails(true));
        let mut window = Window::new(Box::new(input));
        assert!(!window.look_ahead(20));
        assert!(!window.look_ahead(20));
        assert!(window.want(10).unwrap());
        window.take(10);
        assert!(window.want(1).is_err());
    }
}
