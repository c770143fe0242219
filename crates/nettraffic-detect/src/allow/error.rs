//! What is wrong with an allow-list.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why an allow-list cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AllowError {
    /// A key or value that is none.
    #[error("{place}: {problem}")]
    Wrong {
        /// Where it stands.
        place: AllowPlace,
        /// What is wrong with it, and what is allowed.
        problem: String,
    },
    /// More entries than are compared with each alert.
    #[error("{name} has {entries} entries, at most {limit} are taken")]
    TooMany {
        /// The file.
        name: String,
        /// Entries that it has.
        entries: usize,
        /// The most that are taken.
        limit: usize,
    },
    /// The file cannot be read or written.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        error: io::Error,
    },
}

/// A place in an allow-list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AllowPlace {
    /// The file.
    pub name: String,
    /// Its line, from 1.
    pub line: usize,
    /// The column, in characters from 1.
    pub column: usize,
}

impl AllowPlace {
    /// That of the byte at `offset` in `text`.
    pub(super) fn of(name: &str, text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let begin = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            name: name.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.get(begin..).unwrap_or_default().chars().count() + 1,
        }
    }
}

impl fmt::Display for AllowPlace {
    /// `allow.toml:12:8`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.name, self.line, self.column)
    }
}
