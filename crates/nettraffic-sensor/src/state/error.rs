//! What can go wrong with the folder.

use std::io;
use std::path::{Path, PathBuf};

/// Why a sensor cannot use its state folder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// Another sensor uses it.
    #[error(
        "{}: another sensor uses this folder{}; stop it, or give this one a folder of its own",
        folder.display(),
        process.map(|process| format!(" (process {process})")).unwrap_or_default()
    )]
    InUse {
        /// The folder.
        folder: PathBuf,
        /// The other one's process, where it has said so.
        process: Option<u32>,
    },
    /// It holds files that are no sensor's, and would be closed to those whose they are.
    #[error("{}: this folder holds other files; name one that is empty, or not there yet", folder.display())]
    OfOthers {
        /// The folder.
        folder: PathBuf,
    },
    /// A file or folder cannot be made, read or written.
    #[error("{}: {error}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What went wrong.
        error: io::Error,
    },
    /// Marked alerts that cannot be read: written by hand, and wrong.
    #[error(transparent)]
    Marked(#[from] nettraffic_detect::AllowError),
}

impl StateError {
    /// Makes an error about a path.
    pub(super) fn about(path: &Path) -> impl Fn(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| Self::Io {
            path: path.clone(),
            error,
        }
    }
}
