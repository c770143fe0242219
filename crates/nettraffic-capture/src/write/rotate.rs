//! A capture in many files.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{CaptureFormat, CaptureWriter, Rotation, names};
use crate::{Packet, Timestamp};

/// Writes packets to one file after another, as a [`Rotation`] says.
///
/// From the path `office.pcap` come `office_00001_20240101120000.pcap` and so on: the number
/// of the file, and the time of its first packet in UTC. A file has a hidden name in the same
/// folder (`.office_….pcap.part`) until it is complete, so that whoever takes files from the
/// folder never sees half of one; a file that has its name already is replaced. What is not
/// [finished](RotatingWriter::finish) keeps the hidden name.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use nettraffic_capture::{
///     CaptureFormat, LinkType, Packet, RotatingWriter, Rotation, Timestamp,
/// };
/// use std::time::Duration;
///
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("office.pcap");
/// let hourly = Rotation::new().after_time(Duration::from_secs(3600));
/// let format = CaptureFormat::Pcap(LinkType::ETHERNET);
/// let mut writer = RotatingWriter::new(path, format, hourly)?;
/// for hour in 0..3 {
///     let time = Timestamp::from_seconds(1_704_110_400 + hour * 3600, 0);
///     writer.write(&Packet::new(time, LinkType::ETHERNET, &[0; 60]))?;
/// }
/// let files = writer.finish()?;
/// assert_eq!(files.len(), 3);
/// assert!(files[2].ends_with("office_00003_20240101140000.pcap"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct RotatingWriter {
    path: PathBuf,
    format: CaptureFormat,
    rotation: Rotation,
    current: Option<Unfinished>,
    /// Files begun so far.
    begun: u64,
    /// Files that are complete and have not been removed, the oldest first.
    files: VecDeque<PathBuf>,
}

/// The file that is being written.
#[derive(Debug)]
struct Unfinished {
    /// The name that it is to have.
    path: PathBuf,
    /// The time of its first packet.
    first: Timestamp,
    writer: CaptureWriter<Counted<BufWriter<File>>>,
}

impl RotatingWriter {
    /// Files named after `path`. The first one is begun by the first packet: without packets
    /// there are no files.
    ///
    /// # Errors
    /// When there is no folder to write them to, or `path` has no file name.
    pub fn new(
        path: impl Into<PathBuf>,
        format: CaptureFormat,
        rotation: Rotation,
    ) -> io::Result<Self> {
        let path = path.into();
        let kind = match (path.file_name(), path.parent()) {
            (None, _) => Some(io::ErrorKind::InvalidInput),
            (_, Some(folder)) if folder.as_os_str().is_empty() => None,
            (_, Some(folder)) if !folder.is_dir() => Some(io::ErrorKind::NotFound),
            _ => None,
        };
        if let Some(kind) = kind {
            return Err(about(&path, &kind.into()));
        }
        Ok(Self {
            path,
            format,
            rotation,
            current: None,
            begun: 0,
            files: VecDeque::new(),
        })
    }

    /// Writes one packet, to another file than the one before where the rotation says so.
    ///
    /// # Errors
    /// When a file cannot be written, completed or removed; the error names it. Or
    /// (`InvalidInput`, with nothing written) when the format cannot hold the packet.
    pub fn write(&mut self, packet: &Packet<'_>) -> io::Result<()> {
        let time = packet.timestamp;
        let current = match &mut self.current {
            Some(current) if !current.is_full(&self.rotation, time) => current,
            _ => {
                self.complete()?;
                self.begin(time)?
            }
        };
        let written = current.writer.write(packet);
        written.map_err(|error| about(&current.path, &error))
    }

    /// Completes the last file. The files written that have not been removed, the oldest first.
    ///
    /// # Errors
    /// When the last file cannot be completed.
    pub fn finish(mut self) -> io::Result<Vec<PathBuf>> {
        self.complete()?;
        Ok(self.files.into())
    }

    /// Gives the file that is being written its name.
    fn complete(&mut self) -> io::Result<()> {
        let Some(Unfinished { path, writer, .. }) = self.current.take() else {
            return Ok(());
        };
        // The file is closed before it is renamed, which some systems need.
        let written = writer.finish().map(drop);
        written
            .and_then(|()| fs::rename(names::unfinished(&path), &path))
            .map_err(|error| about(&path, &error))?;
        self.files.push_back(path);
        Ok(())
    }

    /// Begins a file, in whose place the oldest one may have to go.
    fn begin(&mut self, first: Timestamp) -> io::Result<&mut Unfinished> {
        let excess = self.rotation.excess(self.files.len() + 1);
        for path in self.files.drain(..excess) {
            match fs::remove_file(&path) {
                // Somebody else has removed it: what was wanted.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => removed.map_err(|error| about(&path, &error))?,
            }
        }
        self.begun += 1;
        let path = names::numbered(&self.path, self.begun, first);
        let writer = File::create(names::unfinished(&path))
            .and_then(|file| CaptureWriter::new(Counted::new(BufWriter::new(file)), self.format))
            .map_err(|error| about(&path, &error))?;
        Ok(self.current.insert(Unfinished {
            path,
            first,
            writer,
        }))
    }
}

impl Unfinished {
    fn is_full(&self, rotation: &Rotation, next: Timestamp) -> bool {
        rotation.is_due(self.writer.get_ref().bytes, self.first, next)
    }
}

/// The error with the name of the file that it is about.
fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Counts what is written.
#[derive(Debug)]
struct Counted<W> {
    output: W,
    bytes: u64,
}

impl<W> Counted<W> {
    fn new(output: W) -> Self {
        Self { output, bytes: 0 }
    }
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.output.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}
