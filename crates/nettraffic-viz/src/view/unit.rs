//! Units of the values that a report shows.

use serde::Serialize;

use crate::{number, time};

/// What a value is measured in, which decides how it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unit {
    /// A plain number.
    #[default]
    Plain,
    /// A number of things: the words of the feature name them, as in `214 connections`.
    Count,
    /// Bytes.
    Bytes,
    /// Seconds.
    Seconds,
    /// Bytes per second.
    BytesPerSecond,
    /// Events per second, such as packets.
    PerSecond,
    /// A share of a whole, 0 to 1, written in percent.
    Share,
    /// 0 or 1, written as no or yes.
    Flag,
}

impl Unit {
    /// The value in words: `1.4 kB`, `63 %`, `20 ms`.
    #[must_use]
    pub fn describe(self, value: f64) -> String {
        match self {
            Self::Plain | Self::Count => number::significant(value),
            Self::Bytes => bytes(value),
            Self::BytesPerSecond => format!("{}/s", bytes(value)),
            Self::PerSecond => format!("{}/s", number::significant(value)),
            Self::Seconds => time::seconds(value),
            Self::Share => number::percent(value),
            Self::Flag if value == 0.0 => "no".to_owned(),
            Self::Flag if value == 1.0 => "yes".to_owned(),
            Self::Flag => number::significant(value),
        }
    }

    /// Both ends of what is usual in words: `1 to 6`, or one value where they are alike.
    #[must_use]
    pub fn describe_range(self, low: f64, high: f64) -> String {
        let (low, high) = (self.describe(low), self.describe(high));
        if low == high {
            low
        } else {
            format!("{low} to {high}")
        }
    }
}

fn bytes(value: f64) -> String {
    let (unit, name) = number::byte_unit(value.abs());
    format!("{} {name}", number::significant(value / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_well() {
        for (unit, value, expected) in [
            (Unit::Plain, 0.01234, "0.0123"),
            (Unit::Count, 214.0, "214"),
            (Unit::Bytes, 1_460.0, "1.46 kB"),
            (Unit::Bytes, -20.0, "-20 B"),
            (Unit::BytesPerSecond, 2.2e6, "2.2 MB/s"),
            (Unit::PerSecond, 8_120.0, "8,120/s"),
            (Unit::Seconds, 0.000_17, "0.17 ms"),
            (Unit::Seconds, 179.0, "2 min 59 s"),
            (Unit::Share, 0.857, "86 %"),
            (Unit::Flag, 1.0, "yes"),
            (Unit::Flag, 0.5, "0.5"),
            (Unit::Plain, f64::NAN, "NaN"),
        ] {
            assert_eq!(unit.describe(value), expected);
        }
        assert_eq!(Unit::Count.describe_range(1.0, 6.0), "1 to 6");
        assert_eq!(Unit::Flag.describe_range(0.0, 0.0), "no");
    }
}
