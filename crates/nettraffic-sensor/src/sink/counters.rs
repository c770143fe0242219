//! What became of the events that were offered to a sink.

use std::time::SystemTime;

/// What became of the events that were offered to a sink: offered = written + refused + failed + skipped + waiting,
/// at every moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutletCounters {
    /// All that were offered. Kinds of event that the sink does not want are not counted anywhere.
    pub offered: u64,
    /// Out of this process's hands.
    pub written: u64,
    /// Not taken in, because the queue was full or closed.
    pub refused: u64,
    /// Given up: they could never be written, or not in time.
    pub failed: u64,
    /// Written before this process began, so not written again.
    pub skipped: u64,
    /// Taken in and not dealt with yet: the depth of the queue.
    pub waiting: u64,
    /// Attempts at writing that failed, each of which may have been about several events.
    pub errors: u64,
}

impl OutletCounters {
    /// Those that will never be written by this sink, for want of room or time.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.refused + self.failed
    }
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trouble {
    /// When, by the clock on the wall.
    pub at: SystemTime,
    /// What.
    pub what: String,
}

/// How a sink fares.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutletStatus {
    /// Name of the sink.
    pub name: String,
    /// What became of the events.
    pub counters: OutletCounters,
    /// Events that may wait at most.
    pub capacity: usize,
    /// What went wrong last, if ever anything did.
    pub last_error: Option<Trouble>,
    /// Whether the latest attempt at writing failed, so that it is being tried again.
    pub failing: bool,
}
