//! Days of the calendar.

use nettraffic_capture::Timestamp;

const SECONDS_PER_DAY: i64 = 86_400;
const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// A day of the Gregorian calendar, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::write) struct Date {
    /// Within what a [`Timestamp`] can tell: 1677 to 2262.
    pub(in crate::write) year: u64,
    pub(in crate::write) month: u64,
    pub(in crate::write) day: u64,
}

/// Hour, minute and second, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::write) struct TimeOfDay {
    pub(in crate::write) hour: u64,
    pub(in crate::write) minute: u64,
    pub(in crate::write) second: u64,
}

impl Date {
    /// The day of a moment.
    ///
    /// Years are counted from March, so that the leap day is the last of a year, and days from
    /// the first of March of the year 0, so that none is negative.
    pub(in crate::write) fn of(time: Timestamp) -> Self {
        const DAYS_TO_1970: i64 = 719_468;
        const DAYS_OF_400_YEARS: u64 = 146_097;
        const DAYS_OF_100_YEARS: u64 = 36_524;
        const DAYS_OF_4_YEARS: u64 = 1_461;

        let days = seconds(time).div_euclid(SECONDS_PER_DAY) + DAYS_TO_1970;
        let days = days.unsigned_abs();
        let of_era = days % DAYS_OF_400_YEARS;
        // Of the last day of an era or of four years, a division alone would make a year too many.
        let leap_days = of_era / (DAYS_OF_4_YEARS - 1);
        let missing = of_era / DAYS_OF_100_YEARS - of_era / (DAYS_OF_400_YEARS - 1);
        let year = (of_era - leap_days + missing) / 365;
        let day = of_era - (365 * year + year / 4 - year / 100);
        // From March on, five months have 153 days, over and over.
        let month = (5 * day + 2) / 153;
        Self {
            year: days / DAYS_OF_400_YEARS * 400 + year + month / 10,
            month: (month + 2) % 12 + 1,
            day: day - (153 * month + 2) / 5 + 1,
        }
    }
}

impl TimeOfDay {
    /// The second of the day of a moment.
    pub(in crate::write) fn of(time: Timestamp) -> Self {
        let second = seconds(time).rem_euclid(SECONDS_PER_DAY).unsigned_abs();
        Self {
            hour: second / 3_600,
            minute: second / 60 % 60,
            second: second % 60,
        }
    }
}

fn seconds(time: Timestamp) -> i64 {
    time.as_nanos().div_euclid(NANOS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_the_date_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01 00:00:00"),
            (-1, "1969-12-31 23:59:59"),
            (951_782_400, "2000-02-29 00:00:00"),
            (951_868_799, "2000-02-29 23:59:59"),
            (951_868_800, "2000-03-01 00:00:00"),
            (1_709_251_199, "2024-02-29 23:59:59"),
            (1_735_689_599, "2024-12-31 23:59:59"),
            (4_107_542_400, "2100-03-01 00:00:00"),
            (4_107_542_399, "2100-02-28 23:59:59"),
            (-2_203_891_201, "1900-02-28 23:59:59"),
            (9_223_372_036, "2262-04-11 23:47:16"),
            (-9_223_372_036, "1677-09-21 00:12:44"),
        ] {
            let time = Timestamp::from_seconds(seconds, 0);
            let (date, clock) = (Date::of(time), TimeOfDay::of(time));
            let text = format!(
                "{}-{:02}-{:02} {:02}:{:02}:{:02}",
                date.year, date.month, date.day, clock.hour, clock.minute, clock.second
            );
            assert_eq!(text, expected);
        }
    }

    /// Every day follows the one before it.
    #[test]
    fn no_day_is_left_out() {
        let mut before = Date::of(Timestamp::MIN);
        let mut seconds = Timestamp::MIN.as_nanos() / NANOS_PER_SECOND + SECONDS_PER_DAY;
        while seconds < Timestamp::MAX.as_nanos() / NANOS_PER_SECOND {
            let date = Date::of(Timestamp::from_seconds(seconds, 0));
            let year = before.year;
            let leap =
                year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
            let last = match before.month {
                2 => 28 + u64::from(leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            let expected = match (before.month, before.day) {
                (12, 31) => (before.year + 1, 1, 1),
                (month, day) if day == last => (before.year, month + 1, 1),
                (month, day) => (before.year, month, day + 1),
            };
            assert_eq!((date.year, date.month, date.day), expected, "{before:?}");
            before = date;
            seconds += SECONDS_PER_DAY;
        }
    }
}
