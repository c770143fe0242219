//! Work on a thread of its own, beside the detection.

use std::io;
use std::thread::JoinHandle;

/// Work whose result is fetched when it is there. It gets one processor at most: the detection needs the others.
pub(crate) struct Task<T> {
    thread: JoinHandle<T>,
}

/// The work came to a sudden end, which would be a bug of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fallen;

impl<T: Send + 'static> Task<T> {
    /// Begins the work.
    pub(crate) fn begin(name: &str, work: impl FnOnce() -> T + Send + 'static) -> io::Result<Self> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .thread_name(|_| "nettraffic-fit".to_owned())
            .build()
            .map_err(io::Error::other)?;
        let thread = std::thread::Builder::new().name(name.to_owned());
        let thread = thread.spawn(move || pool.install(work))?;
        Ok(Self { thread })
    }

    /// Whether [`Task::end`] would not wait.
    pub(crate) fn is_done(&self) -> bool {
        self.thread.is_finished()
    }

    /// Its result.
    pub(crate) fn end(self) -> Result<T, Fallen> {
        self.thread.join().map_err(|_| Fallen)
    }
}
