//! Talking to a sensor that works.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};

use nettraffic_detect::{AlertId, AllowList, Detector};

use crate::MarkAs;

/// What a sensor may be told.
pub(crate) enum Command {
    Serve(Arc<Detector>),
    Allow(AllowList),
    Reopen,
    Mark(AlertId, MarkAs, String),
    Packets(PathBuf),
}

/// Commands that wait at most.
pub(crate) const MOST_COMMANDS: usize = 64;

/// Talks to a sensor that works, from any thread. Nothing here waits.
#[derive(Clone)]
pub struct Handle {
    pub(crate) stop: Arc<AtomicBool>,
    pub(crate) commands: SyncSender<Command>,
}

/// Why a sensor was not told something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotTold {
    /// It has ended.
    #[error("the sensor has ended")]
    Ended,
    /// Too much waits to be told.
    #[error("the sensor is busy: {MOST_COMMANDS} commands wait")]
    Busy,
}

impl Handle {
    /// Stops reading; what was read is judged, and what is open ends.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether it was told to stop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Judges with another detector from now on. No packet is lost; open flows stay open, unless the other one takes
    /// other features or cuts flows in another way: then they end, and are judged by the one before.
    ///
    /// # Errors
    /// It has ended or is busy.
    pub fn serve(&self, detector: impl Into<Arc<Detector>>) -> Result<(), NotTold> {
        self.tell(Command::Serve(detector.into()))
    }

    /// Allows what another list allows. Entries that stay keep their counters.
    ///
    /// # Errors
    /// It has ended or is busy.
    pub fn allow(&self, list: AllowList) -> Result<(), NotTold> {
        self.tell(Command::Allow(list))
    }

    /// Lets every sink open its file again.
    ///
    /// # Errors
    /// It has ended or is busy.
    pub fn reopen(&self) -> Result<(), NotTold> {
        self.tell(Command::Reopen)
    }

    /// Says that an alert is false, and why. That needs a [`StateFolder`](crate::StateFolder).
    ///
    /// # Errors
    /// It has ended or is busy.
    pub fn mark(
        &self,
        alert: AlertId,
        mark: MarkAs,
        reason: impl Into<String>,
    ) -> Result<(), NotTold> {
        self.tell(Command::Mark(alert, mark, reason.into()))
    }

    /// Writes what is left of the packets of the open incidents into a folder: of each the file
    /// `incident-IDENTIFIER.pcapng`, the most urgent ones first.
    ///
    /// # Errors
    /// It has ended or is busy.
    pub fn write_packets(&self, folder: impl Into<PathBuf>) -> Result<(), NotTold> {
        self.tell(Command::Packets(folder.into()))
    }

    fn tell(&self, command: Command) -> Result<(), NotTold> {
        self.commands
            .try_send(command)
            .map_err(|error| match error {
                TrySendError::Full(_) => NotTold::Busy,
                TrySendError::Disconnected(_) => NotTold::Ended,
            })
    }
}
