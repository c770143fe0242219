//! A line that is being written.

use std::fmt;
use std::net::IpAddr;

use super::number;

/// Text in a buffer with room behind it, so that a small value is stored with whole registers:
/// what is too much of them is overwritten by the next value.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    bytes: Vec<u8>,
    len: usize,
}

/// What a value may write at once.
pub(super) type Room = [u8; 32];

impl Line {
    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Takes back what stands behind the first `len` bytes.
    pub(super) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// What was written.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Writes into the room behind the line: `write` gives the length of what it wrote.
    #[inline]
    pub(super) fn write(&mut self, write: impl FnOnce(&mut Room) -> usize) {
        self.len = self.write_at(self.len, write);
    }

    /// The same `at` a place in the line and without making what was written a part of it: for
    /// loops that keep the length in a register, until [`Line::extend_to`].
    #[inline]
    pub(super) fn write_at(&mut self, at: usize, write: impl FnOnce(&mut Room) -> usize) -> usize {
        match self.bytes.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
            Some(room) => at + write(room),
            None => self.write_beyond(at, write),
        }
    }

    #[cold]
    fn write_beyond(&mut self, at: usize, write: impl FnOnce(&mut Room) -> usize) -> usize {
        let mut room = Room::default();
        let len = write(&mut room);
        self.grow(at + room.len());
        if let Some(place) = self.bytes.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
            *place = room;
        }
        at + len
    }

    /// A prepared text, like [`Line::write_at`].
    #[inline]
    pub(super) fn token_at(&mut self, at: usize, token: &Token) -> usize {
        let mut place = at;
        for part in &token.parts {
            place = self.write_at(place, |room| {
                *room = *part;
                room.len()
            });
        }
        at + token.len
    }

    /// Makes what was written up to `end` a part of the line.
    #[inline]
    pub(super) fn extend_to(&mut self, end: usize) {
        self.len = end.min(self.bytes.len());
    }

    #[inline]
    pub(super) fn push(&mut self, byte: u8) {
        self.write(|room| after(byte, room, |_| 0));
    }

    pub(super) fn text(&mut self, text: &str) {
        self.ascii(text.as_bytes());
    }

    /// Bytes of text.
    pub(super) fn ascii(&mut self, bytes: &[u8]) {
        let end = self.len + bytes.len();
        if self.bytes.len() < end {
            self.grow(end);
        }
        if let Some(place) = self.bytes.get_mut(self.len..end) {
            place.copy_from_slice(bytes);
            self.len = end;
        }
    }

    #[inline]
    pub(super) fn integer(&mut self, value: u64) {
        self.write(|room| after_nothing(room, |room| number::integer(value, room)));
    }

    /// Nanoseconds as seconds.
    pub(super) fn seconds(&mut self, nanos: u64) {
        self.write(|room| after_nothing(room, |room| number::seconds(nanos, room)));
    }

    pub(super) fn address(&mut self, address: IpAddr) {
        match address {
            IpAddr::V4(address) => {
                for octet in address.octets() {
                    self.integer(octet.into());
                    self.push(b'.');
                }
                self.len -= 1;
            }
            IpAddr::V6(address) => self.show(address),
        }
    }

    pub(super) fn show(&mut self, value: impl fmt::Display) {
        // A line takes everything.
        let _ = fmt::Write::write_fmt(self, format_args!("{value}"));
    }

    #[cold]
    fn grow(&mut self, least: usize) {
        self.bytes.resize(2 * least.max(512), 0);
    }
}

/// Writes a byte, then a number.
#[inline]
pub(super) fn after(
    byte: u8,
    room: &mut Room,
    write: impl FnOnce(&mut number::Room) -> usize,
) -> usize {
    let [first, rest @ ..] = room;
    *first = byte;
    1 + write(rest)
}

/// Writes a number.
#[inline]
pub(super) fn after_nothing(
    room: &mut Room,
    write: impl FnOnce(&mut number::Room) -> usize,
) -> usize {
    let [rest @ .., _] = room;
    write(rest)
}

impl fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text(text);
        Ok(())
    }
}

/// A text that is written many times.
#[derive(Clone, Debug)]
pub(super) struct Token {
    parts: Box<[Room]>,
    len: usize,
}

impl Token {
    pub(super) fn new(text: &str) -> Self {
        let padded = |part: &[u8]| {
            let mut padded = Room::default();
            padded
                .iter_mut()
                .zip(part)
                .for_each(|(to, from)| *to = *from);
            padded
        };
        Self {
            parts: text
                .as_bytes()
                .chunks(size_of::<Room>())
                .map(padded)
                .collect(),
            len: text.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl Fn(&mut Line)) -> String {
        let mut line = Line::default();
        write(&mut line);
        String::from_utf8_lossy(line.as_bytes()).into_owned()
    }

    #[test]
    fn texts_of_any_length_stand_as_they_are() {
        let long = "0123456789".repeat(300);
        for len in (0..100).chain(1_000..1_050) {
            let part = long.get(..len).unwrap_or_default();
            let twice = part.repeat(2);
            let texts = text(|line| [part; 2].iter().for_each(|text| line.text(text)));
            assert_eq!(texts, twice);
            let token = Token::new(part);
            let tokens = text(|line| {
                let end = line.token_at(0, &token);
                let end = line.token_at(end, &token);
                line.extend_to(end);
            });
            assert_eq!(tokens, twice);
        }
    }

    #[test]
    fn addresses_are_written_as_by_the_standard_library() {
        for address in [
            "0.0.0.0",
            "10.2.30.255",
            "255.255.255.255",
            "::",
            "2001:db8::1:0:0:1",
        ] {
            let parsed: Result<IpAddr, _> = address.parse();
            assert!(parsed.is_ok_and(|parsed| text(|line| line.address(parsed)) == address));
        }
    }
}
