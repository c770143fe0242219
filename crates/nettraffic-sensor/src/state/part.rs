//! A part of the state in a file of its own.
//!
//! `NTSTATE\n`, the version of the part, length and CRC-32 of what follows; numbers are little-endian.

use std::io;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StateError;
use super::atomic::{self, Sync};

const MAGIC: &[u8; 8] = b"NTSTATE\n";
const MOST_BYTES: u64 = 256 << 20;

/// Which part of the state, and the version of its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part {
    name: &'static str,
    version: u32,
}

impl Part {
    /// What a [`Gate`](crate::Gate) remembers: [`GateState`](crate::GateState).
    pub const GATE: Self = Self::new("gate", 1);

    /// A part of this name, which becomes that of a file.
    #[must_use]
    pub const fn new(name: &'static str, version: u32) -> Self {
        Self { name, version }
    }
}

/// What became of loading a part.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Loaded<T> {
    /// The state; `None` when there was none, or none that can be used.
    pub state: Option<T>,
    /// What an operator should know.
    pub warning: Option<String>,
}

pub(super) fn save(folder: &Path, part: Part, state: &impl Serialize) -> Result<(), StateError> {
    let path = folder.join(format!("{}.state", part.name));
    let failed = StateError::about(&path);
    let body = postcard::to_allocvec(state).map_err(|error| failed(io::Error::other(error)))?;
    let length = body.len() as u64;
    if length > MOST_BYTES {
        return Err(failed(io::ErrorKind::FileTooLarge.into()));
    }
    let start: [&[u8]; 4] = [
        MAGIC,
        &part.version.to_le_bytes(),
        &length.to_le_bytes(),
        &crc32fast::hash(&body).to_le_bytes(),
    ];
    let bytes = [&start.concat()[..], &body].concat();
    atomic::write(&path, &bytes, Sync::Yes).map_err(failed)
}

pub(super) fn load<T: DeserializeOwned>(folder: &Path, part: Part) -> Loaded<T> {
    let path = folder.join(format!("{}.state", part.name));
    let read = atomic::read(&path, MOST_BYTES + 64);
    let problem = match read {
        Ok(None) => {
            return Loaded {
                state: None,
                warning: None,
            };
        }
        Ok(Some(bytes)) => match decode(&bytes, part) {
            Ok(state) => {
                let state = Some(state);
                return Loaded {
                    state,
                    warning: None,
                };
            }
            Err(problem) => problem,
        },
        Err(error) => error.to_string(),
    };
    let aside = match atomic::put_aside(&path) {
        Ok(aside) => format!("put aside as {}", aside.display()),
        Err(error) => format!("and cannot be put aside: {error}"),
    };
    let warning = format!(
        "{}: {problem}; {aside}, this part of the state begins anew",
        path.display()
    );
    Loaded {
        state: None,
        warning: Some(warning),
    }
}

fn decode<T: DeserializeOwned>(bytes: &[u8], part: Part) -> Result<T, String> {
    let damaged = || "damaged".to_owned();
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(damaged)?;
    let (version, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let (length, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let (sum, body) = rest.split_first_chunk().ok_or_else(damaged)?;
    let version = u32::from_le_bytes(*version);
    if version != part.version {
        return Err(format!(
            "its version is {version}, this program knows {}",
            part.version
        ));
    }
    if u64::from_le_bytes(*length) != body.len() as u64
        || u32::from_le_bytes(*sum) != crc32fast::hash(body)
    {
        return Err(damaged());
    }
    match postcard::take_from_bytes(body) {
        Ok((state, [])) => Ok(state),
        _ => Err(damaged()),
    }
}
