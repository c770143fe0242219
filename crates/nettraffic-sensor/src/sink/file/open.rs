//! A log that is open for writing.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::super::SinkError;
use super::mend::tail;
use super::rotation::folder;

/// Who may read a log: its owner and group.
const MODE: u32 = 0o640;

/// How long another process may take to end.
const LOCK_PATIENCE: Duration = Duration::from_secs(1);

/// A log that is open for writing, and locked against others who would write it so.
pub(super) struct OpenLog {
    file: File,
    /// A file on a disk, and no device.
    pub(super) regular: bool,
    /// Nothing is in it yet, or nothing but what stands around lines.
    pub(super) needs_header: bool,
    /// Bytes that were cut away when it was opened.
    pub(super) mended: u64,
    /// When it was last written to, by the clock on the wall.
    pub(super) latest: SystemTime,
    /// Bytes of part of a line at its end, which could not be cut away yet.
    torn: u64,
}

impl OpenLog {
    pub(super) fn new(path: &Path, is_ours: fn(&[u8]) -> bool) -> Result<Self, SinkError> {
        let shown = path.display();
        let passing = |error: io::Error| SinkError::passing(shown.to_string(), error);
        let regular = match fs::metadata(path) {
            Ok(found) if found.is_file() => true,
            Ok(found) if found.file_type().is_char_device() => false,
            Ok(_) => return Err(SinkError::lasting(format!("{shown} is no file"))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let folder = folder(path);
                if !folder.is_dir() {
                    let what = format!("{shown}: there is no folder {}", folder.display());
                    return Err(SinkError::passing(what, error));
                }
                true
            }
            Err(error) => return Err(passing(error)),
        };
        let file = OpenOptions::new()
            .append(true)
            .create(regular)
            .mode(MODE)
            .open(path)
            .map_err(passing)?;
        let mut log = Self {
            file,
            regular,
            needs_header: true,
            mended: 0,
            latest: SystemTime::now(),
            torn: 0,
        };
        if regular {
            if is_locked(&log.file) {
                let why = format!("{shown} is being written by another process");
                return Err(SinkError::lasting(why));
            }
            log.mend(path, is_ours)?;
        }
        Ok(log)
    }

    /// Cuts away part of a line at the end, which was never said to be written.
    fn mend(&mut self, path: &Path, is_ours: fn(&[u8]) -> bool) -> Result<(), SinkError> {
        let passing = |error| SinkError::passing(path.display().to_string(), error);
        let mut reader = File::open(path).map_err(passing)?;
        self.latest = (self.file.metadata())
            .and_then(|found| found.modified())
            .map_err(passing)?;
        let tail = tail(&mut reader).map_err(passing)?;
        // What a file system leaves behind when the power goes.
        let is_blank = |part: &[u8]| part.iter().all(|byte| *byte == 0);
        let Some(tail) = tail.filter(|tail| is_blank(&tail.part) || is_ours(&tail.part)) else {
            let why = format!("{} ends with something that is no such log", path.display());
            return Err(SinkError::lasting(why));
        };
        self.needs_header = tail.whole == 0 || tail.last.starts_with(b"#");
        self.mended = tail.part.len() as u64;
        if self.mended > 0 {
            self.file.set_len(tail.whole).map_err(passing)?;
        }
        Ok(())
    }

    /// Bytes in it; others may have emptied it.
    pub(super) fn len(&mut self) -> io::Result<u64> {
        self.cut()?;
        Ok(self.file.metadata()?.len())
    }

    /// Whether it is the file of that name.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        match (self.file.metadata(), fs::metadata(path)) {
            (Ok(own), Ok(found)) => (own.dev(), own.ino()) == (found.dev(), found.ino()),
            _ => false,
        }
    }

    /// Appends lines, and tells how many bytes of whole ones are there now, and what held up the others. Unless a
    /// whole line is there beyond the first `least` bytes, nothing is.
    pub(super) fn append(&mut self, lines: &[u8], least: usize) -> (usize, Option<io::Error>) {
        if let Err(error) = self.cut() {
            return (0, Some(error));
        }
        let (mut written, mut failed) = (0, None);
        while failed.is_none() && written < lines.len() {
            match self.file.write(&lines[written..]) {
                Ok(0) => failed = Some(io::ErrorKind::WriteZero.into()),
                Ok(more) => written += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => failed = Some(error),
            }
        }
        let there = &lines[..written];
        let whole = (there.iter())
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let whole = if whole > least { whole } else { 0 };
        if self.regular {
            self.torn = (written - whole) as u64;
            // If it cannot be cut now, it is before anything is added to it.
            if let Err(error) = self.cut() {
                failed.get_or_insert(error);
            }
        }
        (whole, failed)
    }

    /// Cuts away part of a line at the end.
    fn cut(&mut self) -> io::Result<()> {
        if self.torn > 0 {
            let len = self.file.metadata()?.len();
            self.file.set_len(len.saturating_sub(self.torn))?;
            self.torn = 0;
        }
        Ok(())
    }
}

/// Whether another process has locked a file and does not let go of it, as one that is about to end does. A file system
/// without locks has none.
fn is_locked(file: &File) -> bool {
    let began = Instant::now();
    while let Err(TryLockError::WouldBlock) = file.try_lock() {
        if began.elapsed() > LOCK_PATIENCE {
            return true;
        }
        thread::sleep(LOCK_PATIENCE / 100);
    }
    false
}
