//! Entries that were made of alerts.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::entry::AllowEntry;
use super::error::AllowError;
use super::list::AllowList;
use crate::{DetectError, bundle};

const HEADING: &str = "\
# Alerts that were marked as false. This file is written anew whenever one is marked: comments in it are lost.\n\
# What should stay belongs into a file of your own.\n\n";

/// The entries that were made of alerts marked as false, in a file of their own, so that what operators write
/// by hand is never touched. Each change is on the disk, whole, before it counts.
#[derive(Debug)]
pub struct MarkedList {
    path: PathBuf,
    list: AllowList,
}

#[derive(Serialize)]
struct Document<'a> {
    allow: Vec<&'a AllowEntry>,
}

impl MarkedList {
    /// The entries in a file, none when it is not there.
    ///
    /// # Errors
    /// As [`AllowList::load`].
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, AllowError> {
        let path = path.into();
        let list = match AllowList::load(&path) {
            Err(AllowError::Io { error, .. }) if error.kind() == ErrorKind::NotFound => {
                AllowList::default()
            }
            loaded => loaded?,
        };
        Ok(Self { path, list })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is in it.
    #[must_use]
    pub fn list(&self) -> &AllowList {
        &self.list
    }

    /// Adds an entry and saves all, unless it is there already; whether it was new.
    ///
    /// # Errors
    /// There are 10,000 entries already; it has no reason; the file cannot be written, which leaves it and the
    /// list as they were.
    pub fn add(&mut self, entry: AllowEntry) -> Result<bool, AllowError> {
        let name = self.path.to_string_lossy().into_owned();
        let mut list = self.list.clone();
        if !list.add(entry, &name)? {
            return Ok(false);
        }
        let entries = list.entries().iter().map(|listed| &*listed.entry);
        let document = Document {
            allow: entries.collect(),
        };
        let failed = |error| AllowError::Io {
            path: self.path.clone(),
            error,
        };
        let text =
            toml::to_string(&document).map_err(|error| failed(std::io::Error::other(error)))?;
        let text = format!("{HEADING}{text}");
        // What could not be read back is not written: a reason that is empty, say.
        AllowList::parse(&name, &text)?;
        bundle::save_to(&self.path, |writer| Ok(writer.write_all(text.as_bytes())?)).map_err(
            |error| {
                failed(match error {
                    DetectError::Io(error) => error,
                    other => std::io::Error::other(other),
                })
            },
        )?;
        self.list = list;
        Ok(true)
    }
}
