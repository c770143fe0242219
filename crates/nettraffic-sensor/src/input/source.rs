//! A source with its thread and its queue.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::JoinHandle;

use super::{Drain, QueueCounters, Replay, WAITING, WhenFull, queue};
use crate::SourceStatus;

/// Where packets come from.
#[non_exhaustive]
pub enum Input {
    /// A capture.
    Replay(Replay),
    /// An interface.
    #[cfg(feature = "live")]
    Live(super::Live),
}

impl From<Replay> for Input {
    fn from(replay: Replay) -> Self {
        Self::Replay(replay)
    }
}

#[cfg(feature = "live")]
impl From<super::Live> for Input {
    fn from(live: super::Live) -> Self {
        Self::Live(live)
    }
}

impl Input {
    /// The interface or capture.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        match self {
            Self::Replay(replay) => replay.name(),
            #[cfg(feature = "live")]
            Self::Live(live) => live.name(),
        }
    }

    /// Whether its packets wait until somebody wants them.
    pub(crate) fn can_wait(&self) -> bool {
        self.when_full() == WhenFull::Wait
    }

    fn when_full(&self) -> WhenFull {
        match self {
            Self::Replay(replay) => replay.when_full(),
            #[cfg(feature = "live")]
            Self::Live(_) => WhenFull::Shed,
        }
    }

    /// Begins to read, on a thread of its own.
    pub(crate) fn begin(self, stop: Arc<AtomicBool>) -> io::Result<(Watched, Drain)> {
        let (feed, drain, counters) = queue(self.when_full());
        let name = Arc::clone(self.name());
        #[cfg(feature = "live")]
        let seen = match &self {
            Self::Live(live) => Some(live.seen()),
            Self::Replay(_) => None,
        };
        let thread = std::thread::Builder::new().name("nettraffic-read".to_owned());
        let thread = thread.spawn(move || match self {
            Self::Replay(replay) => replay.run(feed, &stop),
            #[cfg(feature = "live")]
            Self::Live(live) => live.run(feed, &stop),
        })?;
        let watched = Watched {
            name,
            counters,
            thread,
            #[cfg(feature = "live")]
            seen,
        };
        Ok((watched, drain))
    }
}

/// A source that is being read.
pub(crate) struct Watched {
    name: Arc<str>,
    counters: Arc<QueueCounters>,
    thread: JoinHandle<()>,
    #[cfg(feature = "live")]
    seen: Option<Arc<std::sync::Mutex<super::live::Seen>>>,
}

impl Watched {
    /// How it fares.
    pub(crate) fn status(&self) -> SourceStatus {
        #[cfg(feature = "live")]
        let (kernel_drops, interface_drops, waits) = match &self.seen {
            Some(seen) => {
                let seen = seen
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                let counters = seen.counters;
                (
                    Some(counters.kernel_drops),
                    counters.interface_drops,
                    seen.waits.clone(),
                )
            }
            None => (None, None, None),
        };
        #[cfg(not(feature = "live"))]
        let (kernel_drops, interface_drops, waits) = (None, None, None);
        SourceStatus {
            name: Arc::clone(&self.name),
            received: self.counters.received(),
            shed: self.counters.shed(),
            waiting: self.counters.waiting() as u64,
            capacity: WAITING as u64,
            kernel_drops,
            interface_drops,
            waits,
            has_ended: self.thread.is_finished(),
        }
    }
}
