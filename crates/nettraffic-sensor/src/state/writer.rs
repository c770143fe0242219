//! Writing what outlives a run on a thread of its own: a slow disk must not hold up the detection.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What is written. Of each there is one version to write at most: a later one takes the place of one that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Saved {
    Heartbeat,
    Gate,
    Marks,
    Detector,
    /// The last heartbeat.
    End,
}

/// How the writing of what outlives a run fares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SavingStatus {
    /// Writes that were done.
    pub written: u64,
    /// Writes that failed.
    pub failed: u64,
    /// Files of which a version waits to be written, or is being written.
    pub waiting: u64,
    /// Why the last write failed that did, and was not made good by a later one.
    pub last_error: Option<String>,
}

/// How a write went.
pub(crate) type Written = Result<(), String>;
type Write = Box<dyn FnOnce() -> Written + Send>;
type Then = Box<dyn FnOnce(&Written) + Send>;

/// Writes in the order in which it is told to, the place of a version that was replaced being kept.
pub(crate) struct Writer {
    shared: Arc<Shared>,
    thread: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    is_writing: bool,
    is_closed: bool,
    done: Vec<(Saved, Written)>,
    /// Those whose last write failed.
    failing: Vec<(Saved, String)>,
    written: u64,
    failed: u64,
}

struct Waiting {
    what: Saved,
    write: Write,
    then: Vec<Then>,
}

impl Writer {
    /// Begins to wait for something to write.
    pub(crate) fn begin() -> io::Result<Self> {
        let shared = Arc::<Shared>::default();
        let thread = std::thread::Builder::new().name("nettraffic-state".to_owned());
        let its = Arc::clone(&shared);
        Ok(Self {
            shared,
            thread: thread.spawn(move || its.work())?,
        })
    }

    /// Lets this version be written.
    pub(crate) fn save(&self, what: Saved, write: impl FnOnce() -> Written + Send + 'static) {
        self.put(what, Box::new(write), None);
    }

    /// The same, and tells how the write went that holds this version or a later one.
    pub(crate) fn save_and(
        &self,
        what: Saved,
        write: impl FnOnce() -> Written + Send + 'static,
        then: impl FnOnce(&Written) + Send + 'static,
    ) {
        self.put(what, Box::new(write), Some(Box::new(then)));
    }

    fn put(&self, what: Saved, write: Write, then: Option<Then>) {
        let mut queue = self.shared.lock();
        match queue
            .waiting
            .iter_mut()
            .find(|waiting| waiting.what == what)
        {
            Some(waiting) => {
                waiting.write = write;
                waiting.then.extend(then);
            }
            None => queue.waiting.push_back(Waiting {
                what,
                write,
                then: then.into_iter().collect(),
            }),
        }
        self.shared.changed.notify_all();
    }

    /// What was written since the last call, and how that went.
    pub(crate) fn done(&self) -> Vec<(Saved, Written)> {
        std::mem::take(&mut self.shared.lock().done)
    }

    pub(crate) fn status(&self) -> SavingStatus {
        let queue = self.shared.lock();
        SavingStatus {
            written: queue.written,
            failed: queue.failed,
            waiting: queue.waiting.len() as u64 + u64::from(queue.is_writing),
            last_error: queue.failing.last().map(|(_, error)| error.clone()),
        }
    }

