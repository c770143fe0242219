//! A file of lines that is never left with part of one.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::super::SinkError;
use super::open::OpenLog;
use super::rotation::{Rotation, free_name, prune};

/// After a rotation that failed, the next is tried so much later.
const ROTATION_PAUSE: Duration = Duration::from_secs(60);

/// What a kind of log has beside its lines.
pub(in crate::sink) struct Frame {
    /// Stands before the first line; empty or whole lines.
    pub(in crate::sink) header: Vec<u8>,
    /// Stands behind the last line when the log is done with; empty or whole lines.
    pub(in crate::sink) footer: Vec<u8>,
    /// Whether part of a line may be one of this log, so that it may be cut away.
    pub(in crate::sink) is_ours: fn(&[u8]) -> bool,
}

/// A file of lines that is appended to by one process only, and moved away when it is due.
pub(in crate::sink) struct LogFile {
    path: PathBuf,
    pub(in crate::sink) frame: Frame,
    rotation: Rotation,
    log: OpenLog,
    trouble: Option<String>,
    rotation_failed: Option<Instant>,
}

/// Lines in one piece, each with its line end.
#[derive(Default)]
pub(in crate::sink) struct Lines {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Lines {
    /// Adds a line without its line end.
    pub(in crate::sink) fn push(&mut self, line: &[u8]) {
        self.text.extend_from_slice(line);
        self.text.push(b'\n');
        self.ends.push(self.text.len());
    }
}

impl LogFile {
    /// Opens the file, or creates it in a folder that exists.
    pub(in crate::sink) fn open(
        path: &Path,
        frame: Frame,
        rotation: Rotation,
    ) -> Result<Self, SinkError> {
        Ok(Self {
            log: OpenLog::new(path, frame.is_ours)?,
            path: path.to_owned(),
            frame,
            rotation,
            trouble: None,
            rotation_failed: None,
        })
    }

    /// Whether it is a file on a disk, and no device.
    pub(in crate::sink) const fn is_regular(&self) -> bool {
        self.log.regular
    }

    /// Bytes of a torn line that were cut away at the start.
    pub(in crate::sink) const fn mended(&self) -> u64 {
        self.log.mended
    }

    /// What went wrong without a line being lost.
    pub(in crate::sink) const fn trouble(&mut self) -> Option<String> {
        self.trouble.take()
    }

    /// Appends lines, from the first on, as many as there is room for, and tells how many: one at least.
    pub(in crate::sink) fn append(&mut self, lines: &Lines) -> Result<usize, SinkError> {
        let Some(first) = lines.ends.first() else {
            return Ok(0);
        };
        let now = SystemTime::now();
        let mut len = self.log.len().map_err(|error| self.error(error))?;
        if self.log.regular && self.rotation.is_due(len, *first, self.log.latest, now) {
            self.rotate_if_it_can(now);
            len = self.log.len().map_err(|error| self.error(error))?;
        }
        // Others may have emptied it.
        self.log.needs_header |= len == 0;
        let header = if self.log.needs_header {
            &*self.frame.header
        } else {
            &[]
        };
        let room = (self.rotation.size).map(|size| size.saturating_sub(len + header.len() as u64));
        let fits = |end: &&usize| room.is_none_or(|room| **end as u64 <= room);
        // A line that is longer than a log may be, or for which no room could be made, is written all the same.
        let fitting = lines.ends.iter().take_while(fits).count().max(1);
        let text = (lines.ends.get(fitting - 1)).and_then(|end| lines.text.get(..*end));
        let text = text.unwrap_or(&lines.text);
        let text = match header {
            [] => Cow::Borrowed(text),
            header => Cow::Owned([header, text].concat()),
        };
        let (whole, error) = self.log.append(&text, header.len());
        self.log.latest = now;
        // The header stays if a line follows it.
        self.log.needs_header &= whole <= header.len();
        let written = lines
            .ends
            .partition_point(|end| header.len() + end <= whole);
        match error {
            Some(error) if written == 0 => Err(self.error(error)),
            _ => Ok(written),
        }
    }

    /// Opens the file again if it was moved away.
    pub(in crate::sink) fn reopen(&mut self) -> Result<(), SinkError> {
        if !self.log.is_at(&self.path) {
            self.log = OpenLog::new(&self.path, self.frame.is_ours)?;
        }
        Ok(())
    }

    /// Writes what stands behind the last line.
    pub(in crate::sink) fn close(&mut self) -> Result<(), SinkError> {
        if self.log.needs_header || self.frame.footer.is_empty() {
            return Ok(());
        }
        let (_, error) = self
            .log
            .append(&self.frame.footer, self.frame.footer.len() - 1);
        self.log.needs_header = error.is_none();
        error.map_or(Ok(()), |error| Err(self.error(error)))
    }

    /// Moves the file away. A log that cannot be moved grows on: better a long one than lost lines.
    fn rotate_if_it_can(&mut self, now: SystemTime) {
        let recently = |failed: Instant| failed.elapsed() < ROTATION_PAUSE;
        if self.rotation_failed.is_some_and(recently) {
            return;
        }
        if let Err(error) = self.rotate(now) {
            self.rotation_failed = Some(Instant::now());
            self.trouble = Some(format!("{} grows on: {error}", self.path.display()));
            return;
        }
        self.rotation_failed = None;
        if let Err(error) = prune(&self.path, self.rotation.kept) {
            let path = self.path.display();
            self.trouble = Some(format!("logs older than {path} stay: {error}"));
        }
    }

    fn rotate(&mut self, now: SystemTime) -> Result<(), SinkError> {
        // Somebody else may have moved it, and put another in its place.
        if self.log.is_at(&self.path) {
            self.close()?;
            let old = free_name(&self.path, now).map_err(|error| self.error(error))?;
            fs::rename(&self.path, &old).map_err(|error| self.error(error))?;
            if let Err(error) = self.reopen() {
                fs::rename(&old, &self.path).map_err(|error| self.error(error))?;
                return Err(error);
            }
        }
        self.reopen()
    }

    fn error(&self, error: io::Error) -> SinkError {
        SinkError::passing(self.path.display().to_string(), error)
    }
}
