//! Where alerts and incidents go: what every sink promises, and the sinks that there are.

mod counters;
mod event;
mod file;
mod flow_log;
mod form;
mod outlet;
mod outlets;
mod queue;
mod record;
mod syslog;
mod terminal;
mod wants;
mod webhook;

use std::io;
use std::time::Duration;

pub use counters::{OutletCounters, OutletStatus, Trouble};
pub use event::{Event, EventKind};
pub use file::{FileConfig, FileSink, Period, Rotation};
pub use flow_log::{FlowLog, FlowLogConfig};
pub use form::Form;
pub use outlet::{Outlet, OutletConfig};
pub use outlets::Outlets;
pub use syslog::{Facility, Syslog, SyslogConfig, SyslogTarget};
pub use terminal::{Colour, Terminal};
pub use wants::Wants;
pub use webhook::{Webhook, WebhookConfig};

/// Writes events somewhere. Each sink runs behind an [`Outlet`], on a thread of its own, so it may block.
pub trait Sink: Send {
    /// What it is, for counters and messages: `eve /var/log/eve.json`. Never with a secret in it.
    fn name(&self) -> &str;

    /// Which events it is to be given.
    fn wants(&self) -> Wants {
        Wants::ALERTS
    }

    /// Most events that it takes at once.
    fn batch(&self) -> usize {
        1
    }

    /// Writes events, from the first on, as many as it can, and tells how many it dealt with: the others are
    /// given to it again. An event counts as written only when it is out of this process's hands.
    ///
    /// `events` holds one at least and [`batch`](Sink::batch) at most.
    ///
    /// # Errors
    /// None of the events was dealt with; whether to try again is said by the error. A lasting one is about the
    /// first event alone when there is only one, so those of a batch are then given one by one.
    fn write(&mut self, events: &[Event]) -> Result<Dealt, SinkError>;

    /// Opens its file again, or connects again: a log was moved away.
    ///
    /// # Errors
    /// It cannot; it goes on with what it had.
    fn reopen(&mut self) -> Result<(), SinkError> {
        Ok(())
    }

    /// What went wrong since this was last asked without any event being lost by it, such as a log that could not
    /// be moved away.
    fn trouble(&mut self) -> Option<String> {
        None
    }

    /// Says that nothing follows.
    ///
    /// # Errors
    /// What stands behind the last event could not be written.
    fn close(&mut self) -> Result<(), SinkError> {
        Ok(())
    }
}

/// How many events, from the first on, a sink dealt with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "sinks of others make it")]
pub struct Dealt {
    /// Those that are written now.
    pub written: usize,
    /// Those that had been written before this process began.
    pub skipped: usize,
}

impl Dealt {
    /// That many were written.
    #[must_use]
    pub const fn written(written: usize) -> Self {
        Self {
            written,
            skipped: 0,
        }
    }

    /// All of them.
    #[must_use]
    pub const fn events(self) -> usize {
        self.written + self.skipped
    }
}

/// Why an event was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// Trying again may help: the disk is full, the other side is gone.
    #[error("{what}: {error}")]
    #[non_exhaustive]
    Passing {
        /// What was tried.
        what: String,
        /// What went wrong.
        error: io::Error,
        /// How long the other side asks to be left alone.
        pause: Option<Duration>,
    },
    /// Trying again would not help.
    #[error("{0}")]
    Lasting(String),
}

impl SinkError {
    /// Trying again may help.
    #[must_use]
    pub fn passing(what: impl Into<String>, error: impl Into<io::Error>) -> Self {
        Self::Passing {
            what: what.into(),
            error: error.into(),
            pause: None,
        }
    }

    /// Trying again would not help.
    #[must_use]
    pub fn lasting(why: impl Into<String>) -> Self {
        Self::Lasting(why.into())
    }
}
