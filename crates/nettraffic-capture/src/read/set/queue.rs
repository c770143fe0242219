//! The captures of a set in the order in which their next packets belong.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::Timestamp;
use crate::read::frame::Frame;
use crate::read::reader::Reader;

/// Where a packet belongs: by time, among equals by the order in which the captures were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) time: Timestamp,
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
