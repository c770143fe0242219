//! From the names that people give to the captures they mean.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, glob_with};

use crate::error::Fault;
use crate::read::options::ReadOptions;
use crate::{CaptureError, CaptureErrorKind};

/// The captures that `paths` name, in this order.
///
/// - A file (or pipe) is taken as it is, without a look into it. `-` is standard input, taken
///   once however often it is given.
/// - A folder stands for the captures in it by the order of their names, not for those in its
///   folders. What is no capture by its first bytes is passed over; what cannot be read or is
///   damaged is not, so that it is an error when it is read.
/// - Where there is no file of that very name, `*`, `?`, `[...]` and `**` make a pattern. It
///   stands for the files that match, by the order of their names; folders that match are
///   passed over.
///
/// In folders and for patterns, names that begin with a dot are hidden, as shells have it: so
/// are files that [`RotatingWriter`](crate::RotatingWriter) has not completed.
///
/// # Errors
/// The first name that stands for nothing: no such file, a folder without captures, a pattern
/// that nothing matches.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let folder = tempfile::tempdir()?;
/// let capture = nettraffic_capture::PcapWriter::new(Vec::new(), nettraffic_capture::LinkType::ETHERNET)?;
/// std::fs::write(folder.path().join("office.pcap"), capture.finish()?)?;
/// std::fs::write(folder.path().join("notes.txt"), "Monday")?;
///
/// let found = nettraffic_capture::find_captures([folder.path()])?;
/// assert_eq!(found, [folder.path().join("office.pcap")]);
///
/// let error = nettraffic_capture::find_captures(["no-such-*.pcap"]).err().ok_or("found")?;
/// assert_eq!(error.to_string(), "no-such-*.pcap: no file matches this pattern");
/// # Ok(())
/// # }
/// ```
pub fn find_captures(
    paths: impl IntoIterator<Item = impl Into<PathBuf>>,
) -> Result<Vec<PathBuf>, CaptureError> {
    let paths = paths.into_iter().map(Into::into).collect();
    captures(paths, &ReadOptions::default())
        .into_iter()
        .collect()
}

/// The captures that `paths` name, and what is wrong with those that name none.
pub(super) fn captures(
    paths: Vec<PathBuf>,
    options: &ReadOptions,
) -> Vec<Result<PathBuf, CaptureError>> {
    let mut found = Vec::new();
    let mut standard_input = false;
    for path in paths {
        if path == Path::new("-") {
            if !std::mem::replace(&mut standard_input, true) {
                found.push(Ok(path));
            }
        } else if path.is_dir() {
            found.extend(in_folder(&path, options));
        } else if path.exists() {
            found.push(Ok(path));
        } else {
            found.extend(matching(&path));
        }
    }
    found
}

fn in_folder(folder: &Path, options: &ReadOptions) -> Vec<Result<PathBuf, CaptureError>> {
    let listed = folder.read_dir().and_then(|entries| {
        entries
            .map(|entry| Ok(entry?.path()))
            .collect::<io::Result<Vec<PathBuf>>>()
    });
    let mut paths = match listed {
        Ok(paths) => paths,
        Err(error) => return vec![Err(nothing(folder, CaptureErrorKind::Io(error)))],
    };
    paths.retain(|path| !is_hidden(path) && may_be_file(path) && may_be_capture(path, options));
    if paths.is_empty() {
        return vec![Err(nothing(folder, CaptureErrorKind::EmptyFolder))];
    }
    paths.sort();
    paths.into_iter().map(Ok).collect()
}

fn matching(path: &Path) -> Vec<Result<PathBuf, CaptureError>> {
    const OPTIONS: MatchOptions = MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let missing = || CaptureErrorKind::Io(io::ErrorKind::NotFound.into());
    let Some(pattern) = path.to_str().filter(|name| name.contains(['*', '?', '['])) else {
        return vec![Err(nothing(path, missing()))];
    };
    let mut found = match glob_with(pattern, OPTIONS) {
        Ok(found) => found
            .map(|found| {
                found.map_err(|error| {
                    let path = error.path().to_owned();
                    nothing(&path, CaptureErrorKind::Io(error.into()))
                })
            })
            .filter(|found| !found.as_ref().is_ok_and(|path| path.is_dir()))
            .collect::<Vec<_>>(),
        Err(error) => {
            let (position, problem) = (error.pos, error.msg);
            return vec![Err(nothing(
                path,
                CaptureErrorKind::BadPattern { position, problem },
            ))];
        }
    };
    if found.is_empty() {
        return vec![Err(nothing(path, CaptureErrorKind::NoMatch))];
    }
    found.sort_by(|a, b| a.as_ref().ok().cmp(&b.as_ref().ok()));
    found
}

fn is_hidden(path: &Path) -> bool {
    let name = path.file_name().unwrap_or(OsStr::new(""));
    name.as_encoded_bytes().first() == Some(&b'.')
}

/// Opening a pipe that lies about in a folder would wait for whoever writes into it.
fn may_be_file(path: &Path) -> bool {
    path.metadata().map_or(true, |metadata| metadata.is_file())
}

fn may_be_capture(path: &Path, options: &ReadOptions) -> bool {
    match options.open_reader(path) {
        Ok(_) => true,
        Err(error) => !matches!(error.kind(), CaptureErrorKind::NotACapture { .. }),
    }
}

fn nothing(path: &Path, kind: CaptureErrorKind) -> CaptureError {
    CaptureError::opening(path.into(), Fault::fatal(0, kind), false)
}
