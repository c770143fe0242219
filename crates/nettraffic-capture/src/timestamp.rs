//! Packet time.

use std::fmt;
use std::time::Duration;

/// A moment of packet time: nanoseconds since the Unix epoch (UTC).
///
/// The range is 1677 to 2262; whatever a file claims beyond it is clamped.
/// Displayed as seconds with nine decimals, `1704067200.000000001`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest moment that can be told.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest moment that can be told.
    pub const MAX: Self = Self(i64::MAX);

    /// From nanoseconds since the Unix epoch.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// From seconds and nanoseconds since the Unix epoch, clamped to the range.
    #[must_use]
    pub const fn from_seconds(seconds: i64, nanos: u32) -> Self {
        Self(
            seconds
                .saturating_mul(1_000_000_000)
                .saturating_add(nanos as i64),
        )
    }

    /// Nanoseconds since the Unix epoch.
    #[must_use]
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Seconds since the Unix epoch; exact to about 200 ns in this century.
    #[must_use]
    pub fn as_seconds_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Time that passed since `earlier`; zero when `earlier` is later.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        if self.0 <= earlier.0 {
            return Duration::ZERO;
        }
        Duration::from_nanos(self.0.abs_diff(earlier.0))
    }

    /// This moment moved later, clamped to [`Timestamp::MAX`].
    #[must_use]
    pub const fn saturating_add(self, duration: Duration) -> Self {
        let nanos = duration.as_nanos();
        if nanos > i64::MAX as u128 {
            return Self::MAX;
        }
        Self(self.0.saturating_add(nanos as i64))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(
            f,
            "{sign}{}.{:09}",
            magnitude / 1_000_000_000,
            magnitude % 1_000_000_000
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_shown_as_seconds_with_nine_decimals() {
        for (nanos, expected) in [
            (0, "0.000000000"),
            (1, "0.000000001"),
            (-1, "-0.000000001"),
            (1_704_067_200_000_000_001, "1704067200.000000001"),
            (i64::MIN, "-9223372036.854775808"),
        ] {
            assert_eq!(Timestamp::from_nanos(nanos).to_string(), expected);
        }
    }

    #[test]
    fn never_wraps() {
        assert_eq!(Timestamp::MAX.saturating_add(Duration::MAX), Timestamp::MAX);
        assert_eq!(
            Timestamp::MAX.saturating_since(Timestamp::MIN),
            Duration::from_nanos(u64::MAX)
        );
        assert_eq!(
            Timestamp::MIN.saturating_since(Timestamp::MAX),
            Duration::ZERO
        );
        assert_eq!(Timestamp::from_seconds(i64::MAX, 5), Timestamp::MAX);
    }
}
