//! Numbers as C writes them.

use super::{Parser, begins_with_digit};
use crate::filter::error::{Fault, FilterErrorKind};
use crate::filter::lex::TokenKind;

impl Parser<'_> {
    /// The number that is next.
    pub(super) fn number(&mut self, max: u32) -> Result<u32, Fault> {
        const EXPECTED: &str = "a number";
        let word = self.word(EXPECTED)?;
        let number = number(word, max).map_err(|kind| self.fault(kind))?;
        let number = number.ok_or_else(|| self.misplaced(EXPECTED))?;
        self.next += 1;
        Ok(number)
    }

    /// The number that is next, if one is.
    pub(super) fn optional_number(&mut self, max: u32) -> Result<Option<u32>, Fault> {
        match self.peek() {
            Some(TokenKind::Word(word)) if begins_with_digit(word) => self.number(max).map(Some),
            _ => Ok(None),
        }
    }
}

/// The value of `word`: decimal, `0x1f` hexadecimal or `017` octal; `None` when it is no number.
pub(super) fn number(word: &str, max: u32) -> Result<Option<u32>, FilterErrorKind> {
    let hexadecimal = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"));
    let (digits, radix) = match (hexadecimal, word.strip_prefix('0')) {
        (Some(digits), _) => (digits, 16),
        (None, Some(digits)) if !digits.is_empty() => (digits, 8),
        _ => (word, 10),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Ok(None);
    }
    // What is too long for the type is too large as well.
    match u32::from_str_radix(digits, radix) {
        Ok(number) if number <= max => Ok(Some(number)),
        _ => Err(FilterErrorKind::OutOfRange { max }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_c_writes_them() {
        for (word, value) in [
            ("0", Ok(Some(0))),
            ("80", Ok(Some(80))),
            ("0x50", Ok(Some(80))),
            ("0120", Ok(Some(80))),
            ("65535", Ok(Some(65_535))),
            ("65536", Err(FilterErrorKind::OutOfRange { max: 65_535 })),
            (
                "99999999999999999999",
                Err(FilterErrorKind::OutOfRange { max: 65_535 }),
            ),
            ("080", Ok(None)),
            ("0x", Ok(None)),
            ("+80", Ok(None)),
            ("8a", Ok(None)),
            ("", Ok(None)),
        ] {
            assert_eq!(number(word, 65_535), value, "{word}");
        }
    }
}
