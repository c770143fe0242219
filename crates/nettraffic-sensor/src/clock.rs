//! The clock on the wall, asked in one place.

use std::time::{SystemTime, UNIX_EPOCH};

use nettraffic_capture::Timestamp;

/// The time on the wall. No decision over packets depends on it.
pub(crate) fn wall_time() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Timestamp::default().saturating_add(since.unwrap_or_default())
}
