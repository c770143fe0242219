//! Where results go.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use nettraffic_detect::{DetectError, Detector};

use crate::Failure;

/// Standard output or a file, buffered; errors name the place.
pub struct Output {
    place: String,
    writer: BufWriter<Box<dyn Write + Send>>,
}

impl Output {
    /// The file at `path`, or standard output when there is no path or it is `-`.
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn to(path: Option<&Path>) -> Result<Self, Failure> {
        let (place, inner): (String, Box<dyn Write + Send>) = match path {
            Some(path) if path != Path::new("-") => {
                let place = path.display().to_string();
                let file = File::create(path).map_err(|error| Failure::output(&place, error))?;
                (place, Box::new(file))
            }
            _ => ("standard output".to_owned(), Box::new(io::stdout())),
        };
        Ok(Self {
            place,
            writer: BufWriter::with_capacity(1 << 18, inner),
        })
    }

    /// The name of the file, or `standard output`.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Writes some bytes.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.writer
            .write_all(bytes)
            .map_err(|error| Failure::writing(&self.place, &error))
    }

    /// Writes a line.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn line(&mut self, line: &str) -> Result<(), Failure> {
        self.write(line.as_bytes())?;
        self.write(b"\n")
    }

    /// Writes a line that is not to wait for others.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn line_now(&mut self, line: &str) -> Result<(), Failure> {
        self.line(line)?;
        self.flush()
    }

    /// Writes what is still buffered.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(mut self) -> Result<(), Failure> {
        self.flush()
    }

    fn flush(&mut self) -> Result<(), Failure> {
        self.writer
            .flush()
            .map_err(|error| Failure::writing(&self.place, &error))
    }
}

/// For writers that take the output over; errors lack the place.
impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Refuses outputs that would overwrite an input, or each other, before anything is opened.
///
/// # Errors
/// Names the path that stands for two things.
pub fn check_outputs<'a>(
    inputs: impl IntoIterator<Item = &'a Path>,
    outputs: impl IntoIterator<Item = &'a Path>,
) -> Result<(), Failure> {
    let known = |path: &&Path| *path != Path::new("-");
    let mut taken: Vec<PathBuf> = inputs.into_iter().filter(known).map(real_path).collect();
    for output in outputs.into_iter().filter(known) {
        let real = real_path(output);
        if taken.contains(&real) && (real.is_file() || !real.exists()) {
            return Err(Failure::usage(format!(
                "{}: is read, or written to, already",
                output.display()
            )));
        }
        taken.push(real);
    }
    Ok(())
}

/// The path without links, also of a file that is not there yet.
fn real_path(path: &Path) -> PathBuf {
    let real = |path: &Path| path.canonicalize().ok();
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    real(path)
        .or_else(|| Some(real(folder.unwrap_or(Path::new(".")))?.join(path.file_name()?)))
        .unwrap_or_else(|| path.to_owned())
}

/// Writes a whole file or none: to a file beside it first, which then takes its name.
/// What is no regular file (a pipe, `/dev/stdout`) is written as it is; `-` is standard output.
///
/// # Errors
/// It cannot be written; the file that stood there before is left as it was.
pub fn write_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let failed = |error| Failure::writing(path.display(), &error);
    if path == Path::new("-") {
        let mut writer = BufWriter::new(io::stdout());
        return write(&mut writer)
            .and_then(|()| writer.flush())
            .map_err(failed);
    }
    if path.exists() && !path.is_file() {
        let mut writer = BufWriter::new(File::create(path).map_err(failed)?);
        return write(&mut writer)
            .and_then(|()| writer.flush())
            .map_err(failed);
    }
    let beside = beside(path);
    let written = File::create(&beside).and_then(|file| {
        let mut writer = BufWriter::new(file);
        write(&mut writer)?;
        writer.flush()?;
        std::fs::rename(&beside, path)
    });
    written.map_err(|error| {
        // What was begun is of no use; that it may not be there at all is no second error.
        let _ = std::fs::remove_file(&beside);
        failed(error)
    })
}

/// Writes a detector: whole or not at all where that can be, and on the disk.
///
/// # Errors
/// It cannot be written; the file that stood there before is left as it was.
pub fn save_detector(detector: &Detector, path: &Path) -> Result<(), Failure> {
    if path == Path::new("-") || path.exists() && !path.is_file() {
        return write_file(path, |file| detector.save(file).map_err(io::Error::other));
    }
    detector.save_to(path).map_err(|error| match error {
        DetectError::Io(error) => Failure::writing(path.display(), &error),
        other => Failure::output(path.display(), other),
    })
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    path.with_file_name(name)
}
