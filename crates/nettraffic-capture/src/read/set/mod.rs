//! Several captures as one stream.

mod find;
mod queue;
mod waiting;

use std::collections::VecDeque;
use std::path::PathBuf;

use super::frame::Frame;
use super::options::ReadOptions;
use super::time_account::TimeAccount;
use crate::{CaptureCounters, CaptureError, Packet, PacketSource};

pub use find::find_captures;
use queue::{Parked, ParkedReaders, Place, Reading};
use waiting::{MostOpen, Waiting, WaitingCaptures};

/// Many captures as one source, their packets in the order of time.
///
/// Paths name files, folders, patterns (`captures/2024-*.pcap`) and, as `-`, standard input,
/// as [`find_captures`] describes. Nothing is opened before the first packet is asked for.
///
/// First the first packet of each file is looked at; then files are opened when the time of
/// the stream reaches theirs, and merged by packet time, equal times in the order given. So
/// files that one capture was cut into are read one after another at full speed, whatever
/// the order in which they are named, and captures from several places are woven into one.
/// What cannot be read twice (standard input, pipes) is open from the start. A file whose own
/// packets are not in order keeps its order; the steps back are counted
/// ([`CaptureCounters::backwards`]).
///
/// Sequence numbers run on from file to file. An error of one file (which it names) is
/// returned once, and the next call goes on with what that file still has and with the others.
///
/// # Memory
/// At most 64 captures are open at once, each with a buffer as [`open`](crate::open) has it:
/// of 320 KiB (compressed: two) while records are short. Of captures compressed with zstd or xz
/// only so many are open that their windows have 512 MiB together: 8 with the default limit of
/// 64 MiB each, 64 with a [`ReadLimits::window_len`](crate::ReadLimits::window_len) of 8 MiB.
/// Where more captures than that overlap in time, the others wait and their packets come late;
/// how many these were is counted ([`CaptureCounters::waited_captures`]).
///
/// ```no_run
/// use nettraffic_capture::{CaptureSet, PacketSource};
///
/// # fn main() -> Result<(), nettraffic_capture::CaptureError> {
/// let mut captures = CaptureSet::new(["tap-a/", "tap-b/2024-*.pcap.gz"]);
/// while let Some(packet) = captures.next_packet()? {
///     println!("{} {}", packet.timestamp, packet.wire_len);
/// }
/// # Ok(())
/// # }
/// ```
pub struct CaptureSet {
    /// Not yet looked for.
    paths: Vec<PathBuf>,
    options: ReadOptions,
    merge: bool,
    waiting: WaitingCaptures,
    most_open: MostOpen,
    parked: ParkedReaders,
    /// How many of the open captures may hold a window for decompression.
    windows: usize,
    /// The one that is read until it has no packets before `bound`.
    current: Option<Reading>,
    /// Where the next packet of any other capture belongs.
    bound: Place,
    errors: VecDeque<CaptureError>,
    /// What the captures held that are read to their end.
    finished: CaptureCounters,
    times: TimeAccount,
    lent: u64,
}

impl CaptureSet {
    /// A source over what `paths` name.
    pub fn new(paths: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        Self {
            paths: paths.into_iter().map(Into::into).collect(),
            options: ReadOptions::default(),
            merge: true,
            waiting: WaitingCaptures::default(),
            most_open: MostOpen::ONE,
            parked: ParkedReaders::new(),
            windows: 0,
            current: None,
            bound: Place::END,
            errors: VecDeque::new(),
            finished: CaptureCounters::default(),
            times: TimeAccount::default(),
            lent: 0,
        }
    }

    /// Reads every capture with these options.
    #[must_use]
    pub fn with_options(mut self, options: ReadOptions) -> Self {
        self.options = options;
        self
    }

    /// Reads one capture after another, in the order given, whatever their times: one is open
    /// at a time, and none is looked at before its turn.
    #[must_use]
    pub fn in_given_order(mut self) -> Self {
        self.merge = false;
        self
    }

    /// Finds the next packet of the current capture, if it comes before those of the others.
    #[inline]
    fn stay(&mut self) -> Result<Option<Frame>, CaptureError> {
        let Some(current) = &mut self.current else {
            return Ok(None);
        };
        match current.reader.advance()? {
            Some(frame) if Place::new(frame.timestamp, current.rank) <= self.bound => {
                Ok(Some(frame))
            }
            head => {
                self.lay_down(head);
                Ok(None)
            }
        }
    }

