//! Lines of a table, with a limit on their length.

use std::io::{self, BufRead, BufReader, Read};

const BUFFER: usize = 256 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A line, or what is known of one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// The line without its end.
    Whole {
        bytes: &'a [u8],
        carriage_return: bool,
    },
    /// A line beyond the limit, of which nothing is kept.
    TooLong,
}

/// Cuts its input into lines; holds one at a time.
pub(super) struct Lines<R> {
    input: BufReader<R>,
    line: Vec<u8>,
    limit: usize,
    /// How many lines were begun.
    number: u64,
    byte_order_mark: bool,
    peeked: bool,
    too_long: bool,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(input: R, limit: usize) -> Self {
        Self {
            input: BufReader::with_capacity(BUFFER, input),
            line: Vec::new(),
            limit,
            number: 0,
            byte_order_mark: false,
            peeked: false,
            too_long: false,
        }
    }

    /// Number of the line that was read last, from 1.
    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    pub(super) const fn byte_order_mark(&self) -> bool {
        self.byte_order_mark
    }

    /// The next line, which is read once more by the next call.
    pub(super) fn peek(&mut self) -> io::Result<Option<Line<'_>>> {
        if !self.peeked && !self.read()? {
            return Ok(None);
        }
        self.peeked = true;
        Ok(Some(self.current()))
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        if !std::mem::take(&mut self.peeked) && !self.read()? {
            return Ok(None);
        }
        Ok(Some(self.current()))
    }

    /// Reads a line, or tells that there is none. A line that an error cuts off is none.
    fn read(&mut self) -> io::Result<bool> {
        self.line.clear();
        // Room for the line's end and a byte-order mark.
        let most = self.limit.saturating_add(2 + BYTE_ORDER_MARK.len()) as u64;
        let read = (&mut self.input)
            .take(most)
            .read_until(b'\n', &mut self.line)?;
        if read == 0 {
            return Ok(false);
        }
        let ended = self.line.last() == Some(&b'\n');
        if !ended && read as u64 == most {
            self.input.skip_until(b'\n')?;
        }
        if ended {
            self.line.pop();
        }
        if self.number == 0 && self.line.starts_with(BYTE_ORDER_MARK) {
            self.line.drain(..BYTE_ORDER_MARK.len());
            self.byte_order_mark = true;
        }
        self.number += 1;
        let length = self.line.len() - usize::from(self.line.last() == Some(&b'\r'));
        self.too_long = length > self.limit;
        Ok(true)
    }

    fn current(&self) -> Line<'_> {
        if self.too_long {
            return Line::TooLong;
        }
        match self.line.split_last() {
            Some((b'\r', bytes)) => Line::Whole {
                bytes,
                carriage_return: true,
            },
            _ => Line::Whole {
                bytes: &self.line,
                carriage_return: false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8], limit: usize) -> io::Result<Vec<String>> {
        let mut lines = Lines::new(text, limit);
        let mut found = Vec::new();
        while let Some(line) = lines.next()? {
            found.push(match line {
                Line::TooLong => "too long".to_owned(),
                Line::Whole {
                    bytes,
                    carriage_return,
                } => {
                    let text = String::from_utf8_lossy(bytes).into_owned();
                    text + if carriage_return { "|" } else { "" }
                }
            });
        }
        Ok(found)
    }

    #[test]
    fn lines_end_in_one_or_two_bytes_or_the_end_of_the_file() -> io::Result<()> {
        let cases: [(&[u8], &[&str]); 7] = [
            (b"", &[]),
            (b"\n", &[""]),
            (b"a\r\nb\n\nc", &["a|", "b", "", "c"]),
            (b"\xef\xbb\xbfa\n\xef\xbb\xbfb", &["a", "\u{feff}b"]),
            (b"12345678\r\n1234567\n", &["12345678|", "1234567"]),
            (b"\xef\xbb\xbf12345678\r\n", &["12345678|"]),
            (
                b"123456789\n1\n1234567890123456789\n2\n123456789",
                &["too long", "1", "too long", "2", "too long"],
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(lines(text, 8)?, expected);
        }
        Ok(())
    }

    #[test]
    fn a_line_that_was_peeked_at_is_read_once_more() -> io::Result<()> {
        let mut lines = Lines::new(&b"a\nb"[..], 8);
        for _ in 0..2 {
            assert!(matches!(
                lines.peek()?,
                Some(Line::Whole { bytes: b"a", .. })
            ));
        }
        assert!(matches!(
            lines.next()?,
            Some(Line::Whole { bytes: b"a", .. })
        ));
        assert!(matches!(
            lines.next()?,
            Some(Line::Whole { bytes: b"b", .. })
        ));
        assert_eq!(lines.peek()?, None);
        Ok(())
    }
}
