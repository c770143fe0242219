//! Why privileges could not be dropped.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// An error of dropping privileges. The process should end: it may have kept some.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PrivilegeError {
    /// Some privileges belong to a thread, and threads were running already.
    #[error("privileges must be dropped before threads start: {threads} are running")]
    Threads {
        /// How many.
        threads: u64,
    },
    /// There is no such user.
    #[error("there is no user {name}: sudo useradd --system --no-create-home {name}")]
    NoSuchUser {
        /// The name.
        name: String,
    },
    /// There is no such group.
    #[error("there is no group {name}: sudo groupadd --system {name}")]
    NoSuchGroup {
        /// The name.
        name: String,
    },
    /// The user to become is root.
    #[error("{name} is root: name a user without rights")]
    Root {
        /// The name.
        name: String,
    },
    /// A path that was to stay open is not there, or cannot be looked at.
    #[error("{}: {source}", path.display())]
    Path {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The user who is left may not write what it must.
    #[error("{} is not writable: sudo chown {user} {}", path.display(), path.display())]
    NotWritable {
        /// The path.
        path: PathBuf,
        /// The number of the user.
        user: u32,
    },
    /// A step failed.
    #[error("{step} failed: {message}")]
    Step {
        /// What was tried.
        step: &'static str,
        /// What the system says.
        message: String,
    },
    /// Something was kept all the same.
    #[error("still has {kept} after it was given up")]
    Kept {
        /// What.
        kept: String,
    },
}

impl PrivilegeError {
    /// For `map_err`: a step that failed.
    pub(super) fn step<E: ToString>(step: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::Step {
            step,
            message: error.to_string(),
        }
    }
}
