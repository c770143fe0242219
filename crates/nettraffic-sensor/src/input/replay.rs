//! Captures as if they came from a wire.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nettraffic_capture::{CaptureCounters, PacketSource, Timestamp};

use super::{Closed, Feed, Message, WhenFull};

/// How fast a capture is replayed.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Speed {
    /// As fast as it can be taken in.
    Full,
    /// So many seconds of packet time in a second; 1 is as it was captured.
    Times(f64),
}

/// A capture that is replayed.
///
/// The packets take the same way as those of an interface, and nobody needs rights for it. None is lost: where
/// the detection is slower than the replay, the replay waits, unless it is told to shed packets as an
/// interface would.
pub struct Replay {
    source: Box<dyn PacketSource + Send>,
    name: Arc<str>,
    speed: Speed,
    when_full: WhenFull,
}

/// How long the replay sleeps at a time, so that it can be stopped and packets wait no longer than this.
const SLICE: Duration = Duration::from_millis(5);
/// How long it sleeps between two times that it tells while nothing is due.
const CLOCK: Duration = Duration::from_millis(100);
/// Errors after which a damaged capture is given up.
const MOST_ERRORS: u32 = 1_000;

impl Replay {
    /// Replays a source at full speed; `name` is what alerts call it.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, source: impl PacketSource + Send + 'static) -> Self {
        Self {
            source: Box::new(source),
            name: name.into(),
            speed: Speed::Full,
            when_full: WhenFull::Wait,
        }
    }

    /// At another speed. What is no positive number is full speed. A step of the packets' clock by more than a day, back or
    /// ahead, is not waited for.
    #[must_use]
    pub fn speed(mut self, speed: Speed) -> Self {
        self.speed = speed;
        self
    }

    /// Sheds packets that the detection does not take in fast enough, and counts them, as an interface does.
    #[must_use]
    pub fn shedding(mut self) -> Self {
        self.when_full = WhenFull::Shed;
        self
    }

    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(crate) fn when_full(&self) -> WhenFull {
        self.when_full
    }

    /// Feeds the queue until the source ends or it is stopped.
    pub(crate) fn run(mut self, mut feed: Feed, stop: &AtomicBool) {
        // That the other end is gone means that nobody wants packets any more.
        let _: Result<(), Closed> = self.feed(&mut feed, stop);
        let _: Result<(), Closed> = feed.say(Message::Ended);
    }

    fn feed(&mut self, feed: &mut Feed, stop: &AtomicBool) -> Result<(), Closed> {
        let mut pace = match self.speed {
            Speed::Times(times) if times > 0.0 && times.is_finite() => Some(Pace::new(times)),
            _ => None,
        };
        let mut errors = 0;
        while !stop.load(Ordering::Relaxed) {
            match self.source.next_packet() {
                Ok(Some(packet)) => {
                    if let Some(pace) = &mut pace {
                        pace.wait(packet.timestamp, feed, stop)?;
                    }
                    feed.push(&packet)?;
                }
                Ok(None) => break,
                Err(error) => {
                    feed.say(Message::Trouble(error.to_string()))?;
                    errors += 1;
                    if errors == MOST_ERRORS {
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}

/// When packets are due.
struct Pace {
    times: f64,
    /// When the first packet came, and its time.
    start: Option<(Instant, Timestamp)>,
    /// The time of the packet before.
    last: Timestamp,
    handed_on: Instant,
}

impl Pace {
    fn new(times: f64) -> Self {
        Self {
            times,
            start: None,
            last: Timestamp::MIN,
            handed_on: Instant::now(),
        }
    }

    /// Waits until a packet of this time is due.
    fn wait(&mut self, time: Timestamp, feed: &mut Feed, stop: &AtomicBool) -> Result<(), Closed> {
        let now = Instant::now();
        // A packet that is dated wrongly is not waited for, and nor is a pause that is as long.
        let leap = time
            .saturating_since(self.last)
            .max(self.last.saturating_since(time));
        if leap > CaptureCounters::JUMP {
            self.start = None;
        }
        self.last = time;
        let (start, first) = *self.start.get_or_insert((now, time));
        let after = time.saturating_since(first).as_secs_f64() / self.times;
        // However slow the replay, an `Instant` can tell this.
        let due = start + Duration::from_secs_f64(after.min(86_400.0 * 365.0));
        let mut told = now;
        loop {
            let now = Instant::now();
            if now >= due || stop.load(Ordering::Relaxed) {
                break;
            }
            feed.hand_on()?;
            self.handed_on = now;
            if now.duration_since(told) >= CLOCK {
                told = now;
                let passed = now.duration_since(start).mul_f64(self.times);
                feed.tell_time(first.saturating_add(passed))?;
            }
            std::thread::sleep(SLICE.min(due - now));
        }
        // Packets that are due one right after another are handed on together, but not late.
        let now = Instant::now();
        if now.duration_since(self.handed_on) >= SLICE {
            self.handed_on = now;
            feed.hand_on()?;
        }
        Ok(())
    }
}
