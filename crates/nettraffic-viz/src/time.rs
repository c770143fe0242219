//! Times in words, always UTC.

use crate::number;

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Year, month and day of a number of days since 1970-01-01 in the Gregorian calendar,
/// counted in years that begin in March, so that the leap day comes last.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// `2024-01-31`.
pub(crate) fn date(nanos: i64) -> String {
    let (year, month, day) = civil(nanos.div_euclid(DAY));
    format!("{year:04}-{month:02}-{day:02}")
}

/// `31 Jan`.
pub(crate) fn short_date(nanos: i64) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (_, month, day) = civil(nanos.div_euclid(DAY));
    let name = usize::try_from(month - 1)
        .ok()
        .and_then(|month| MONTHS.get(month));
    format!("{day} {}", name.unwrap_or(&""))
}

/// `12:30`.
pub(crate) fn minute(nanos: i64) -> String {
    let seconds = nanos.rem_euclid(DAY) / SECOND;
    format!("{:02}:{:02}", seconds / 3600, seconds / 60 % 60)
}

/// `12:30:59`.
pub(crate) fn second(nanos: i64) -> String {
    let seconds = nanos.rem_euclid(DAY) / SECOND;
    format!("{}:{:02}", minute(nanos), seconds % 60)
}

/// `12:30:59.123`.
pub(crate) fn milli(nanos: i64) -> String {
    let millis = nanos.rem_euclid(SECOND) / 1_000_000;
    format!("{}.{millis:03}", second(nanos))
}

/// For machines: `2024-01-31T12:30:59.123Z`.
pub(crate) fn iso(nanos: i64) -> String {
    format!("{}T{}Z", date(nanos), milli(nanos))
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
            assert_eq!(iso(seconds * SECOND), expected);
        }
        assert_eq!(short_date(1_709_164_800 * SECOND), "29 Feb");
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
}
