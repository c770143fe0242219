//! Entries that were made of alerts.

use std::io::{self, ErrorKind};
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

/// A [`MarkedList`] as it was at one moment, to be written.
#[derive(Clone, Debug)]
pub struct MarkedFile {
    path: PathBuf,
    text: String,
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
        let before = self.list.clone();
        if !self.add_unsaved(entry)? {
            return Ok(false);
        }
        let saved = self.to_save().and_then(|file| file.save());
        if saved.is_err() {
            self.list = before;
        }
        saved.map(|()| true)
    }

    /// Adds an entry, unless it is there already, and says whether it was new. It is not on the disk before
    /// [`MarkedList::to_save`] was saved.
    ///
    /// # Errors
    /// There are 10,000 entries already; it has no reason. The list is as it was then.
    pub fn add_unsaved(&mut self, entry: AllowEntry) -> Result<bool, AllowError> {
        let name = self.path.to_string_lossy().into_owned();
        let text = text(std::iter::once(&entry)).map_err(|error| self.failed(error))?;
        // What could not be read back is not kept: a reason that is empty, say.
        AllowList::parse(&name, &text)?;
        self.list.add(entry, &name)
    }

    /// Takes out the entries of that name, and gives them. They are on the disk until [`MarkedList::to_save`] was
    /// saved.
    pub fn remove_unsaved(&mut self, name: &str) -> Vec<AllowEntry> {
        let named = |entry: &&AllowEntry| entry.name() == Some(name);
        let entries = self.list.entries().iter().map(|listed| &*listed.entry);
        let removed: Vec<AllowEntry> = entries.filter(named).cloned().collect();
        for entry in &removed {
            self.list.remove(entry);
        }
        removed
    }

    /// What is to be written so that the list is on the disk as it is now: for those who write elsewhere or later.
    ///
    /// # Errors
    /// It cannot be told in TOML, which would be a bug.
    pub fn to_save(&self) -> Result<MarkedFile, AllowError> {
        let entries = self.list.entries().iter().map(|listed| &*listed.entry);
        Ok(MarkedFile {
            path: self.path.clone(),
            text: text(entries).map_err(|error| self.failed(error))?,
        })
    }

    fn failed(&self, error: io::Error) -> AllowError {
        AllowError::Io {
            path: self.path.clone(),
            error,
        }
    }
}

impl MarkedFile {
    /// Writes it, whole or not at all; it is on the disk when this returns.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self) -> Result<(), AllowError> {
        let saved = bundle::save_to(&self.path, |writer| {
            Ok(writer.write_all(self.text.as_bytes())?)
        });
        saved.map_err(|error| AllowError::Io {
            path: self.path.clone(),
            error: match error {
                DetectError::Io(error) => error,
                other => io::Error::other(other),
            },
        })
    }
}

fn text<'a>(entries: impl Iterator<Item = &'a AllowEntry>) -> io::Result<String> {
    let document = Document {
        allow: entries.collect(),
    };
    let text = toml::to_string(&document).map_err(io::Error::other)?;
    Ok(format!("{HEADING}{text}"))
}
