//! What tools read.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use nettraffic_capture::CaptureSet;
use nettraffic_detect::Detector;
use nettraffic_eval::LabelRules;

use crate::Failure;

/// The captures as one stream, in the order given; `-` is standard input.
///
/// # Errors
/// A file that is not there: better said before the work than in the middle of it.
pub fn source(captures: &[PathBuf]) -> Result<CaptureSet, Failure> {
    for path in captures {
        if path != Path::new("-") && !path.exists() {
            return Err(Failure::usage(format!(
                "{}: there is no such file",
                path.display()
            )));
        }
        if path.is_dir() {
            return Err(Failure::usage(format!("{}: is a folder", path.display())));
        }
    }
    Ok(CaptureSet::new(captures.iter().cloned()))
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
