//! Captures that are replayed, and the one that is recorded.

use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;

use nettraffic_capture::{CaptureFormat, CaptureSet, CaptureWriter};
use nettraffic_sensor::{InputSettings, Replay, Speed};

use crate::{Captures, Failure};

/// The captures that the settings name, as one stream in the order of time.
pub(super) fn replay(settings: &InputSettings) -> Result<Replay, Failure> {
    let captures = Captures::find(&settings.replay)?;
    let speed = settings.speed.map_or(Speed::Full, Speed::Times);
    let source = CaptureSet::new(captures.files());
    Ok(Replay::new(captures.to_string(), source).speed(speed))
}

/// The file that packets are recorded in, if the settings name one. Only its owner can read it.
pub(super) fn recording(
    settings: &InputSettings,
) -> Result<Option<CaptureWriter<Box<dyn Write + Send>>>, Failure> {
    let Some(path) = &settings.record else {
        return Ok(None);
    };
    let failed = |error| Failure::usage(format!("{}: {error}", path.display()));
    let file = OpenOptions::new()
        .write(true)
        // Nothing is overwritten: it might be what is replayed.
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(failed)?;
    let output: Box<dyn Write + Send> = Box::new(BufWriter::with_capacity(1 << 20, file));
    CaptureWriter::new(output, CaptureFormat::PcapNg)
        .map(Some)
        .map_err(failed)
}
