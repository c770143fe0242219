//! A walk over the bytes of a bundle before anything is made of them: it allocates nothing, so
//! that what is cut, overlong or not finite costs no more than to look at it.

use super::kind::Kind;
use super::reader::Reader;
use super::{MAX_DEPTH, WireError};
use crate::bundle::BundleFault;

/// The sections, one after another.
pub(super) fn check_sections(mut reader: Reader<'_>) -> Result<(), WireError> {
    for _ in 0..reader.count()? {
        let (name, mut content) = reader.section()?;
        let start = content.at();
        check(&mut content, 1)
            .and_then(|()| content.end())
            .map_err(|error| error.within(name, start))?;
    }
    reader.end()
}

/// One value; what it holds lies deeper.
fn check(reader: &mut Reader<'_>, depth: u32) -> Result<(), WireError> {
    if depth > MAX_DEPTH {
        let limit = MAX_DEPTH;
        return Err(reader.fault(BundleFault::Depth { limit }));
    }
    let kind = Kind::read(reader)?;
    if let Some(width) = kind.width() {
        return check_numbers(kind, reader.take(width)?);
    }
    match kind {
        Kind::Switch => reader.switch().map(drop),
        Kind::Character => reader.character().map(drop),
        Kind::Text => reader.text().map(drop),
        Kind::Bytes => reader.bytes().map(drop),
        Kind::Some => check(reader, depth + 1),
        Kind::Choice => {
            reader.array::<4>()?;
            check(reader, depth + 1)
        }
        Kind::Fields => {
            let count = reader.count()?;
            (0..count).try_for_each(|_| check(reader, depth + 1))
        }
        Kind::Sequence => match reader.sequence()? {
            (count, Some(kind)) => {
                let width = kind.width().unwrap_or(1);
                check_numbers(kind, reader.take(u64::from(count) * width)?)
            }
            (count, None) => (0..count).try_for_each(|_| {
                let start = *reader;
                let kind = Kind::read(&mut start.clone())?;
                if kind.width().is_some() {
                    // There is one way to write numbers.
                    let found = kind.byte();
                    return Err(start.fault(BundleFault::Form { found }));
                }
                check(reader, depth + 1)
            }),
        },
        _ => Ok(()),
    }
}

/// Numbers side by side, all of them finite.
fn check_numbers(kind: Kind, numbers: Reader<'_>) -> Result<(), WireError> {
    match kind {
        Kind::Float4 => numbers.each(|bytes| finite(f32::from_le_bytes(bytes).into())),
        Kind::Float8 => numbers.each(|bytes| finite(f64::from_le_bytes(bytes))),
        _ => Ok(()),
    }
}

/// The one place where bundles are kept free of numbers that are infinite or none: asked before
/// anything is read, and of each number that is written.
pub(super) fn finite(number: f64) -> Result<(), BundleFault> {
    if number.is_finite() {
        Ok(())
    } else {
        Err(BundleFault::NotFinite { found: number })
    }
}
