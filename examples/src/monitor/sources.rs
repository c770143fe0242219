//! Captures that are replayed.

use nettraffic_capture::CaptureSet;
use nettraffic_sensor::{InputSettings, Replay, Speed};

use crate::{Captures, Failure};

/// The captures that the settings name, as one stream in the order of time.
pub(super) fn replay(settings: &InputSettings) -> Result<Replay, Failure> {
    let captures = Captures::find(&settings.replay)?;
    let speed = settings.speed.map_or(Speed::Full, Speed::Times);
    let source = CaptureSet::new(captures.files());
    Ok(Replay::new(captures.to_string(), source).speed(speed))
}
