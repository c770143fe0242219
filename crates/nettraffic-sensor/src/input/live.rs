//! Packets of an interface.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nettraffic_capture::{
    LiveCounters, LiveError, LiveEvent, LiveOptions, LiveSource, LiveState, Timestamp,
};

use super::{Closed, Feed, Gap, Message};
use crate::clock::wall_time;

/// An interface that is watched. It is opened when this is made: what comes later needs no rights.
pub struct Live {
    source: Box<LiveSource>,
    name: Arc<str>,
    seen: Arc<Mutex<Seen>>,
}

/// What is known of an interface beside its packets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) counters: LiveCounters,
    /// Why nothing can be received at the moment.
    pub(crate) waits: Option<String>,
}

/// Live time lags behind the clock on the wall by this much: packets that are older were handed over by then. The kernel
/// gathers them for 20 ms at most, and did so for 28 ms at the longest on two processors with a load of 16
/// (`tests/live/handover.rs`). What comes later all the same is counted as late. Several interfaces of which one is quiet
/// hold packets for so long.
const LAG: Duration = Duration::from_millis(100);
/// How long packets are held to be handed on together.
const HELD: Duration = Duration::from_millis(5);
/// How often the kernel is asked for its counters.
const LOOK: Duration = Duration::from_millis(500);
/// How long it waits after an error, so that one that comes again and again costs nothing.
const REST: Duration = Duration::from_millis(200);

impl Live {
    /// Opens an interface, or waits for it: see [`LiveSource::open`].
    ///
    /// # Errors
    /// There is no such interface, and it is not to be waited for; rights are missing, or the filter is wrong.
    pub fn open(interface: &str, options: &LiveOptions) -> Result<Self, LiveError> {
        let mut live = Self {
            source: Box::new(LiveSource::open(interface, options)?),
            name: Arc::from(interface),
            seen: Arc::default(),
        };
        live.look();
        Ok(live)
    }

    /// Why nothing can be received at the moment: the interface is down, say.
    #[must_use]
    pub fn waits(&self) -> Option<String> {
        waits(&self.source)
    }

    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(crate) fn seen(&self) -> Arc<Mutex<Seen>> {
        Arc::clone(&self.seen)
    }

    /// Feeds the queue until it is stopped.
    pub(crate) fn run(mut self, mut feed: Feed, stop: &AtomicBool) {
        // That the other end is gone means that nobody wants packets any more.
        let _: Result<(), Closed> = self.feed(&mut feed, stop);
        self.look();
        let _: Result<(), Closed> = feed.say(Message::Ended);
    }

    fn feed(&mut self, feed: &mut Feed, stop: &AtomicBool) -> Result<(), Closed> {
        let mut handed_on = Instant::now();
        let mut looked = handed_on;
        let mut since = 0_u32;
        // A wait that finds nothing proves that nothing had come when it began, however long this thread was kept from
        // going on after it.
        let mut asked = live_time();
        while !stop.load(Ordering::Relaxed) {
            let is_idle = match self.source.poll() {
                Ok(LiveEvent::Packet(packet)) => {
                    feed.push(&packet)?;
                    since += 1;
                    // To ask for the time is dear beside a packet.
                    if !since.is_multiple_of(64) {
                        continue;
                    }
                    false
                }
                Ok(LiveEvent::Gap(gap)) => {
                    let name = Arc::clone(&self.name);
                    let gap = Gap::new(name, (gap.begin, gap.end), gap.reason.to_string());
                    feed.say(Message::Gap(gap))?;
                    false
                }
                Ok(_) => true,
                Err(error) => {
                    feed.say(Message::Trouble(error.to_string()))?;
                    std::thread::sleep(REST);
                    true
                }
            };
            let now = Instant::now();
            if is_idle {
                feed.tell_time(asked)?;
                handed_on = now;
                asked = live_time();
            } else if now.duration_since(handed_on) >= HELD {
                feed.hand_on()?;
                handed_on = now;
            }
            if now.duration_since(looked) >= LOOK {
                looked = now;
                self.look();
            }
        }
        Ok(())
    }

    fn look(&mut self) {
        let seen = Seen {
            counters: self.source.counters(),
            waits: waits(&self.source),
        };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    }
}

fn waits(source: &LiveSource) -> Option<String> {
    match source.state() {
        LiveState::Waiting { reason, .. } => Some(reason.to_string()),
        _ => None,
    }
}

/// Live time: that on the wall, less what it lags behind.
fn live_time() -> Timestamp {
    Timestamp::from_nanos(wall_time().as_nanos().saturating_sub(LAG.as_nanos() as i64))
}
