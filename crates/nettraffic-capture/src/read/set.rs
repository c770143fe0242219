//! Several captures as one stream.

use std::collections::VecDeque;
use std::path::PathBuf;

use super::open::open_reader;
use super::reader::Reader;
use crate::{CaptureCounters, CaptureError, Packet, PacketSource};

/// Several capture files read one after another, in the order given, as one source.
///
/// Sequence numbers run on from file to file. An error of one file (which it names) is
/// returned once, and the next call goes on with what that file still has, then with the next one.
pub struct CaptureSet {
    waiting: VecDeque<PathBuf>,
    current: Option<Reader<'static>>,
    /// What the files before the current one held.
    before: CaptureCounters,
}

impl CaptureSet {
    /// A source over `paths`, each opened when its turn comes; `-` is standard input.
    pub fn new(paths: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        Self {
            waiting: paths.into_iter().map(Into::into).collect(),
            current: None,
            before: CaptureCounters::default(),
        }
    }
}

impl PacketSource for CaptureSet {
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        let frame = loop {
            let Some(reader) = &mut self.current else {
                let Some(path) = self.waiting.pop_front() else {
                    return Ok(None);
                };
                self.current = Some(open_reader(&path)?);
                continue;
            };
            if let Some(frame) = reader.advance()? {
                break frame;
            }
            self.before = self.before.plus(reader.counters());
            self.current = None;
        };
        let sequence = self.counters().packets - 1;
        Ok(self
            .current
            .as_ref()
            .map(|reader| reader.lend(frame, sequence)))
    }

    fn counters(&self) -> CaptureCounters {
        match &self.current {
            Some(reader) => self.before.plus(reader.counters()),
            None => self.before,
        }
    }
}

impl std::fmt::Debug for CaptureSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CaptureSet")
            .field("waiting", &self.waiting)
            .field("counters", &self.counters())
            .finish_non_exhaustive()
    }
}
