//! Interfaces that are watched.

use nettraffic_capture::LiveOptions;
use nettraffic_sensor::{Input, InputSettings, Live};

use crate::Failure;

/// Opens the interfaces that the settings name.
pub(super) fn open(settings: &InputSettings) -> Result<Vec<Input>, Failure> {
    let mut options = LiveOptions::new()
        .with_snap_len(settings.snaplen)
        .with_buffer_bytes(settings.buffer_mib.saturating_mul(1 << 20));
    if let Some(filter) = &settings.filter {
        options = options.with_filter(filter);
    }
    if settings.promiscuous {
        options = options.with_promiscuous();
    }
    let open = |name: &String| Live::open(name, &options).map(Input::from);
    settings
        .interfaces
        .iter()
        .map(|name| open(name).map_err(Failure::usage))
        .collect()
}
