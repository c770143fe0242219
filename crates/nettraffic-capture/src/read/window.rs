//! The one buffer between an input and its packets.

use std::io::{self, Read};
use std::ops::Range;

/// Room to start with; it grows only while a longer record really arrives.
const INITIAL_LEN: usize = 256 * 1024;

/// A moving window over a byte stream: filled by `read`, sliced by whoever frames it.
///
/// Memory follows the data, never a claim: to reach `n` bytes the buffer doubles as
/// bytes come in, so a header that claims gigabytes costs nothing.
pub(crate) struct Window<'a> {
    input: Box<dyn Read + Send + 'a>,
    buffer: Vec<u8>,
    /// The bytes read and not yet taken.
    unread: Range<usize>,
    /// Position of `unread.start` in the stream.
    offset: u64,
    ended: bool,
}

impl<'a> Window<'a> {
    pub(crate) fn new(input: Box<dyn Read + Send + 'a>) -> Self {
        Self {
            input,
            buffer: vec![0; INITIAL_LEN],
            unread: 0..0,
            offset: 0,
            ended: false,
        }
    }

    /// The input as it was before anything was read from it through this window:
    /// what is in the buffer, then the rest.
    pub(crate) fn into_input(mut self) -> Box<dyn Read + Send + 'a> {
        self.buffer.truncate(self.unread.end);
        let mut buffered = io::Cursor::new(self.buffer);
        buffered.set_position(self.unread.start as u64);
        Box::new(buffered.chain(self.input))
    }

    /// Bytes taken so far.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// What has been read and not taken; at least `len` bytes after [`Window::want`] said so.
    pub(crate) fn unread(&self) -> &[u8] {
        self.buffer.get(self.unread.clone()).unwrap_or(&[])
    }

    /// Reads until at least `len` bytes are there, and not more often than that takes (a
    /// live pipe must not wait for packets that are still to come). False when the input
    /// ends before; then the unread bytes are all that is left.
    pub(crate) fn want(&mut self, len: usize) -> io::Result<bool> {
        while self.unread.len() < len {
            if self.ended {
                return Ok(false);
            }
            self.make_room(len);
            let room = self.buffer.get_mut(self.unread.end..).unwrap_or_default();
            match self.input.read(room) {
                Ok(0) => self.ended = true,
                // A reader that claims more than the room it was given is broken; believe the room.
                Ok(read) => self.unread.end += read.min(room.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Moves past `len` unread bytes. They stay in the buffer until the next
    /// [`Window::want`], under the range that is returned.
    pub(crate) fn take(&mut self, len: usize) -> Range<usize> {
        let len = len.min(self.unread.len());
        let taken = self.unread.start..self.unread.start + len;
        self.unread.start = taken.end;
        self.offset += len as u64;
        taken
    }

    /// The bytes of a range that [`Window::take`] returned.
    pub(crate) fn slice(&self, taken: Range<usize>) -> &[u8] {
        self.buffer.get(taken).unwrap_or(&[])
    }

    /// Makes room for at least one byte on the way to `len` unread ones.
    fn make_room(&mut self, len: usize) {
        let short = self.buffer.len().saturating_sub(self.unread.start) < len;
        if self.unread.start > 0 && (short || self.unread.end == self.buffer.len()) {
            self.buffer.copy_within(self.unread.clone(), 0);
            self.unread = 0..self.unread.len();
        }
        if self.unread.end == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_cost_no_memory() {
        let mut window = Window::new(Box::new(io::repeat(7).take(300_000)));
        assert!(!window.want(usize::MAX / 2).unwrap());
        assert_eq!(window.unread().len(), 300_000);
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
    fn looking_at_the_start_loses_nothing() {
        let bytes: Vec<u8> = (0..=255).collect();
        let mut window = Window::new(Box::new(io::Cursor::new(bytes.clone())));
        assert!(window.want(4).unwrap());
        let mut all = Vec::new();
        window.into_input().read_to_end(&mut all).unwrap();
        assert_eq!(all, bytes);
    }
}
