//! The file that holds a trained detector.
//!
//! `NTMODEL\n`, a version, the length and the CRC-32 of what follows. Then a header, which names
//! the features and the fingerprint of their schema, and the detector, part by part
//! ([`wire`]). Numbers are little-endian. A checksum proves nothing about intent, so nothing is
//! trusted: every part is held against what it claims while it is read.

mod error;
mod header;
mod save;
#[cfg(test)]
mod tests;
mod wire;

use std::io::{Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;
use siphasher::sip128::SipHasher24;

pub use error::{BundleError, BundleFault};
pub(crate) use header::{Described, Header};
pub(crate) use save::save_to;

use crate::DetectError;

const MAGIC: &[u8; 8] = b"NTMODEL\n";
const VERSION: u32 = 4;
const MAX_BYTES: u64 = 1 << 30;
/// Magic, version, length and checksum.
const START: usize = 24;
/// Room that is made before anything is known to be there.
const FIRST_ROOM: usize = 1 << 16;

/// Writes a detector. The same one gives the same bytes.
pub(crate) fn write(
    detector: &(impl Serialize + Described),
    mut writer: impl Write,
) -> Result<(), DetectError> {
    let header = wire::encode(&detector.header()).map_err(BundleError::from)?;
    let detector = encode(detector)?;
    // The header holds names of features: far less than 4 GiB.
    let header_length = (header.len() as u32).to_le_bytes();
    let parts = [&header_length, &*header, &*detector];
    let length: u64 = parts.iter().map(|part| part.len() as u64).sum();
    within_limit(length)?;
    let mut sum = crc32fast::Hasher::new();
    parts.iter().for_each(|part| sum.update(part));

    writer.write_all(MAGIC)?;
    writer.write_all(&VERSION.to_le_bytes())?;
    writer.write_all(&length.to_le_bytes())?;
    writer.write_all(&sum.finalize().to_le_bytes())?;
    for part in parts {
        writer.write_all(part)?;
    }
    Ok(writer.flush()?)
}

/// A hash of a detector: of its bytes in a bundle.
pub(crate) fn id_of(detector: &impl Serialize) -> Result<u64, DetectError> {
    Ok(hash(&encode(detector)?))
}

fn hash(detector: &[u8]) -> u64 {
    SipHasher24::new().hash(detector).h1
}

/// The bytes of a detector alone.
fn encode(detector: &impl Serialize) -> Result<Vec<u8>, DetectError> {
    Ok(wire::encode(detector).map_err(BundleError::from)?)
}

/// Reads what [`write`] wrote, and its hash: there is one way to write a detector, so the bytes that
/// were read need not be made again for it.
pub(crate) fn read<T: DeserializeOwned + Described>(
    reader: impl Read,
) -> Result<(T, u64), DetectError> {
    let body = read_body(reader)?;
    let Some((length, rest)) = body.split_first_chunk() else {
        return Err(BundleError::Ends {
            found: START as u64 + body.len() as u64,
        }
        .into());
    };
    let length = u32::from_le_bytes(*length) as usize;
    let Some((header, detector)) = rest.split_at_checked(length) else {
        return Err(BundleError::Ends {
            found: START as u64 + body.len() as u64,
        }
        .into());
    };
    let at = START as u64 + 4;
    let header: Header = wire::decode(header, at).map_err(BundleError::from)?;
    header.check()?;
    let id = hash(detector);
    let detector: T = wire::decode(detector, at + length as u64).map_err(BundleError::from)?;
    if detector.header() != header {
        let other = "its header names other features than the detector has";
        return Err(DetectError::Bundle(other.to_owned()));
    }
    Ok((detector, id))
}

/// Header and detector, as they were written if the checksum can tell.
fn read_body(mut reader: impl Read) -> Result<Vec<u8>, DetectError> {
    let mut start = Vec::with_capacity(START);
    reader.by_ref().take(START as u64).read_to_end(&mut start)?;
    let Some(rest) = start.strip_prefix(MAGIC) else {
        return Err(BundleError::Magic.into());
    };
    let Some((version, length, sum)) = split_start(rest) else {
        let found = start.len() as u64;
        return Err(BundleError::Ends { found }.into());
    };
    if version != VERSION {
        let (found, known) = (version, VERSION);
        return Err(BundleError::Version { found, known }.into());
    }
    within_limit(length)?;
    let body = read_exactly(reader, length)?;
    if crc32fast::hash(&body) != sum {
        return Err(BundleError::Checksum.into());
    }
    Ok(body)
}

/// As many bytes as claimed, and no more. The room grows with what is there, to twice as much at
/// a time, and never beyond what is claimed.
fn read_exactly(mut reader: impl Read, claimed: u64) -> Result<Vec<u8>, DetectError> {
    let mut body = Vec::new();
    while (body.len() as u64) < claimed {
        let missing = usize::try_from(claimed - body.len() as u64).unwrap_or(usize::MAX);
        let room = missing.min(body.len().max(FIRST_ROOM));
        body.reserve_exact(room);
        let read = reader.by_ref().take(room as u64).read_to_end(&mut body)?;
        if read < room {
            let found = (START + body.len()) as u64;
            return Err(BundleError::Ends { found }.into());
        }
    }
    if reader.take(1).read_to_end(&mut Vec::new())? > 0 {
        return Err(BundleError::Follows { claimed }.into());
    }
    Ok(body)
}

fn within_limit(claimed: u64) -> Result<(), BundleError> {
    if claimed <= MAX_BYTES {
        return Ok(());
    }
    let limit = MAX_BYTES;
    Err(BundleError::TooLarge { claimed, limit })
}

/// Version, length and checksum.
fn split_start(bytes: &[u8]) -> Option<(u32, u64, u32)> {
    let (version, bytes) = bytes.split_first_chunk()?;
    let (length, bytes) = bytes.split_first_chunk()?;
    let (sum, _) = bytes.split_first_chunk()?;
    Some((
        u32::from_le_bytes(*version),
        u64::from_le_bytes(*length),
        u32::from_le_bytes(*sum),
    ))
}
