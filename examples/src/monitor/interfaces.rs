//! Interfaces that are watched.

use nettraffic_capture::LiveOptions;
use nettraffic_sensor::{InputSettings, Live};

use crate::Failure;

/// Opens the interfaces that the settings name; some may have to be waited for.
pub(super) fn open(settings: &InputSettings) -> Result<Vec<Live>, Failure> {
    let mut options = LiveOptions::new()
        .with_snap_len(settings.snaplen)
        .with_buffer_bytes(settings.buffer_mib.saturating_mul(1 << 20));
    if let Some(filter) = &settings.filter {
        options = options.with_filter(filter);
    }
    if settings.promiscuous {
        options = options.with_promiscuous();
    }
    if settings.wait {
        options = options.awaiting_interface();
    }
    let open = |name: &String| Live::open(name, &options).map_err(Failure::usage);
    settings.interfaces.iter().map(open).collect()
}
