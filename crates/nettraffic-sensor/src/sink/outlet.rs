//! A sink on a thread of its own.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::queue::{Queue, Task, Waiting, after};
use super::{Dealt, Event, OutletStatus, Sink, SinkError, Wants};

/// How much may wait for a sink, and how long it is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutletConfig {
    /// Events that may wait at most (10,000); 1 at least. Of a sink that wants flows and others a quarter is for the others alone.
    pub capacity: usize,
    /// How long after it was offered an event is tried again (five minutes). Each is tried once at least, however
    /// long it waited.
    pub patience: Duration,
    /// The pause after a first failure (100 ms); it doubles with each that follows.
    pub first_pause: Duration,
    /// The longest pause (5 s), unless the other side asks for a longer one, which ends with `patience`.
    pub longest_pause: Duration,
}

impl Default for OutletConfig {
    fn default() -> Self {
        Self {
            capacity: 10_000,
            patience: Duration::from_secs(300),
            first_pause: Duration::from_millis(100),
            longest_pause: Duration::from_secs(5),
        }
    }
}

impl OutletConfig {
    /// With another number of events that may wait.
    #[must_use]
    pub const fn with_capacity(mut self, events: usize) -> Self {
        self.capacity = events;
        self
    }

    /// With another time in which an event is tried again.
    #[must_use]
    pub const fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// With other pauses between attempts: the first, and the longest.
    #[must_use]
    pub const fn with_pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.first_pause = first;
        self.longest_pause = longest;
        self
    }
}

/// A sink on a thread of its own, behind a bounded queue: whoever offers events to it never waits.
///
/// What fails in passing is tried again, with pauses that double, until the event has waited for as long as
/// [`OutletConfig::patience`] says; what waits behind it waits meanwhile. Every event that was offered is found in
/// one of the [counters](super::OutletCounters).
///
/// Close it: an outlet that is dropped gives up what waits.
///
/// ```
/// use nettraffic_sensor::{Dealt, Event, Outlet, OutletConfig, Sink, SinkError, Wants};
/// # use nettraffic_capture::{IpProtocol, Timestamp};
/// # use nettraffic_detect::Verdict;
/// # use nettraffic_flow::{Flow, FlowKey};
/// use std::sync::mpsc::Sender;
/// use std::time::Duration;
///
/// /// Hands on who talked to whom.
/// struct Pairs(Sender<String>);
///
/// impl Sink for Pairs {
///     fn name(&self) -> &str {
///         "pairs"
///     }
///
///     fn wants(&self) -> Wants {
///         Wants::FLOWS
///     }
///
///     fn write(&mut self, events: &[Event]) -> Result<Dealt, SinkError> {
///         for event in events {
///             let Some(verdict) = event.verdict() else { continue };
///             let key = verdict.flow.key;
///             let sent = self.0.send(format!("{} {}", key.initiator, key.responder));
///             sent.map_err(|_| SinkError::lasting("nobody listens"))?;
///         }
///         Ok(Dealt::written(events.len()))
///     }
/// }
///
/// let (sender, pairs) = std::sync::mpsc::channel();
/// let outlet = Outlet::new(Pairs(sender), &OutletConfig::default())?;
/// # let key = FlowKey::new([10, 0, 0, 1].into(), 40_000, [10, 0, 0, 2].into(), 443, IpProtocol::TCP);
/// # let flow = Flow::new(key, Timestamp::from_seconds(1_700_000_000, 0), ());
/// # let event = Event::flow(Verdict::new(flow, 0.5, 1.0), "eth0");
/// assert!(outlet.offer(&event));
/// let status = outlet.close(Duration::from_secs(5));
/// assert_eq!((status.counters.offered, status.counters.written), (1, 1));
/// assert_eq!(pairs.recv()?, "10.0.0.1 10.0.0.2");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Outlet {
    name: String,
    wants: Wants,
    queue: Arc<Queue>,
}

impl Outlet {
    /// Starts the thread.
    ///
    /// # Errors
    /// There can be no further thread.
    pub fn new(sink: impl Sink + 'static, config: &OutletConfig) -> io::Result<Self> {
        let queue = Arc::new(Queue::new(config.capacity.max(1), sink.wants()));
        let outlet = Self {
            name: sink.name().to_owned(),
            wants: sink.wants(),
            queue: Arc::clone(&queue),
        };
        let config = config.clone();
        thread::Builder::new()
            .name("sink".to_owned())
            .spawn(move || {
                let writer = Writer {
                    sink,
                    config,
                    ended: Ended(queue),
                };
                writer.run();
            })?;
        Ok(outlet)
    }

    /// Hands an event over, if the sink wants its kind and there is room for it. Never waits.
    ///
    /// Whether it was taken in: false when the queue was full or the sink wants none of its kind.
    pub fn offer(&self, event: &Event) -> bool {
        self.wants.includes(event) && self.queue.offer(event)
    }

