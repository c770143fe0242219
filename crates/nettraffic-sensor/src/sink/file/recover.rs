//! Which events had been written before this process began.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::rotation::moved_away;
use crate::EventId;

/// Bytes that are read back at most, over all files.
const MOST_BYTES: u64 = 256 << 20;

/// Lines that are longer are none of ours.
const LONGEST_LINE: u64 = 1 << 20;

/// The alerts and events of incidents that had been written before this process began, as far as they are remembered.
///
/// Each is told as often as it stands in the logs: two may share an identifier, and when only one of them was
/// written, the other is still to be.
#[derive(Debug, Default)]
pub(super) struct Already(HashMap<EventId, u32>);

impl Already {
    /// Reads the last ones back, `most` at most, from the log and from those that were moved away before it.
    pub(super) fn read(log: &Path, most: usize) -> io::Result<Self> {
        let mut already = Self::default();
        let (mut ids_left, mut bytes_left) = (most, MOST_BYTES);
        for path in newest_first(log)? {
            if ids_left == 0 || bytes_left == 0 {
                break;
            }
            let mut file = match File::open(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                file => file?,
            };
            let len = file.metadata()?.len();
            let skipped = len.saturating_sub(bytes_left);
            bytes_left -= len - skipped;
            file.seek(SeekFrom::Start(skipped))?;
            let ids = last_ids(BufReader::new(file), ids_left)?;
            ids_left -= ids.len();
            for id in ids {
                *already.0.entry(id).or_default() += 1;
            }
        }
        Ok(already)
    }

    /// How many are remembered.
    pub(super) fn len(&self) -> usize {
        self.0.values().map(|times| *times as usize).sum()
    }

    /// Whether one had been written.
    pub(super) fn has(&self, id: EventId) -> bool {
        self.0.contains_key(&id)
    }

    /// Forgets one that had been written: once more, and it is another.
    pub(super) fn take(&mut self, id: EventId) {
        if let Some(times) = self.0.get_mut(&id) {
            *times -= 1;
            if *times == 0 {
                self.0.remove(&id);
            }
        }
    }
}

/// The log, then those that were moved away, by this sensor or by logrotate.
fn newest_first(log: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = vec![log.to_owned()];
    let mut numbered = log.as_os_str().to_owned();
    numbered.push(".1");
    paths.push(numbered.into());
    paths.extend(moved_away(log)?);
    Ok(paths)
}

/// Identifiers of the last events of a log, `most` at most.
fn last_ids(mut lines: impl BufRead, most: usize) -> io::Result<VecDeque<EventId>> {
    let mut ids = VecDeque::new();
    let mut line = Vec::new();
    let mut continued = false;
    loop {
        line.clear();
        if (&mut lines)
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)?
            == 0
        {
            return Ok(ids);
        }
        let ended = line.ends_with(b"\n");
        if let Some(id) = id(&line).filter(|_| ended && !continued) {
            if ids.len() == most {
                ids.pop_front();
            }
            ids.push_back(id);
        }
        continued = !ended;
    }
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    nettraffic: Own<'a>,
}

#[derive(Deserialize)]
struct Own<'a> {
    id: &'a str,
}

/// The identifier of the event that a line holds, if it holds one.
fn id(line: &[u8]) -> Option<EventId> {
    let line: Line<'_> = serde_json::from_slice(line).ok()?;
    u64::from_str_radix(line.nettraffic.id, 16)
        .ok()
        .map(EventId)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: u64) -> String {
        format!("{{\"nettraffic\":{{\"id\":\"{id:016x}\",\"score\":1}}}}\n")
    }

    #[test]
    fn the_last_alerts_are_read_back_and_other_lines_passed_over() -> io::Result<()> {
        let long = format!("{{\"x\":\"{}\"}}\n", "y".repeat(LONGEST_LINE as usize));
        let text = [
            &*line(1),
            "not JSON\n",
            &long,
            &line(2),
            "{\"nettraffic\":{\"score\":1}}\n\n\0\0\0\n",
            &line(2),
            &line(3),
            line(4).trim_end(),
        ]
        .concat();
        for (most, expected) in [(0, vec![]), (2, vec![2, 3]), (9, vec![1, 2, 2, 3])] {
            // Of none, none is asked for.
            let ids = match most {
                0 => VecDeque::new(),
                most => last_ids(text.as_bytes(), most)?,
            };
            let ids: Vec<u64> = ids.into_iter().map(|id| id.0).collect();
            assert_eq!(ids, expected);
        }
        Ok(())
    }

    #[test]
    fn an_alert_is_taken_as_often_as_it_was_written() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let log = folder.path().join("eve.json");
        std::fs::write(&log, line(1) + &line(2))?;
        std::fs::write(
            folder.path().join("eve-20240102T030405Z.json"),
            line(1) + &line(7),
        )?;
        std::fs::write(folder.path().join("eve-20240102T030404Z.json"), line(8))?;
        std::fs::write(folder.path().join("eve.json.1"), line(9))?;
        assert_eq!(Already::read(&log, 4)?.len(), 4);
        let mut already = Already::read(&log, 100)?;
        assert_eq!(already.len(), 6);
        for (id, times) in [(1, 2), (2, 1), (7, 1), (8, 1), (9, 1), (3, 0)] {
            for _ in 0..times {
                assert!(already.has(EventId(id)), "{id}");
                already.take(EventId(id));
            }
            assert!(!already.has(EventId(id)), "{id}");
        }
        Ok(())
    }
}
