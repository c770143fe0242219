//! Talking to a sensor that works.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};

use nettraffic_capture::Timestamp;
use nettraffic_detect::{AlertId, AllowList, Detector};

use super::reply::{Answer, reply};
use super::{ConditionKind, PacketsWritten, Reply};
use crate::{MarkAs, Marked, Unmarked};

/// What a sensor may be told, each with where to answer.
pub(crate) enum Command {
    Serve(Arc<Detector>, Answer<TookOver>),
    Allow(AllowList, Answer<usize>),
    Reopen,
    Mark(AlertId, MarkAs, String, Answer<Marked>),
    Unmark(AlertId, Answer<Unmarked>),
    Packets(PathBuf, Answer<PacketsWritten>),
    Hold(ConditionKind, Option<String>),
}

/// Commands that wait at most.
pub(crate) const MOST_COMMANDS: usize = 64;

/// Talks to a sensor that works, from any thread. Nothing here waits: where there is something to answer, a [`Reply`]
/// does once it is done.
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

/// How another detector took over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TookOver {
    /// When, in packet time; [`Timestamp::MIN`] before the first packet.
    pub at: Timestamp,
    /// Whether open flows stayed open; else they ended, and were judged by the one before.
    pub kept_flows: bool,
}

impl TookOver {
    pub(crate) const fn new(at: Timestamp, kept_flows: bool) -> Self {
        Self { at, kept_flows }
    }
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
    pub fn serve(&self, detector: impl Into<Arc<Detector>>) -> Result<Reply<TookOver>, NotTold> {
        let detector = detector.into();
        self.ask(|answer| Command::Serve(detector, answer))
    }

    /// Allows what another list allows, and answers how many entries hold then, those of marks among them. Entries that
    /// stay keep their counters.
    ///
    /// # Errors
    /// It has ended or is busy.
    pub fn allow(&self, list: AllowList) -> Result<Reply<usize>, NotTold> {
        self.ask(|answer| Command::Allow(list, answer))
    }

    /// Lets every sink open its file again; how that went stands in the [`Status`](crate::Status) of each.
    ///
    /// # Errors
    /// It has ended or is busy.
    pub fn reopen(&self) -> Result<(), NotTold> {
        self.tell(Command::Reopen)
    }

    /// Says that an alert is false, and why. That needs a [`StateFolder`](crate::StateFolder). The answer comes when it is
    /// on the disk: a crash loses no mark that was answered.
    ///
    /// # Errors
    /// It has ended or is busy.
    pub fn mark(
        &self,
        alert: AlertId,
        mark: MarkAs,
        reason: impl Into<String>,
    ) -> Result<Reply<Marked>, NotTold> {
        let reason = reason.into();
        self.ask(|answer| Command::Mark(alert, mark, reason, answer))
    }

    /// Takes the marks of an alert back, also those of a run before: alerts like it are raised again, and no training
    /// learns from its flow any more. The answer comes when it is on the disk.
    ///
    /// # Errors
    /// It has ended or is busy.
    pub fn unmark(&self, alert: AlertId) -> Result<Reply<Unmarked>, NotTold> {
        self.ask(|answer| Command::Unmark(alert, answer))
    }

    /// Writes what is left of the packets of the open incidents into a folder: of each the file
    /// `incident-IDENTIFIER.pcapng`, the most urgent ones first. The answer comes when they are written.
    ///
    /// # Errors
    /// It has ended or is busy.
    pub fn write_packets(
        &self,
        folder: impl Into<PathBuf>,
    ) -> Result<Reply<PacketsWritten>, NotTold> {
        let folder = folder.into();
        self.ask(|answer| Command::Packets(folder, answer))
    }

    /// Says that something is wrong that the sensor cannot know, a failed reload say; it stands in
    /// [`Status::conditions`](crate::Status::conditions) until it is over: `None`.
    ///
    /// # Errors
    /// It has ended or is busy.
    pub fn hold(&self, kind: ConditionKind, what: Option<String>) -> Result<(), NotTold> {
        self.tell(Command::Hold(kind, what))
    }

    fn ask<T>(&self, command: impl FnOnce(Answer<T>) -> Command) -> Result<Reply<T>, NotTold> {
        let (answer, reply) = reply();
        self.tell(command(answer)).map(|()| reply)
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
