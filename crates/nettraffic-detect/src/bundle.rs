//! The file that holds a trained detector.
//!
//! `NTMODEL\n`, a version, the length and the CRC-32 of what follows, then the detector in
//! postcard's encoding. The numbers are little-endian. Nothing is trusted: every part checks
//! itself while it is read.

use std::io::{Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::DetectError;

const MAGIC: &[u8; 8] = b"NTMODEL\n";
const VERSION: u32 = 3;
const MAX_BYTES: u64 = 1 << 30;

pub(crate) fn write(detector: &impl Serialize, mut writer: impl Write) -> Result<(), DetectError> {
    let body = encode(detector)?;
    writer.write_all(MAGIC)?;
    writer.write_all(&VERSION.to_le_bytes())?;
    writer.write_all(&(body.len() as u64).to_le_bytes())?;
    writer.write_all(&crc32fast::hash(&body).to_le_bytes())?;
    writer.write_all(&body)?;
    Ok(writer.flush()?)
}

pub(crate) fn encode(detector: &impl Serialize) -> Result<Vec<u8>, DetectError> {
    postcard::to_stdvec(detector).map_err(|error| DetectError::Bundle(error.to_string()))
}

pub(crate) fn read<T: DeserializeOwned>(mut reader: impl Read) -> Result<T, DetectError> {
    let damaged = |what: String| Err(DetectError::Bundle(what));
    let mut start = Vec::new();
    reader.by_ref().take(24).read_to_end(&mut start)?;
    let Some(header) = start.strip_prefix(MAGIC) else {
        return damaged("it does not begin as one".into());
    };
    let Some((version, length, sum)) = split_header(header) else {
        return damaged(format!("it ends after {} bytes", start.len()));
    };
    if version != VERSION {
        return damaged(format!(
            "it has version {version}, this program reads {VERSION}"
        ));
    }
    if length > MAX_BYTES {
        return damaged(format!(
            "it claims {length} bytes, {MAX_BYTES} is the limit"
        ));
    }
    // `take` grows the buffer with what is there, not with what is claimed.
    let mut body = Vec::new();
    reader.by_ref().take(length + 1).read_to_end(&mut body)?;
    if body.len() as u64 != length {
        let relation = if (body.len() as u64) < length {
            "fewer"
        } else {
            "more"
        };
        return damaged(format!("it claims {length} bytes, {relation} are there"));
    }
    if crc32fast::hash(&body) != sum {
        return damaged("its checksum does not match its content".into());
    }
    match postcard::take_from_bytes(&body) {
        Ok((detector, [])) => Ok(detector),
        Ok((_, rest)) => damaged(format!("{} bytes follow the detector", rest.len())),
        Err(error) => damaged(error.to_string()),
    }
}

/// Version, length and checksum.
fn split_header(bytes: &[u8]) -> Option<(u32, u64, u32)> {
    let (version, bytes) = bytes.split_first_chunk()?;
    let (length, bytes) = bytes.split_first_chunk()?;
    let (sum, _) = bytes.split_first_chunk()?;
    Some((
        u32::from_le_bytes(*version),
        u64::from_le_bytes(*length),
        u32::from_le_bytes(*sum),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle() -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&vec![1_u64, 2, 3], &mut bytes).unwrap();
        bytes
    }

    fn check(bytes: &[u8], expected: &str) {
        let error = read::<Vec<u64>>(bytes).unwrap_err().to_string();
        assert_eq!(error, format!("not a sound detector bundle: {expected}"));
    }

    #[test]
    fn what_was_written_is_read() {
        assert_eq!(read::<Vec<u64>>(&*bundle()).unwrap(), [1, 2, 3]);
    }

    #[test]
    fn nothing_may_follow_the_detector() {
        let mut bytes = Vec::new();
        write(&(vec![1_u64], 7_u16), &mut bytes).unwrap();
        check(&bytes, "1 bytes follow the detector");
    }

    #[test]
    fn damage_is_named() {
        let sound = bundle();
        let with = |at: usize, byte: u8| {
            let mut bytes = sound.clone();
            bytes[at] = byte;
            bytes
        };
        check(b"", "it does not begin as one");
        check(&with(0, b'X'), "it does not begin as one");
        check(&sound[..20], "it ends after 20 bytes");
        check(&with(8, 9), "it has version 9, this program reads 3");
        check(&with(12, 5), "it claims 5 bytes, fewer are there");
        check(&with(12, 3), "it claims 3 bytes, more are there");
        check(
            &with(19, 1),
            "it claims 72057594037927940 bytes, 1073741824 is the limit",
        );
        check(&with(26, 7), "its checksum does not match its content");
    }
}