    /// Parks the current capture at its next packet, or takes leave of it at its end.
    #[inline(never)]
    fn lay_down(&mut self, head: Option<Frame>) {
        match (self.current.take(), head) {
            (Some(reading), Some(head)) => self.parked.push(Parked { head, reading }),
            (Some(reading), None) => {
                self.windows -= usize::from(reading.reader.may_hold_window());
                self.finished = self.finished.plus(reading.reader.counters());
            }
            (None, _) => {}
        }
    }

    /// Turns to the capture whose packet comes first, and finds that packet.
    #[inline(never)]
    fn turn(&mut self) -> Result<Option<Frame>, CaptureError> {
        if !self.paths.is_empty() {
            self.look();
        }
        if let Some(error) = self.errors.pop_front() {
            return Err(error);
        }
        while let Some(Waiting { place, path, .. }) = self.due() {
            if self.merge && self.times.last() > Some(place.time) {
                self.finished.waited_captures += 1;
            }
            let current = self.current.insert(Reading {
                rank: place.rank,
                reader: Box::new(self.options.open_reader(&path)?),
            });
            self.windows += usize::from(current.reader.may_hold_window());
            // When it begins with an error, its first packet is still to be compared.
            self.bound = Place::START;
            let head = current.reader.advance()?;
            self.lay_down(head);
        }
        let Some(Parked { head, reading }) = self.parked.pop() else {
            return Ok(None);
        };
        self.current = Some(reading);
        let parked = self.parked.peek().map(Parked::place);
        let others = [parked, self.next_to_open()];
        self.bound = others.into_iter().flatten().min().unwrap_or(Place::END);
        Ok(Some(head))
    }

    /// The capture that is to be opened before the next packet is lent.
    fn due(&mut self) -> Option<Waiting> {
        let place = self.next_to_open()?;
        let parked = self.parked.peek();
        let due = parked.is_none_or(|parked| place < parked.place());
        due.then(|| self.waiting.take(place))?
    }

    /// Where the first packet belongs of the capture to be opened next, if one may be.
    fn next_to_open(&self) -> Option<Place> {
        let open = self.parked.len() + usize::from(self.current.is_some());
        self.waiting.next(self.most_open.room(open, self.windows))
    }

    /// Finds the captures and their order.
    fn look(&mut self) {
        if self.merge {
            self.most_open = MostOpen::merging(&self.options);
        }
        let mut found = Vec::new();
        for result in find::captures(std::mem::take(&mut self.paths), &self.options) {
            match result {
                Ok(path) => found.push(path),
                Err(error) => self.errors.push_back(error),
            }
        }
        let alone = found.len() == 1;
        for (rank, path) in found.into_iter().enumerate() {
            let waiting = if self.merge && !alone && path.is_file() {
                Waiting::look(path, rank, &self.options)
            } else {
                // What can be read only once is opened at once, to find out its first time then.
                Ok(Waiting::unknown(path, rank))
            };
            match waiting {
                Ok(waiting) => self.waiting.push(waiting),
                Err(error) => self.errors.push_back(error),
            }
        }
        self.waiting.sort();
    }
}

impl PacketSource for CaptureSet {
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        let frame = match self.stay()? {
            Some(frame) => frame,
            None => match self.turn()? {
                Some(frame) => frame,
                None => return Ok(None),
            },
        };
        self.times.see(frame.timestamp);
        let sequence = self.lent;
        self.lent += 1;
        let current = self.current.as_ref();
        Ok(current.map(|current| current.reader.lend(frame, sequence)))
    }

    fn counters(&self) -> CaptureCounters {
        let parked = self.parked.iter();
        let open = parked.clone().map(|parked| &parked.reading);
        let mut counters = (open.chain(&self.current)).fold(self.finished, |sum, reading| {
            sum.plus(reading.reader.counters())
        });
        // The packets at which captures are parked have been read, and not lent.
        for Parked { head, .. } in parked {
            counters.packets -= 1;
            counters.wire_bytes -= u64::from(head.wire_len);
            counters.captured_bytes -= head.data.len() as u64;
        }
        self.times.told_in(counters)
    }
}

impl std::fmt::Debug for CaptureSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CaptureSet")
            .field("paths", &self.paths)
            .field("waiting", &self.waiting)
            .field("counters", &self.counters())
            .finish_non_exhaustive()
    }
}
