//! The folder, and who may use it.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::atomic::private;
use super::heartbeat::{self, Before, Heartbeat};
use super::learned::{LearnedRows, Resumed, RowRules};
use super::part::{self, Loaded, Part};
use super::{Marks, StateError};

/// The file by which a folder is locked, and known to be a sensor's.
const LOCK: &str = "lock";

/// A folder that outlives a run, for one sensor at a time, which its owner alone can read. It is locked as long
/// as this lives; the lock goes with the process, so a crash leaves none behind.
///
/// ```
/// use nettraffic_capture::Timestamp;
/// use nettraffic_sensor::{Before, Heartbeat, StateFolder};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("state");
/// let state = StateFolder::open(&path)?;
/// assert!(matches!(state.before(), Before::Nothing));
/// let mut beat = Heartbeat::new("detecting", Timestamp::from_seconds(1_800_000_000, 0));
/// beat.open_flows = 7;
/// state.beat(&beat)?;
/// drop(state); // The process is killed.
///
/// let state = StateFolder::open(&path)?;
/// let Before::Crashed(last) = state.before() else { panic!("it did not end") };
/// println!("{} flows were open and are lost", last.open_flows);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct StateFolder {
    path: PathBuf,
    before: Before,
    /// Held, not used.
    _lock: File,
}

impl StateFolder {
    /// Opens a folder, which is made when it is not there, and locks it.
    ///
    /// # Errors
    /// Another sensor uses it, or it holds what is no sensor's; it cannot be made, written or kept from others.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, StateError> {
        let path = path.into();
        if is_of_others(&path).map_err(StateError::about(&path))? {
            return Err(StateError::OfOthers { folder: path });
        }
        make_private(&path).map_err(StateError::about(&path))?;
        let lock = lock(&path)?;
        let before = heartbeat::read(&path);
        Ok(Self {
            path,
            before,
            _lock: lock,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How the run before this one ended.
    #[must_use]
    pub fn before(&self) -> &Before {
        &self.before
    }

    /// Notes that the sensor lives, and what would be lost if it were killed now. To be called each second or so.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn beat(&self, beat: &Heartbeat) -> Result<(), StateError> {
        heartbeat::write(&self.path, beat, false)
    }

    /// Notes that the run has ended and nothing was lost.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn end(&self, beat: &Heartbeat) -> Result<(), StateError> {
        heartbeat::write(&self.path, beat, true)
    }

    /// Saves a part of the state, whole or not at all.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn save(&self, part: Part, state: &impl Serialize) -> Result<(), StateError> {
        part::save(&self.path, part, state)
    }

    /// Loads a part of the state. One that is damaged, or of another version, is put aside, and a warning says so:
    /// it never keeps a sensor from starting.
    #[must_use]
    pub fn load<T: DeserializeOwned>(&self, part: Part) -> Loaded<T> {
        part::load(&self.path, part)
    }

    /// The flows that were learned from so far, to go on with.
    ///
    /// # Errors
    /// The folder cannot be read or written.
    pub fn learned_rows(&self, rules: &RowRules) -> Result<(LearnedRows, Resumed), StateError> {
        LearnedRows::open(self.path.join("learned.rows"), rules)
    }

    /// What analysts said of alerts.
    ///
    /// # Errors
    /// The folder cannot be read or written; its `marked.toml` was changed by hand and is wrong.
    pub fn marks(&self, rules: &RowRules) -> Result<(Marks, Vec<String>), StateError> {
        Marks::open(&self.path, rules)
    }
}

/// Whether somebody else's files are in a folder: to close `/tmp` to all others would be no service.
fn is_of_others(path: &Path) -> io::Result<bool> {
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        entries => entries?,
    };
    let mut is_empty = true;
    for entry in entries {
        let name = entry?.file_name();
        if name == LOCK {
            return Ok(false);
        }
        // What a file system begins with.
        is_empty &= name == "lost+found";
    }
    Ok(!is_empty)
}

/// Makes a folder that only its owner can look into.
fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // It was there already, for others too.
        let mut permissions = fs::metadata(path)?.permissions();
        if permissions.mode() & 0o077 != 0 {
            permissions.set_mode(0o700);
            fs::set_permissions(path, permissions)?;
        }
    }
    Ok(())
}

/// Locks a folder by a file in it, which tells who did.
fn lock(folder: &Path) -> Result<File, StateError> {
    let path = folder.join(LOCK);
    let failed = StateError::about(&path);
    let options = &mut private();
    let opened = options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path);
    let mut file = opened.map_err(&failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            // Who it is helps, but is not needed to refuse.
            let _ = file.take(32).read_to_string(&mut text);
            return Err(StateError::InUse {
                folder: folder.to_owned(),
                process: text.trim().parse().ok(),
            });
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    let write = |file: &mut File| {
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())
    };
    write(&mut file).map_err(&failed)?;
    Ok(file)
}
