//! Names of the files of a rotating capture.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::Timestamp;

/// `office.pcap` becomes `office_00001_20240101120000.pcap`, as dumpcap has it: the number of
/// the file, and the time of its first packet in UTC.
pub(super) fn numbered(path: &Path, number: u64, first: Timestamp) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("_{number:05}_{}", compact_utc(first)));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// The hidden name beside `path` that a file has until it is complete.
pub(super) fn unfinished(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".part");
    path.with_file_name(name)
}

/// Year, month, day, hour, minute and second without anything between them.
fn compact_utc(time: Timestamp) -> String {
    const SECONDS_PER_DAY: i64 = 24 * 60 * 60;
    let seconds = time.as_nanos().div_euclid(1_000_000_000);
    let mut days = seconds.div_euclid(SECONDS_PER_DAY);
    // Packet time spans 600 years: they are counted off rather than computed.
    let mut year = 1970;
    while days < 0 {
        year -= 1;
        days += days_in(year);
    }
    while days >= days_in(year) {
        days -= days_in(year);
        year += 1;
    }
    let february = days_in(year) - 337;
    let mut month = 1;
    for len in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < len {
            break;
        }
        days -= len;
        month += 1;
    }
    let second = seconds.rem_euclid(SECONDS_PER_DAY);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!(
        "{year:04}{month:02}{:02}{hour:02}{minute:02}{second:02}",
        days + 1
    )
}

/// Days of a year of the Gregorian calendar.
fn days_in(year: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    365 + i64::from(leap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_numbered_and_dated() {
        let first = Timestamp::from_seconds(1_704_110_400, 0);
        for (path, numbered_path, unfinished_path) in [
            (
                "a/office.pcap",
                "a/office_00007_20240101120000.pcap",
                "a/.office_00007_20240101120000.pcap.part",
            ),
            (
                "tap.1.pcapng",
                "tap.1_00007_20240101120000.pcapng",
                ".tap.1_00007_20240101120000.pcapng.part",
            ),
            (
                "office",
                "office_00007_20240101120000",
                ".office_00007_20240101120000.part",
            ),
        ] {
            let path = numbered(Path::new(path), 7, first);
            assert_eq!(path, Path::new(numbered_path));
            assert_eq!(unfinished(&path), Path::new(unfinished_path));
        }
        let many = numbered(Path::new("x"), 123_456, first);
        assert_eq!(many, Path::new("x_123456_20240101120000"));
    }

    #[test]
    fn times_are_told_in_the_gregorian_calendar() {
        for (seconds, expected) in [
            (0, "19700101000000"),
            (-1, "19691231235959"),
            (951_782_400, "20000229000000"),
            (951_868_800, "20000301000000"),
            (1_709_251_199, "20240229235959"),
            (1_735_689_599, "20241231235959"),
            (4_107_542_400, "21000301000000"),
            (-2_203_891_200, "19000301000000"),
            (i64::MAX, "22620411234716"),
            (i64::MIN, "16770921001243"),
        ] {
            let time = Timestamp::from_seconds(seconds, 0);
            assert_eq!(compact_utc(time), expected, "{seconds}");
        }
    }
}
