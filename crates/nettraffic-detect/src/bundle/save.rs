//! A file that is either the old one or the new one, whatever happens in between.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{DetectError, Detector};

impl Detector {
    /// Writes the detector to a file, whole or not at all: to one beside it first, which takes its
    /// name when it is on the disk. Whoever reads `path` meanwhile, also after a crash or a loss of power,
    /// finds the old file or the new one. Of several saves at once, by threads or processes, the last one
    /// to end wins.
    ///
    /// ```no_run
    /// # fn save(detector: &nettraffic_detect::Detector) -> Result<(), nettraffic_detect::DetectError> {
    /// detector.save_to("office.ntm")?;
    /// let same = nettraffic_detect::Detector::load_from("office.ntm")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The file, or the one beside it, cannot be written; then the old one is left as it was.
    pub fn save_to(&self, path: impl AsRef<Path>) -> Result<(), DetectError> {
        save_to(path.as_ref(), |writer| self.save(writer))
    }

    /// Reads a bundle from a file.
    ///
    /// # Errors
    /// As [`Detector::load`].
    pub fn load_from(path: impl AsRef<Path>) -> Result<Self, DetectError> {
        Self::load(File::open(path)?)
    }
}

/// Writes a file beside `path` that takes its name when all of it is on the disk.
pub(crate) fn save_to(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), DetectError>,
) -> Result<(), DetectError> {
    let path = &target(path);
    let (file, beside) = create_beside(path)?;
    let written = write_synced(file, write).and_then(|()| Ok(fs::rename(&beside, path)?));
    if let Err(error) = written {
        // What was begun is of no use; that it may not be there at all is no second error.
        let _ = fs::remove_file(&beside);
        return Err(error);
    }
    Ok(sync_folder(path)?)
}

fn write_synced(
    file: File,
    write: impl FnOnce(&mut dyn Write) -> Result<(), DetectError>,
) -> Result<(), DetectError> {
    let mut writer = BufWriter::new(file);
    write(&mut writer)?;
    let file = writer
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    Ok(file.sync_all()?)
}

/// Where a link leads: the file that it names is replaced, not the link.
fn target(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// A new file beside `path`, that of no other save: neither of another thread, whose count is another,
/// nor of a process that was killed and had the same number, whose file is there already.
fn create_beside(path: &Path) -> io::Result<(File, PathBuf)> {
    static SAVES: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name();
    let name = name.ok_or_else(|| io::Error::from(io::ErrorKind::IsADirectory))?;
    loop {
        let (process, save) = (std::process::id(), SAVES.fetch_add(1, Ordering::Relaxed));
        let mut name = name.to_owned();
        name.push(format!(".{process}.{save}.part"));
        let beside = path.with_file_name(name);
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&beside)
        {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            file => return Ok((file?, beside)),
        }
    }
}

/// The new name is on the disk only when the folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
