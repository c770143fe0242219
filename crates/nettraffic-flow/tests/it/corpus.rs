//! The captures outside of the repository, in the folder that `NETTRAFFIC_CORPUS` names; without it
//! the tests that read them say that they were skipped.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The corpus, when there is one.
pub(crate) fn corpus() -> Option<PathBuf> {
    let folder = env::var_os("NETTRAFFIC_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: NETTRAFFIC_CORPUS is not set");
    }
    folder
}

/// The files of a folder, sorted.
pub(crate) fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
