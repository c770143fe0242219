//! What the numbers of a column count or measure.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The unit of a column, so that an explanation can speak in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Unit {
    /// A plain number.
    None,
    /// A number of things.
    Count,
    /// Bytes.
    Bytes,
    /// Seconds.
    Seconds,
    /// Bytes per second.
    BytesPerSecond,
    /// Packets per second.
    PacketsPerSecond,
    /// A share of a whole, 0 to 1, or a ratio of two counts.
    Ratio,
    /// 0 or 1.
    Flag,
    /// Thousandths of a second, in tables of others.
    Milliseconds,
    /// Millionths of a second, in tables of others.
    Microseconds,
    /// Bits per second, in tables of others.
    BitsPerSecond,
}

impl Unit {
    /// The name used in documents and in the schema's fingerprint: `seconds`, `bytes_per_second`, ….
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Count => "count",
            Self::Bytes => "bytes",
            Self::Seconds => "seconds",
            Self::BytesPerSecond => "bytes_per_second",
            Self::PacketsPerSecond => "packets_per_second",
            Self::Ratio => "ratio",
            Self::Flag => "flag",
            Self::Milliseconds => "milliseconds",
            Self::Microseconds => "microseconds",
            Self::BitsPerSecond => "bits_per_second",
        }
    }

    /// What is written after a number: `s`, `B/s`, …, or nothing.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Bytes => "B",
            Self::Seconds => "s",
            Self::BytesPerSecond => "B/s",
            Self::PacketsPerSecond => "packets/s",
            Self::Milliseconds => "ms",
            Self::Microseconds => "µs",
            Self::BitsPerSecond => "bit/s",
            Self::None | Self::Count | Self::Ratio | Self::Flag => "",
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