    /// Waits until all is written, for that long at most, and says whether it is.
    pub(crate) fn settle(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        let mut queue = self.shared.lock();
        while queue.is_writing || !queue.waiting.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || self.thread.is_finished() {
                return false;
            }
            let waited = self.shared.changed.wait_timeout(queue, left);
            queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

/// Nobody can tell it anything any more: it writes what waits and ends.
impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.lock().is_closed = true;
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing is done under the lock that could leave the queue half changed.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut queue = self.lock();
        loop {
            if let Some(Waiting { what, write, then }) = queue.waiting.pop_front() {
                queue.is_writing = true;
                drop(queue);
                let written = write();
                // Whoever is told may look at the counts: they are there by then.
                queue = self.lock();
                queue.count(what, written.clone());
                drop(queue);
                then.into_iter().for_each(|then| then(&written));
                queue = self.lock();
                queue.is_writing = false;
                self.changed.notify_all();
            } else if queue.is_closed {
                return;
            } else {
                let woken = self.changed.wait(queue);
                queue = woken.unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

impl Queue {
    fn count(&mut self, what: Saved, written: Written) {
        self.failing.retain(|(failing, _)| *failing != what);
        match &written {
            Ok(()) => self.written += 1,
            Err(error) => {
                self.failed += 1;
                self.failing.push((what, error.clone()));
            }
        }
        // The heartbeat is written each second, and nobody waits to hear of it.
        if what != Saved::Heartbeat || written.is_err() {
            self.done.push((what, written));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, channel};

    type Outcome = Result<(), Box<dyn std::error::Error>>;

    /// A write that tells its name, and goes on when it may.
    fn slow(
        name: &'static str,
        log: &Arc<Mutex<Vec<&'static str>>>,
        may: Receiver<()>,
    ) -> impl FnOnce() -> Written + Send + use<> {
        let log = Arc::clone(log);
        move || {
            let _ = may.recv();
            log.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(name);
            Ok(())
        }
    }

    #[test]
    fn writes_keep_their_order_and_the_last_version_that_waits_wins() -> Outcome {
        let (writer, log) = (Writer::begin()?, Arc::default());
        let (go, may) = channel();
        writer.save(Saved::Gate, slow("gate 1", &log, may));
        while writer.status().waiting > 1 || !writer.shared.lock().is_writing {
            std::thread::yield_now();
        }
        // None of these can begin: the first write is not over.
        let (told, hears) = channel();
        for (what, name) in [
            (Saved::Marks, "marks 1"),
            (Saved::Gate, "gate 2"),
            (Saved::Marks, "marks 2"),
            (Saved::Gate, "gate 3"),
        ] {
            let told = told.clone();
            let then = move |written: &Written| {
                let _ = told.send((name, written.is_ok()));
            };
            writer.save_and(what, slow(name, &log, channel().1), then);
        }
        assert_eq!((writer.status().waiting, writer.status().written), (3, 0));
        assert!(!writer.settle(Duration::from_millis(20)));
        assert!(hears.try_recv().is_err());
        go.send(())?;
        assert!(writer.settle(Duration::from_secs(20)));
        let log = log.lock().unwrap_or_else(PoisonError::into_inner).clone();
        assert_eq!(log, ["gate 1", "marks 2", "gate 3"]);
        // Each version is answered for, those that were replaced too.
        let answers: Vec<_> = hears.try_iter().collect();
        let expected = ["marks 1", "marks 2", "gate 2", "gate 3"].map(|name| (name, true));
        assert_eq!(answers, expected);
        Ok(())
    }

    #[test]
    fn a_failed_write_is_counted_and_made_good_by_the_next_one() -> Outcome {
        let writer = Writer::begin()?;
        let settled = |count: u64| {
            while writer.status().written + writer.status().failed < count {
                std::thread::yield_now();
            }
            writer.status()
        };
        writer.save(Saved::Gate, || Err("disk full".to_owned()));
        let status = settled(1);
        assert_eq!((status.written, status.failed), (0, 1));
        assert_eq!(status.last_error.as_deref(), Some("disk full"));
        writer.save(Saved::Marks, || Ok(()));
        assert_eq!(settled(2).last_error.as_deref(), Some("disk full"));
        writer.save(Saved::Gate, || Ok(()));
        assert_eq!(settled(3).last_error, None);
        let went: Vec<(Saved, bool)> = writer
            .done()
            .into_iter()
            .map(|(what, written)| (what, written.is_ok()))
            .collect();
        assert_eq!(
            went,
            [
                (Saved::Gate, false),
                (Saved::Marks, true),
                (Saved::Gate, true)
            ]
        );
        assert!(writer.done().is_empty());
        Ok(())
    }
}
