//! Where alerts go.

use std::io;
use std::sync::Arc;

use nettraffic_detect::Verdict;

use crate::SensorAlert;

/// What sinks are given.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// An alert that is to be written.
    Alert(Arc<SensorAlert>),
    /// Every flow record with its score, for sinks that want flows.
    Flow(Arc<Verdict>),
}

/// Writes events somewhere. Each sink runs on a thread of its own behind a bounded queue, so it may block.
pub trait Sink: Send {
    /// What it is, for counters and messages: `eve /var/log/eve.json`.
    fn name(&self) -> &str;

    /// Whether it is to be given flows too.
    fn wants_flows(&self) -> bool {
        false
    }

    /// Writes one event. When it returns, an event that was written is out of this process's hands.
    ///
    /// # Errors
    /// It could not be written; whether to try again is said by the error.
    fn write(&mut self, event: &Event) -> Result<(), SinkError>;

    /// Opens its file again, or connects again: a log was moved away.
    ///
    /// # Errors
    /// It cannot be opened.
    fn reopen(&mut self) -> Result<(), SinkError> {
        Ok(())
    }
}

/// Why an event was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// Trying again may help: the disk is full, the other side is gone.
    #[error("{what}: {error}")]
    Passing {
        /// What was tried.
        what: String,
        /// What went wrong.
        error: io::Error,
    },
    /// Trying again would not help.
    #[error("{0}")]
    Lasting(String),
}
