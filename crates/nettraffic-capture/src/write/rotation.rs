//! When a file is full.

use std::num::NonZeroUsize;
use std::time::Duration;

use crate::Timestamp;

/// When [`RotatingWriter`](crate::RotatingWriter) begins another file, and how many it keeps.
///
/// By default it never does, and keeps all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotation {
    bytes: Option<u64>,
    span: Option<Duration>,
    files: Option<NonZeroUsize>,
}

impl Rotation {
    /// One file for everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A file is full when it has at least so many bytes: the packet that makes it full is its last.
    #[must_use]
    pub fn after_bytes(mut self, bytes: u64) -> Self {
        self.bytes = Some(bytes);
        self
    }

    /// A file holds less than `span` of packet time from its first packet on. One packet with a
    /// wrong time opens a file of its own, since a packet that lies so far before the first one
    /// belongs in another file too.
    #[must_use]
    pub fn after_time(mut self, span: Duration) -> Self {
        self.span = Some(span);
        self
    }

    /// Keeps so many of the files written, the one being written among them, and removes the
    /// oldest ones.
    #[must_use]
    pub fn keep_files(mut self, files: NonZeroUsize) -> Self {
        self.files = Some(files);
        self
    }

    /// Whether a packet of time `next` belongs in another file than the one that has `bytes` and
    /// began at `first`.
    pub(super) fn is_due(&self, bytes: u64, first: Timestamp, next: Timestamp) -> bool {
        let apart = next
            .saturating_since(first)
            .max(first.saturating_since(next));
        self.bytes.is_some_and(|most| bytes >= most) || self.span.is_some_and(|span| apart >= span)
    }

    /// How many of `written` files are to be removed.
    pub(super) fn excess(&self, written: usize) -> usize {
        self.files
            .map_or(0, |most| written.saturating_sub(most.get()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_full_by_size_or_by_time_either_way() {
        let minute = Rotation::new().after_time(Duration::from_secs(60));
        let kilobyte = Rotation::new().after_bytes(1_000);
        let both = minute.after_bytes(1_000);
        for (rotation, bytes, next, due) in [
            (Rotation::new(), u64::MAX, 1_000_000, false),
            (minute, u64::MAX, 159, false),
            (minute, 0, 160, true),
            (minute, 0, 41, false),
            (minute, 0, 40, true),
            (kilobyte, 999, 1_000_000, false),
            (kilobyte, 1_000, 100, true),
            (both, 1_000, 100, true),
            (both, 999, 160, true),
            (both, 999, 159, false),
        ] {
            let [first, next] = [100, next].map(|second| Timestamp::from_seconds(second, 0));
            assert_eq!(
                rotation.is_due(bytes, first, next),
                due,
                "{rotation:?} {bytes} {next}"
            );
        }
    }
}
