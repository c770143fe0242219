//! What tools read.

use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use nettraffic_capture::find_captures;
use nettraffic_detect::Detector;
use nettraffic_eval::LabelRules;

use crate::Failure;

/// Captures as they were named, and the files that these names stand for.
pub struct Captures {
    names: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

impl Captures {
    /// Finds what files, folders and patterns stand for; `-` is standard input.
    ///
    /// # Errors
    /// A name that stands for nothing: better said before the work than in the middle of it.
    pub fn find(names: &[PathBuf]) -> Result<Self, Failure> {
        Ok(Self {
            names: names.to_vec(),
            files: find_captures(names).map_err(|error| {
                Failure::usage(format!("{}: {}", error.path().display(), error.message()))
            })?,
        })
    }

    /// The files, in the order in which they were named.
    #[must_use]
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }
}

impl fmt::Display for Captures {
    /// As they were named, not as they were found: a folder may hold thousands.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.names.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{}", name.display())?;
        }
        Ok(())
    }
}

/// Label rules from a file.
///
/// # Errors
/// The file cannot be read, or a line of it is wrong.
pub fn read_rules(path: &Path) -> Result<LabelRules, Failure> {
    let wrong =
        |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
    let file = File::open(path).map_err(|error| wrong(&error))?;
    LabelRules::parse(file).map_err(|error| wrong(&error))
}

/// A detector from its bundle.
///
/// # Errors
/// The file cannot be read, or is no sound bundle.
pub fn read_detector(path: &Path) -> Result<Detector, Failure> {
    let wrong =
        |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
    let file = File::open(path).map_err(|error| wrong(&error))?;
    Detector::load(BufReader::new(file)).map_err(|error| wrong(&error))
}
