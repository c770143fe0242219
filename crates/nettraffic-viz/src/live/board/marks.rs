//! Alerts that analysts mark as false, on their way to the sensor.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use serde::Serialize;

use crate::live::{MarkUse, Marking};

/// What was said of an alert, and what became of that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(in crate::live) struct Mark {
    /// What holds.
    becomes: Option<MarkUse>,
    /// Whether something else was said, and the sensor has not answered yet.
    waits: bool,
    /// Why what was said last does not hold.
    failed: Option<String>,
}

impl Mark {
    /// Something was said that the sensor has yet to answer.
    pub(super) fn waiting(&self) -> Self {
        Self {
            becomes: self.becomes,
            waits: true,
            failed: None,
        }
    }

    /// What the sensor answered to it.
    pub(super) fn answered(&self, said: Option<MarkUse>, answer: Result<(), String>) -> Self {
        Self {
            becomes: answer.as_ref().map_or(self.becomes, |()| said),
            waits: false,
            failed: answer.err(),
        }
    }
}

/// Where markings go, once the sensor asked for them.
#[derive(Default)]
pub(super) struct Marks(Option<SyncSender<Marking>>);

/// Why a marking was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::live) enum Refusal {
    /// There is no such alert, or no longer.
    Unknown,
    /// The sensor takes none.
    Closed,
    /// Too many wait.
    Busy,
}

impl Marks {
    pub(super) fn open(&mut self, capacity: usize) -> Receiver<Marking> {
        let (sender, receiver) = sync_channel(capacity.max(1));
        self.0 = Some(sender);
        receiver
    }

    pub(super) fn is_open(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn send(&mut self, marking: Marking) -> Result<(), Refusal> {
        let sender = self.0.as_ref().ok_or(Refusal::Closed)?;
        match sender.try_send(marking) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => Err(Refusal::Busy),
            Err(TrySendError::Disconnected(_)) => {
                self.0 = None;
                Err(Refusal::Closed)
            }
        }
    }
}
