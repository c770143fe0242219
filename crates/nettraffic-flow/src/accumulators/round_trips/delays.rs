//! Delays, summed up.

use nettraffic_capture::Timestamp;

/// How many delays there were, and their mean and range in nanoseconds, kept exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delays {
    count: u64,
    sum: u64,
    min: u64,
    max: u64,
}

impl Delays {
    /// How many.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Their sum in nanoseconds.
    #[must_use]
    pub const fn sum(&self) -> u64 {
        self.sum
    }

    /// The mean in nanoseconds; `None` without any.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The shortest in nanoseconds; `None` without any.
    #[must_use]
    pub const fn min(&self) -> Option<u64> {
        match self.count {
            0 => None,
            _ => Some(self.min),
        }
    }

    /// The longest in nanoseconds; `None` without any.
    #[must_use]
    pub const fn max(&self) -> Option<u64> {
        match self.count {
            0 => None,
            _ => Some(self.max),
        }
    }

    pub(super) fn add(&mut self, nanos: u64) {
        self.min = if self.count == 0 {
            nanos
        } else {
            self.min.min(nanos)
        };
        self.max = self.max.max(nanos);
        self.count += 1;
        self.sum = self.sum.saturating_add(nanos);
    }
}

/// Nanoseconds from one time to a later one; `None` when the capture has them the other way round.
pub(super) fn nanos_between(earlier: Timestamp, later: Timestamp) -> Option<u64> {
    let nanos = later.as_nanos().checked_sub(earlier.as_nanos())?;
    u64::try_from(nanos).ok()
}
