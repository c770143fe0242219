//! The secret that pseudonyms hang on.

use std::fmt;

/// A 32-byte key: whoever has it can turn pseudonyms back into addresses, nobody else can.
///
/// Its bytes are never shown: not by `Debug`, and there is no `Display`.
///
/// ```
/// use nettraffic_capture::PseudonymKey;
///
/// let key = PseudonymKey::from_hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")?;
/// assert_eq!(format!("{key:?}"), "PseudonymKey(..)");
/// # Ok::<(), nettraffic_capture::KeyError>(())
/// ```
#[derive(Clone)]
pub struct PseudonymKey([u8; PseudonymKey::BYTES]);

impl PseudonymKey {
    /// Length of a key in bytes; as hexadecimal digits it is twice as long.
    pub const BYTES: usize = 32;

    /// From bytes that should come from the operating system's random source.
    ///
    /// # Errors
    /// [`KeyError::EqualHalves`]: the cipher XORs what its two halves make of a prefix, so with
    /// equal halves it would hide nothing.
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Result<Self, KeyError> {
        let (first, second) = bytes.split_at(Self::BYTES / 2);
        if first == second {
            return Err(KeyError::EqualHalves);
        }
        Ok(Self(bytes))
    }

    /// From 64 hexadecimal digits of either case, with nothing but white space around them.
    ///
    /// # Errors
    /// Another number of digits, something that is no digit, or a key whose halves are equal.
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let digits = text.chars().count();
        if digits != 2 * Self::BYTES {
            return Err(KeyError::Length { digits });
        }
        let mut bytes = [0; Self::BYTES];
        for (place, digit) in text.chars().enumerate() {
            let value = digit.to_digit(16).ok_or(KeyError::NotHex {
                position: place + 1,
            })?;
            if let Some(byte) = bytes.get_mut(place / 2) {
                *byte = *byte << 4 | value as u8;
            }
        }
        Self::from_bytes(bytes)
    }

    pub(super) fn bytes(&self) -> [u8; Self::BYTES] {
        self.0
    }

    pub(super) fn halves(&self) -> ([u8; 16], [u8; 16]) {
        let bits = |half: &[u8]| {
            half.iter()
                .fold(0, |bits: u128, &byte| bits << 8 | u128::from(byte))
        };
        let (first, second) = self.0.split_at(Self::BYTES / 2);
        (bits(first).to_be_bytes(), bits(second).to_be_bytes())
    }
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey(..)")
    }
}

/// Why something is no key. The messages never repeat what was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not 64 digits.
    #[error("a key has 64 hexadecimal digits, this has {digits} characters")]
    Length {
        /// Characters that were given.
        digits: usize,
    },
    /// A character that is no hexadecimal digit.
    #[error("character {position} of the key is no hexadecimal digit")]
    NotHex {
        /// Its place, from 1.
        position: usize,
    },
    /// The second half repeats the first.
    #[error("the two halves of the key are equal, so that it would hide nothing")]
    EqualHalves,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_64_digits_with_two_different_halves() {
        let (low, high) = ("00112233445566778899aabbccddeeff", "F".repeat(32));
        let error = |text: &str| PseudonymKey::from_hex(text).err();
        assert_eq!(error(&format!(" {low}{high}\n")), None);
        assert_eq!(error(&format!("{low}{low}")), Some(KeyError::EqualHalves));
        assert_eq!(error(low), Some(KeyError::Length { digits: 32 }));
        let wrong = format!("{low}{}g", &high[1..]);
        assert_eq!(error(&wrong), Some(KeyError::NotHex { position: 64 }));
        let wide = format!("{low}{}é", &high[1..]);
        assert_eq!(error(&wide), Some(KeyError::NotHex { position: 64 }));
    }

    #[test]
    fn digits_are_read_from_the_left() -> Result<(), KeyError> {
        let key = PseudonymKey::from_hex(&format!("0fa0{}", "0".repeat(60)))?;
        assert_eq!(key.bytes()[..3], [0x0f, 0xa0, 0]);
        Ok(())
    }
}
