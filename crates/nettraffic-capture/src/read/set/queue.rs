//! The captures of a set in the order in which their next packets belong.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::path::{Path, PathBuf};

use crate::read::frame::Frame;
use crate::read::options::ReadOptions;
use crate::read::reader::Reader;
use crate::{CaptureError, Timestamp};

/// Where a packet belongs: by time, among equals by the order in which the captures were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    time: Timestamp,
    pub(super) rank: usize,
}

impl Place {
    /// Before every packet.
    pub(super) const START: Self = Self::new(Timestamp::MIN, 0);
    /// Behind every packet.
    pub(super) const END: Self = Self::new(Timestamp::MAX, usize::MAX);

    pub(super) const fn new(time: Timestamp, rank: usize) -> Self {
        Self { time, rank }
    }
}

/// A capture that is not open yet.
#[derive(Debug)]
pub(super) struct Waiting {
    /// Where its first packet belongs.
    pub(super) place: Place,
    pub(super) path: PathBuf,
}

/// An open capture.
pub(super) struct Reading {
    pub(super) rank: usize,
    // Boxed, since sorting moves it about.
    pub(super) reader: Box<Reader<'static>>,
}

/// An open capture that has found its next packet and waits until the stream gets there.
pub(super) struct Parked {
    pub(super) head: Frame,
    pub(super) reading: Reading,
}

impl Parked {
    pub(super) fn place(&self) -> Place {
        Place::new(self.head.timestamp, self.reading.rank)
    }
}

/// Parked captures; the greatest is the one whose packet comes first.
pub(super) type ParkedReaders = BinaryHeap<Parked>;

impl Ord for Parked {
    fn cmp(&self, other: &Self) -> Ordering {
        other.place().cmp(&self.place())
    }
}

impl PartialOrd for Parked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Parked {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}

impl Eq for Parked {}

/// Looks into a file for the time of its first packet.
///
/// Damage before it, or the end, is left to be found again when the file is read: that comes first.
pub(super) fn first_place(
    path: &Path,
    rank: usize,
    options: &ReadOptions,
) -> Result<Place, CaptureError> {
    let mut reader = options.open_reader(path)?;
    Ok(match reader.advance() {
        Ok(Some(frame)) => Place::new(frame.timestamp, rank),
        Ok(None) | Err(_) => Place::new(Timestamp::MIN, rank),
    })
}