    /// Which events the sink is to be offered; others it ignores.
    #[must_use]
    pub const fn wants(&self) -> Wants {
        self.wants
    }

    /// Lets the sink open its file again, or connect again, before it writes anything more. Nothing is lost by it.
    pub fn reopen(&self) {
        self.queue.reopen();
    }

    /// How it fares.
    #[must_use]
    pub fn status(&self) -> OutletStatus {
        let (counters, last_error, failing) = self.queue.status();
        OutletStatus {
            name: self.name.clone(),
            counters,
            capacity: self.queue.capacity(),
            last_error,
            failing,
        }
    }

    /// Takes nothing more in, writes what waits, and ends. What was not written when the time is over counts as
    /// failed, also what the sink is busy with.
    #[must_use]
    pub fn close(self, within: Duration) -> OutletStatus {
        self.begin_close(after(within));
        self.finish_close()
    }

    pub(super) fn begin_close(&self, until: Instant) {
        self.queue.begin_close(until);
    }

    pub(super) fn finish_close(self) -> OutletStatus {
        self.queue.wait_for_end();
        self.status()
    }
}

impl fmt::Debug for Outlet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Outlet").field(&self.status()).finish()
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        self.queue.begin_close(Instant::now());
    }
}

impl<S: Sink + ?Sized> Sink for Box<S> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn wants(&self) -> Wants {
        (**self).wants()
    }

    fn batch(&self) -> usize {
        (**self).batch()
    }

    fn write(&mut self, events: &[Event]) -> Result<Dealt, SinkError> {
        (**self).write(events)
    }

    fn reopen(&mut self) -> Result<(), SinkError> {
        (**self).reopen()
    }

    fn trouble(&mut self) -> Option<String> {
        (**self).trouble()
    }

    fn close(&mut self) -> Result<(), SinkError> {
        (**self).close()
    }
}

/// What runs on the thread.
struct Writer<S> {
    sink: S,
    config: OutletConfig,
    ended: Ended,
}

/// Says that the thread ended, even if a sink panics.
struct Ended(Arc<Queue>);

impl Drop for Ended {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.trouble("the sink panicked".to_owned());
        }
        self.0.end();
    }
}

impl<S: Sink> Writer<S> {
    fn run(mut self) {
        loop {
            match self.queue().next(self.sink.batch()) {
                Task::Write(batch) => self.write(batch),
                Task::Reopen => self.reopen(),
                Task::Close => return self.close(),
            }
        }
    }

    /// Writes a batch, or as much of it as can be.
    fn write(&mut self, batch: Vec<Waiting>) {
        let (mut events, mut since): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|w| (w.event, w.since)).unzip();
        let (mut alone, mut pause) = (false, self.config.first_pause);
        while !events.is_empty() {
            let given = if alone { 1 } else { events.len() };
            let outcome = self.sink.write(&events[..given]);
            let mut gone = 0;
            match outcome {
                Ok(dealt) if (1..=given).contains(&dealt.events()) => {
                    self.queue().dealt(dealt);
                    gone = dealt.events();
                    pause = self.config.first_pause;
                }
                Ok(_) => {
                    let what = "the sink miscounts what it deals with";
                    gone = self.give_up(given, what.to_owned());
                }
                Err(SinkError::Lasting(what)) if given == 1 => gone = self.give_up(1, what),
                // One of them is at fault, and the others are not to go with it.
                Err(SinkError::Lasting(_)) => alone = true,
                Err(SinkError::Passing {
                    what,
                    error,
                    pause: asked,
                }) => {
                    self.queue().error(format!("{what}: {error}"));
                    // They are in the order in which they were offered.
                    let late = since.partition_point(|s| s.elapsed() >= self.config.patience);
                    gone = if self.queue().out_of_time() {
                        events.len()
                    } else {
                        late.min(given)
                    };
                    self.queue().failed(gone);
                    if gone < events.len() {
                        let asked = asked.unwrap_or_default().min(self.config.patience);
                        self.queue().pause(pause.max(asked));
                        pause = pause.saturating_mul(2).min(self.config.longest_pause);
                        if self.queue().take_reopen() {
                            self.reopen();
                        }
                    }
                }
            }
            events.drain(..gone);
            since.drain(..gone);
            self.tell_trouble();
        }
    }

    fn give_up(&self, events: usize, what: String) -> usize {
        self.queue().error(what);
        self.queue().failed(events);
        events
    }

    fn reopen(&mut self) {
        if let Err(error) = self.sink.reopen() {
            self.queue().trouble(error.to_string());
        }
        self.tell_trouble();
    }

    fn close(mut self) {
        if let Err(error) = self.sink.close() {
            self.queue().trouble(error.to_string());
        }
    }

    fn tell_trouble(&mut self) {
        if let Some(what) = self.sink.trouble() {
            self.queue().trouble(what);
        }
    }

    fn queue(&self) -> &Queue {
        &self.ended.0
    }
}
