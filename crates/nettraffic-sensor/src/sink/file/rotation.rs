//! When a log is moved away, under which name, and how many are kept.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// When a log is moved away and a new one begun, and how many of those moved away are kept.
///
/// `eve.json` becomes `eve-20240102T030405Z.json`: the time of the move, in UTC. Of files with such a name the oldest
/// are deleted; no other is touched.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rotation {
    /// Before it would grow beyond that many bytes (never).
    pub size: Option<u64>,
    /// When a new hour or day begins, by the clock on the wall (never).
    pub period: Option<Period>,
    /// How many are kept beside the one that is being written (7).
    pub kept: usize,
}

/// How often a log is moved away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Period {
    /// Every hour.
    Hour,
    /// Every day, at midnight UTC.
    Day,
}

impl Default for Rotation {
    fn default() -> Self {
        Self {
            size: None,
            period: None,
            kept: 7,
        }
    }
}

impl Rotation {
    /// Before it would grow beyond that many bytes. A single line may be longer.
    #[must_use]
    pub const fn with_size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }

    /// When a new period begins.
    #[must_use]
    pub const fn with_period(mut self, period: Period) -> Self {
        self.period = Some(period);
        self
    }

    /// With another number of logs that are kept.
    #[must_use]
    pub const fn with_kept(mut self, kept: usize) -> Self {
        self.kept = kept;
        self
    }

    /// Whether a log that holds `len` bytes and was written to at `latest` is to be moved away before `more` bytes
    /// are added at `now`.
    pub(super) fn is_due(
        &self,
        len: u64,
        more: usize,
        latest: SystemTime,
        now: SystemTime,
    ) -> bool {
        let full = (self.size).is_some_and(|size| len.saturating_add(more as u64) > size);
        // A clock that was set back begins no period.
        let old = (self.period).is_some_and(|period| period.of(now) > period.of(latest));
        len > 0 && (full || old)
    }
}

impl Period {
    /// Which one it is, counted since 1970.
    fn of(self, time: SystemTime) -> u64 {
        let seconds = match self {
            Self::Hour => 3_600,
            Self::Day => 86_400,
        };
        since_1970(time).as_secs() / seconds
    }
}

fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
}

/// A name that no file has yet, for a log that is moved away at `now`; in the order of names it is the newest, also
/// when there are several in a second or the clock was set back.
pub(super) fn free_name(log: &Path, now: SystemTime) -> io::Result<PathBuf> {
    let seconds = i64::try_from(since_1970(now).as_secs()).unwrap_or(i64::MAX);
    let date = jiff::Timestamp::from_second(seconds)
        .unwrap_or_default()
        .strftime("%Y%m%dT%H%M%SZ")
        .to_string();
    let (date, mut number) = match all_moved_away(log)?.into_iter().next() {
        Some(((newest, number), _)) if newest >= date => (newest, number.saturating_add(1)),
        _ => (date, 0),
    };
    loop {
        let name = match number {
            0 => named(log, &date),
            _ => named(log, &format!("{date}-{number}")),
        };
        if !name.try_exists()? {
            return Ok(name);
        }
        number = number.checked_add(1).ok_or(io::ErrorKind::AlreadyExists)?;
    }
}

/// `eve-<when>.json`.
fn named(log: &Path, when: &str) -> PathBuf {
    let (before, behind) = around(log);
    log.with_file_name(format!("{before}{when}{behind}"))
}

/// What stands before and behind the time in names of logs that were moved away.
fn around(log: &Path) -> (String, String) {
    let text =
        |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let extension = text(log.extension());
    let behind = if extension.is_empty() {
        extension
    } else {
        format!(".{extension}")
    };
    (text(log.file_stem()) + "-", behind)
}

/// The logs that were moved away, newest first.
pub(super) fn moved_away(log: &Path) -> io::Result<Vec<PathBuf>> {
    let moved = all_moved_away(log)?.into_iter();
    Ok(moved.map(|(_, path)| path).collect())
}

/// Date and number of a log that was moved away.
type When = (String, u32);

