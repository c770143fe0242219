//! What a sensor did last, for the next one to know how it ended.

use std::path::{Path, PathBuf};

use nettraffic_capture::Timestamp;
use serde::{Deserialize, Serialize};

use super::StateError;
use super::atomic::{self, Sync};

const VERSION: u32 = 1;
const MOST_BYTES: u64 = 1 << 16;

/// What a running sensor is at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Heartbeat {
    /// What it does: `learning`, `detecting`.
    pub phase: String,
    /// When this was written, by the clock on the wall, in nanoseconds since 1970.
    pub written_ns: i64,
    /// Packet time, in nanoseconds since 1970; `None` before the first packet.
    pub packet_time_ns: Option<i64>,
    /// Packets so far.
    pub packets: u64,
    /// Flows that are open: what a crash loses.
    pub open_flows: u64,
}

impl Heartbeat {
    /// One at this moment of the clock on the wall, with no packets and no open flows.
    #[must_use]
    pub fn new(phase: impl Into<String>, written: Timestamp) -> Self {
        Self {
            phase: phase.into(),
            written_ns: written.as_nanos(),
            packet_time_ns: None,
            packets: 0,
            open_flows: 0,
        }
    }
}

/// How the run before this one ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Before {
    /// There was none.
    Nothing,
    /// It was told to end, and lost nothing.
    Ended(Heartbeat),
    /// It was killed: the flows that were open at its last heartbeat are lost, and those that began after it.
    Crashed(Heartbeat),
    /// It left something that cannot be read, as a loss of power may.
    Unknown,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    ended: bool,
    #[serde(flatten)]
    beat: Heartbeat,
}

pub(super) fn write(folder: &Path, beat: &Heartbeat, ended: bool) -> Result<(), StateError> {
    let path = path(folder);
    let stored = Stored {
        version: VERSION,
        ended,
        beat: beat.clone(),
    };
    let failed = StateError::about(&path);
    let text = serde_json::to_vec(&stored).map_err(|error| failed(error.into()))?;
    // Each second: a crash of the process is what matters.
    let sync = if ended { Sync::Yes } else { Sync::No };
    atomic::write(&path, &text, sync).map_err(failed)
}

pub(super) fn read(folder: &Path) -> Before {
    let stored = match atomic::read(&path(folder), MOST_BYTES) {
        Ok(None) => return Before::Nothing,
        Ok(Some(text)) => serde_json::from_slice::<Stored>(&text).ok(),
        Err(_) => None,
    };
    match stored.filter(|stored| stored.version == VERSION) {
        Some(Stored {
            ended: true, beat, ..
        }) => Before::Ended(beat),
        Some(Stored { beat, .. }) => Before::Crashed(beat),
        None => Before::Unknown,
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("heartbeat.json")
}
