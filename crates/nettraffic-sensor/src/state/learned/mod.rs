//! The flows that a sensor learned from so far, in a file that grows.
//!
//! `NTROWS1\n`, the length of the rules (u32), the rules as JSON, their CRC-32; then records of one length
//! ([`record`]), each with its own CRC-32. Numbers are little-endian.

mod record;
mod rules;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use nettraffic_detect::FlowRows;
use nettraffic_flow::Flow;

pub use rules::RowRules;

use super::StateError;
use super::atomic::{self, private};

/// Rows that are read back at most: with 100 features 2 GB.
const MOST_ROWS: u64 = 2_000_000;
/// What is gathered before it is written.
const BUFFER: usize = 1 << 16;

/// Flows with their rows, appended to a file as they are learned from. What was flushed survives the process.
///
/// A detector that is trained on what a restart reads back is the one that would have been trained without it,
/// to the byte.
#[derive(Debug)]
pub struct LearnedRows {
    path: PathBuf,
    file: BufWriter<File>,
    width: usize,
    len: u64,
    most: u64,
    /// Bytes in front of the first record.
    start: u64,
    record: Vec<u8>,
}

/// What was there when the file was opened.
#[derive(Debug)]
#[non_exhaustive]
pub struct Resumed {
    /// The flows in the order in which they were appended. They count as of one origin.
    pub rows: FlowRows,
    /// Records that are damaged and were left out.
    pub damaged: u64,
    /// Bytes at the end that are no whole record: one that was being written.
    pub torn_bytes: u64,
    /// What an operator should know.
    pub warning: Option<String>,
}

impl LearnedRows {
    /// Opens a file of rows that were made by `rules`, or begins one. A file of other rules, or a damaged one, is put
    /// aside with a warning, and begun anew.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn open(path: impl Into<PathBuf>, rules: &RowRules) -> Result<(Self, Resumed), StateError> {
        let path = path.into();
        let failed = StateError::about(&path);
        let mut resumed = Resumed {
            rows: FlowRows::new(rules.features().clone()),
            damaged: 0,
            torn_bytes: 0,
            warning: None,
        };
        if let Err(problem) = rules.check(&path).map_err(&failed)? {
            let aside = atomic::put_aside(&path).map_err(&failed)?;
            let (file, aside) = (path.display(), aside.display());
            resumed.warning = Some(format!(
                "{file}: {problem}; put aside as {aside}, this file begins anew"
            ));
        }
        let start = rules.file_start();
        let file = reopen(&path, &start, &mut resumed).map_err(&failed)?;
        let learned = Self {
            file: BufWriter::with_capacity(BUFFER, file),
            width: rules.features().schema().len(),
            len: resumed.rows.len() as u64,
            most: MOST_ROWS,
            start: start.len() as u64,
            record: Vec::new(),
            path,
        };
        Ok((learned, resumed))
    }

    /// Appends a flow. It is written when enough are gathered, or by [`LearnedRows::flush`].
    ///
    /// # Errors
    /// The file cannot be written; [`ErrorKind::FileTooLarge`] when it holds 2,000,000 flows.
    ///
    /// # Panics
    /// When the row has another number of values than the features have columns.
    pub fn append(&mut self, flow: &Flow, row: &[f64]) -> Result<(), StateError> {
        assert_eq!(row.len(), self.width, "a row of other features");
        if self.is_full() {
            return Err(StateError::about(&self.path)(
                ErrorKind::FileTooLarge.into(),
            ));
        }
        record::write(flow, row, &mut self.record);
        (self.file.write_all(&self.record)).map_err(StateError::about(&self.path))?;
        self.len += 1;
        Ok(())
    }

    /// Hands what is gathered to the operating system: a crash of the process loses nothing of it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn flush(&mut self) -> Result<(), StateError> {
        self.file.flush().map_err(StateError::about(&self.path))
    }

    /// Flushes, and waits until it is on the disk: a loss of power loses nothing either.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn sync(&mut self) -> Result<(), StateError> {
        self.flush()?;
        self.file
            .get_ref()
            .sync_data()
            .map_err(StateError::about(&self.path))
    }

    /// Forgets all flows: what was learned is in a detector now.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn clear(&mut self) -> Result<(), StateError> {
        self.flush()?;
        let file = self.file.get_mut();
        let cleared = file
            .set_len(self.start)
            .and_then(|()| file.seek(SeekFrom::Start(self.start)));
        cleared.map_err(StateError::about(&self.path))?;
        self.len = 0;
        Ok(())
    }

    /// Flows in it.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Takes no more than this in all.
    #[cfg(test)]
    pub(crate) fn bound(&mut self, most: u64) {
        self.most = most;
    }

    /// Whether no further one is taken.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.len >= self.most
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// The bytes of a file that holds these rows and no others.
pub(super) fn file_of(rules: &RowRules, rows: &FlowRows) -> Vec<u8> {
    let mut bytes = rules.file_start();
    let mut record = Vec::new();
    for (index, flow) in rows.flows().iter().enumerate() {
        record::write(flow, rows.row(index), &mut record);
        bytes.extend_from_slice(&record);
    }
    bytes
}

/// Opens a file that is sound as far as its start, reads its records, and cuts off what is none at its end.
fn reopen(path: &Path, start: &[u8], resumed: &mut Resumed) -> io::Result<File> {
    let mut options = private();
    let mut file = options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    let len = file.metadata()?.len();
    if len == 0 {
        file.write_all(start)?;
        return Ok(file);
    }
    let start = start.len() as u64;
    file.seek(SeekFrom::Start(start))?;
    let end = start + read_records(BufReader::with_capacity(BUFFER, &file), resumed)?;
    resumed.torn_bytes += len.saturating_sub(end);
    file.set_len(end)?;
    file.seek(SeekFrom::Start(end))?;
    Ok(file)
}

/// Reads records to the last sound one; the bytes up to its end.
fn read_records(mut reader: impl Read, resumed: &mut Resumed) -> io::Result<u64> {
    let width = resumed.rows.features().schema().len();
    let mut record = vec![0; record::length(width)];
    let mut row = Vec::with_capacity(width);
    let (mut read, mut sound, mut damaged) = (0, 0, 0);
    while read < MOST_ROWS && fill(&mut reader, &mut record)? {
        read += 1;
        row.clear();
        match record::read(&record, &mut row) {
            Some(flow) => {
                resumed.rows.push(flow, &row);
                sound = read;
                resumed.damaged += std::mem::take(&mut damaged);
            }
            // Counted once a sound one follows: at the end it is torn.
            None => damaged += 1,
        }
    }
    Ok(sound * record.len() as u64)
}

/// Fills a buffer; false when the input ends before it is full.
fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match reader.read_exact(buffer) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        read => read.map(|()| true),
    }
}
