//! Answers to what a sensor was told.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::time::Duration;

/// The answer to a command, which comes once the sensor has done it. Whoever does not need it drops it.
#[derive(Debug)]
pub struct Reply<T>(Receiver<Result<T, NotDone>>);

/// Why a sensor did not do what it was told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotDone {
    /// It could not; in words.
    #[error("{0}")]
    Failed(String),
    /// It ended before it did.
    #[error("the sensor ended before it was done")]
    Ended,
    /// It may yet, but not in the time that was waited.
    #[error("it is not done yet")]
    Late,
}

impl<T> Reply<T> {
    /// The answer, if it is there; `None` before. It is given once.
    #[must_use]
    pub fn now(&self) -> Option<Result<T, NotDone>> {
        match self.0.try_recv() {
            Ok(answer) => Some(answer),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err(NotDone::Ended)),
        }
    }

    /// Waits for the answer, for that long at most. Not to be called by an observer: the thread that it runs on is the
    /// one that answers.
    ///
    /// # Errors
    /// It could not be done, or was not in time.
    pub fn wait(self, patience: Duration) -> Result<T, NotDone> {
        match self.0.recv_timeout(patience) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => Err(NotDone::Late),
            Err(RecvTimeoutError::Disconnected) => Err(NotDone::Ended),
        }
    }
}

/// The end of a [`Reply`] that answers. Dropped without an answer, it says that the sensor has ended.
#[derive(Debug)]
pub(crate) struct Answer<T>(SyncSender<Result<T, NotDone>>);

impl<T> Answer<T> {
    /// Answers; nobody may be listening.
    pub(crate) fn give(self, answer: Result<T, String>) {
        drop(self.0.try_send(answer.map_err(NotDone::Failed)));
    }
}

/// Both ends.
pub(crate) fn reply<T>() -> (Answer<T>, Reply<T>) {
    let (answer, reply) = sync_channel(1);
    (Answer(answer), Reply(reply))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_comes_once_and_a_sensor_that_ended_gives_none() {
        let (answer, wanted) = reply();
        assert_eq!(wanted.now(), None);
        answer.give(Ok(7));
        assert_eq!(wanted.now(), Some(Ok(7)));
        assert_eq!(wanted.now(), Some(Err(NotDone::Ended)));

        let (answer, wanted) = reply::<()>();
        answer.give(Err("no folder".into()));
        let failed = NotDone::Failed("no folder".into());
        assert_eq!(wanted.wait(Duration::ZERO), Err(failed));

        let (answer, wanted) = reply::<()>();
        assert_eq!(wanted.wait(Duration::ZERO), Err(NotDone::Late));
        answer.give(Ok(()));

        let (answer, wanted) = reply::<()>();
        drop(answer);
        assert_eq!(wanted.wait(Duration::from_secs(9)), Err(NotDone::Ended));
    }
}
