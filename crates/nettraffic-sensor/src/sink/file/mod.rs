//! Files of lines: events in JSON, and what every log needs.

mod log_file;
mod mend;
mod open;
mod recover;
mod rotation;

use std::path::PathBuf;

use self::recover::Already;
use super::{Dealt, Event, Form, Sink, SinkError, Wants};

pub(super) use self::log_file::{Frame, Lines, LogFile};
pub use self::rotation::{Period, Rotation};

/// Lines that are written at once at most.
pub(super) const BATCH: usize = 256;

/// Where events are written as lines of JSON, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileConfig {
    /// The file. Its folder must exist. A device such as `/dev/null` does as well; a pipe does not.
    pub path: PathBuf,
    /// How an event is told.
    pub form: Form,
    /// Which events (alerts).
    pub wants: Wants,
    /// When the file is moved away (never).
    pub rotation: Rotation,
    /// Alerts and events of incidents that are read back at the start, so that none is written twice (100,000).
    pub memory: usize,
}

impl FileConfig {
    /// Alerts in Suricata's form, in a file that is never moved away.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            form: Form::Eve,
            wants: Wants::ALERTS,
            rotation: Rotation::default(),
            memory: 100_000,
        }
    }

    /// In another form.
    #[must_use]
    pub const fn with_form(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    /// With other events.
    #[must_use]
    pub const fn with_events(mut self, wants: Wants) -> Self {
        self.wants = wants;
        self
    }

    /// In a file that is moved away when it is due.
    #[must_use]
    pub const fn with_rotation(mut self, rotation: Rotation) -> Self {
        self.rotation = rotation;
        self
    }

    /// With another number of events that are read back.
    #[must_use]
    pub const fn with_memory(mut self, events: usize) -> Self {
        self.memory = events;
        self
    }
}

/// Writes events as lines of JSON.
///
/// The file never holds part of a line for longer than it takes to cut it away again: neither when the disk is full,
/// nor after a crash, when the next start does it. Alerts and events of incidents that the end of the file holds at the
/// start are not written again. No other process may write the same file so.
pub struct FileSink {
    name: String,
    config: FileConfig,
    log: LogFile,
    already: Already,
    recovered: usize,
}

impl FileSink {
    /// Opens the file, or creates it readable for owner and group, and reads back which events it holds.
    ///
    /// # Errors
    /// It cannot be opened or read, ends with something that is no part of such a line, or another process writes it.
    pub fn open(config: &FileConfig) -> Result<Self, SinkError> {
        let frame = Frame {
            header: Vec::new(),
            footer: Vec::new(),
            is_ours: |part| part.starts_with(b"{"),
        };
        let log = LogFile::open(&config.path, frame, config.rotation.clone())?;
        let shown = config.path.display();
        let already = if log.is_regular() {
            Already::read(&config.path, config.memory)
                .map_err(|error| SinkError::passing(shown.to_string(), error))?
        } else {
            Already::default()
        };
        Ok(Self {
            name: format!("{} {shown}", config.form.name()),
            recovered: already.len(),
            config: config.clone(),
            log,
            already,
        })
    }

    /// Bytes of a torn line that were cut away at the start.
    #[must_use]
    pub const fn mended(&self) -> u64 {
        self.log.mended()
    }

    /// Alerts and events of incidents that were there at the start, as far as they are remembered.
    #[must_use]
    pub const fn recovered(&self) -> usize {
        self.recovered
    }

    fn is_written(&self, event: &Event) -> bool {
        event.id().is_some_and(|id| self.already.has(id))
    }

    /// Passes over events from the first on that had been written, and tells how many.
    fn skip(&mut self, events: &[Event]) -> usize {
        let mut skipped = 0;
        for event in events {
            let Some(id) = event.id().filter(|id| self.already.has(*id)) else {
                break;
            };
            self.already.take(id);
            skipped += 1;
        }
        skipped
    }
}

impl Sink for FileSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn wants(&self) -> Wants {
        self.config.wants
    }

    fn batch(&self) -> usize {
        BATCH
    }

    fn write(&mut self, events: &[Event]) -> Result<Dealt, SinkError> {
        let skipped = self.skip(events);
        if skipped > 0 {
            return Ok(Dealt {
                written: 0,
                skipped,
            });
        }
        let mut lines = Lines::default();
        for event in events.iter().take_while(|event| !self.is_written(event)) {
            lines.push(self.config.form.json(event)?.as_bytes());
        }
        self.log.append(&lines).map(Dealt::written)
    }

    fn reopen(&mut self) -> Result<(), SinkError> {
        self.log.reopen()
    }

    fn trouble(&mut self) -> Option<String> {
        self.log.trouble()
    }
}
