//! Times in words, always UTC.

use jiff::Timestamp;

use crate::number;

/// Nanoseconds since 1970 in a form of `strftime`.
fn format(nanos: i64, form: &str) -> String {
    // The calendar reaches further than 64 bits of nanoseconds.
    let time = Timestamp::from_nanosecond(nanos.into()).unwrap_or_default();
    time.strftime(form).to_string()
}

/// `2024-01-31`.
pub(crate) fn date(nanos: i64) -> String {
    format(nanos, "%Y-%m-%d")
}

/// `31 Jan`.
pub(crate) fn short_date(nanos: i64) -> String {
    format(nanos, "%-d %b")
}

/// `12:30`.
pub(crate) fn minute(nanos: i64) -> String {
    format(nanos, "%H:%M")
}

/// `12:30:59`.
pub(crate) fn second(nanos: i64) -> String {
    format(nanos, "%H:%M:%S")
}

/// `12:30:59.123`.
pub(crate) fn milli(nanos: i64) -> String {
    format(nanos, "%H:%M:%S.%3f")
}

/// For machines: `2024-01-31T12:30:59.123Z`.
pub(crate) fn iso(nanos: i64) -> String {
    format(nanos, "%Y-%m-%dT%H:%M:%S.%3fZ")
}

/// The two largest units of a length of time: `3 min 12 s`, `250 ms`.
pub(crate) fn length(nanos: u64) -> String {
    const UNITS: [(u64, &str); 4] = [
        (86_400_000_000_000, "d"),
        (3_600_000_000_000, "h"),
        (60_000_000_000, "min"),
        (1_000_000_000, "s"),
    ];
    for pair in UNITS.windows(2) {
        if let [(large, large_name), (small, small_name)] = pair
            && nanos >= *large
        {
            let rest = nanos % large / small;
            let whole = nanos / large;
            return match rest {
                0 => format!("{whole} {large_name}"),
                _ => format!("{whole} {large_name} {rest} {small_name}"),
            };
        }
    }
    match nanos {
        0 => "0 s".into(),
        1..1_000_000 => "under 1 ms".into(),
        1_000_000..1_000_000_000 => format!("{} ms", nanos / 1_000_000),
        _ => format!("{} s", number::significant(nanos as f64 / 1e9)),
    }
}

/// A length of time in seconds, to three digits below a second: `17 µs`, `0.17 ms`, `2 min 59 s`.
pub(crate) fn seconds(value: f64) -> String {
    let size = value.abs();
    match size {
        s if s == 0.0 || !s.is_finite() => format!("{} s", number::significant(value)),
        s if s < 1e-4 => format!("{} µs", number::significant(value * 1e6)),
        s if s < 1.0 => format!("{} ms", number::significant(value * 1e3)),
        s if s < 60.0 => format!("{} s", number::significant(value)),
        s if s < 1e9 && value > 0.0 => length((s * 1e9) as u64),
        _ => format!("{} s", number::significant(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_follow_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (1_704_067_199, "2023-12-31T23:59:59.000Z"),
            (1_709_164_800, "2024-02-29T00:00:00.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(iso(seconds * 1_000_000_000), expected);
        }
        assert_eq!(short_date(1_709_164_800_000_000_000), "29 Feb");
        assert_eq!(iso(i64::MIN), "1677-09-21T00:12:43.145Z");
        assert_eq!(iso(i64::MAX), "2262-04-11T23:47:16.854Z");
    }

    #[test]
    fn lengths_name_two_units() {
        for (nanos, expected) in [
            (0, "0 s"),
            (999, "under 1 ms"),
            (250_000_000, "250 ms"),
            (1_500_000_000, "1.5 s"),
            (48_000_000_000, "48 s"),
            (192_000_000_000, "3 min 12 s"),
            (3_600_000_000_000, "1 h"),
            (90_061_000_000_000, "1 d 1 h"),
        ] {
            assert_eq!(length(nanos), expected);
        }
    }

    #[test]
    fn seconds_keep_three_digits() {
        for (value, expected) in [
            (0.0, "0 s"),
            (0.000_012_34, "12.3 µs"),
            (0.000_137, "0.137 ms"),
            (0.265, "265 ms"),
            (5.15, "5.15 s"),
            (-3.0, "-3 s"),
            (-90.0, "-90 s"),
            (179.0, "2 min 59 s"),
            (1e12, "1×10¹² s"),
            (f64::INFINITY, "inf s"),
        ] {
            assert_eq!(seconds(value), expected);
        }
    }
}
