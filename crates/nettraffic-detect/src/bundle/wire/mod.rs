//! How the parts of a bundle become bytes, and bytes become parts again.
//!
//! Before each value stands a byte for its form ([`kind`]). Everything has a fixed width and is
//! little-endian: numbers as they are, `bool` as 0 or 1, the kind of an enum and the length of a
//! text or sequence as `u32`. Numbers in sequence share one byte for their form. Structs and
//! tuples are their fields in order. Only the outermost struct names its fields: each is a section
//! with a name and a length, so that a section can be told to be unknown, or missing. There is
//! one way to write each value, so what was read and is written again gives the same bytes.
//!
//! Nothing is trusted. Because every value says its form, [`check`] walks over all of them before
//! anything is made: lengths are held against the bytes that are left, numbers are finite, nothing
//! follows, and values lie within each other no deeper than [`MAX_DEPTH`]. Only then is memory
//! taken, and for no more than what is there.

mod check;
mod de;
mod error;
mod kind;
mod reader;
mod ser;
#[cfg(test)]
mod tests;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use error::WireError;

use de::Decoder;
use reader::Reader;
use ser::Encoder;

/// Values within each other. A detector needs less than half of these.
const MAX_DEPTH: u32 = 32;

/// The bytes of a struct, each of its fields as a section.
///
/// # Errors
/// Numbers that are not finite, and what no bundle holds: maps, for one, whose order is not defined.
pub(super) fn encode(value: &(impl Serialize + ?Sized)) -> Result<Vec<u8>, WireError> {
    let mut bytes = Vec::new();
    value.serialize(Encoder::new(&mut bytes))?;
    Ok(bytes)
}

/// The struct that [`encode`] wrote; `bytes` begin at `at` of the file.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8], at: u64) -> Result<T, WireError> {
    let mut reader = Reader::new(bytes, at);
    check::check_sections(reader)?;
    let value = T::deserialize(Decoder::new(&mut reader))?;
    reader.end()?;
    Ok(value)
}