fn all_moved_away(log: &Path) -> io::Result<Vec<(When, PathBuf)>> {
    let (before, behind) = around(log);
    let mut moved = Vec::new();
    for entry in fs::read_dir(folder(log))? {
        let entry = entry?;
        let name = entry.file_name();
        let when = (name.to_str())
            .and_then(|name| name.strip_prefix(&before)?.strip_suffix(&behind))
            .and_then(when);
        if let Some(when) = when
            && entry.file_type()?.is_file()
        {
            moved.push((when, entry.path()));
        }
    }
    moved.sort_by(|a, b| b.cmp(a));
    Ok(moved)
}

/// Deletes the oldest logs beyond those that are kept.
pub(super) fn prune(log: &Path, kept: usize) -> io::Result<()> {
    for path in moved_away(log)?.iter().skip(kept) {
        fs::remove_file(path)?;
    }
    Ok(())
}

/// The folder that a file is in.
pub(super) fn folder(log: &Path) -> &Path {
    match log.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Date and number of `20240102T030405Z-3`, to be compared.
fn when(text: &str) -> Option<When> {
    let (date, number) = match text.split_once('-') {
        Some((date, number)) => (date, number.parse().ok()?),
        None => (text, 0),
    };
    let shape = |(place, byte): (usize, u8)| match place {
        8 => byte == b'T',
        15 => byte == b'Z',
        _ => byte.is_ascii_digit(),
    };
    let sound = date.len() == 16 && date.bytes().enumerate().all(shape);
    sound.then(|| (date.to_owned(), number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_log_is_moved_away_when_it_is_due() {
        let size = Rotation::default().with_size(100);
        let hourly = Rotation::default().with_period(Period::Hour);
        for (rotation, len, more, latest, now, expected) in [
            (&size, 60, 40, 0, 0, false),
            (&size, 60, 41, 0, 0, true),
            (&size, 0, 500, 0, 0, false),
            (&size, u64::MAX, 1, 0, 0, true),
            (&hourly, 1, 1, 3_599, 3_600, true),
            (&hourly, 1, 1, 3_600, 7_199, false),
            (&hourly, 1, 1, 7_200, 7_199, false),
            (&hourly, 0, 1, 0, 7_199, false),
            (&Rotation::default(), 1 << 40, 1, 0, 1 << 40, false),
        ] {
            let due = rotation.is_due(len, more, at(latest), at(now));
            assert_eq!(due, expected, "{rotation:?} {len} {more} {latest} {now}");
        }
    }

    #[test]
    fn names_are_told_from_those_of_others() {
        for (name, expected) in [
            ("20240102T030405Z", Some(0)),
            ("20240102T030405Z-12", Some(12)),
            ("20240102T030405Z-", None),
            ("20240102T030405", None),
            ("20240102-030405Z", None),
            ("", None),
            ("old", None),
        ] {
            assert_eq!(when(name).map(|when| when.1), expected, "{name}");
        }
    }

    #[test]
    fn the_oldest_go_and_nothing_else() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let log = folder.path().join("eve.json");
        let mut names = Vec::new();
        // The clock is set back in between.
        for seconds in [0, 86_400, 86_400, 0, 2 * 86_400] {
            names.push(free_name(&log, at(seconds))?);
            fs::write(&names[names.len() - 1], "")?;
        }
        let others = [
            "eve.json",
            "eve-old.json",
            "eve-20240102T030405Z.txt",
            "x-19700101T000000Z.json",
        ];
        for other in others {
            fs::write(folder.path().join(other), "")?;
        }
        prune(&log, 3)?;
        let left: Vec<bool> = names.iter().map(|name| name.exists()).collect();
        assert_eq!(left, [false, false, true, true, true]);
        assert!(
            others
                .iter()
                .all(|other| folder.path().join(other).exists())
        );
        names.reverse();
        assert_eq!(moved_away(&log)?, names[..3]);
        // A number that has become free again is not the next one.
        prune(&log, 1)?;
        let next = free_name(&log, at(2 * 86_400))?;
        assert_eq!(next, folder.path().join("eve-19700103T000000Z-1.json"));
        Ok(())
    }
}
