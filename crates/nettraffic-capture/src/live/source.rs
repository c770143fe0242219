//! A network interface as a source of packets.

use std::fmt;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nix::errno::Errno;
use nix::sys::socket::LinkAddr;

use super::batch::Batch;
use super::drops::InterfaceDrops;
use super::interface::{Link, links};
use super::ring::{Ring, Woken};
use super::watch::{Finding, Watch};
use super::{
    Gap, GapReason, InterfaceState, LiveCounters, LiveError, LiveEvent, LiveOptions, LiveState,
};
use crate::{LinkType, Timestamp};

/// How often the interface is looked at while it works: renaming, which packets do not tell.
const LOOK: Duration = Duration::from_millis(500);
/// How often while it does not.
const LOOK_WAITING: Duration = Duration::from_millis(100);

/// The packets of a network interface, as they come. It never sends.
///
/// Only opening takes a capability (`CAP_NET_RAW`). Afterwards all rights can be given up, and the
/// source still goes on when the interface comes back from being down, unplugged, or removed and made
/// anew: it waits for it, at the cost of a few system calls a second. An interface made anew must bear
/// the name that was asked for, or the last one.
///
/// ```no_run
/// use nettraffic_capture::{LiveEvent, LiveOptions, LiveSource};
///
/// let mut source = LiveSource::open("eth0", &LiveOptions::new().with_filter("not port 22"))?;
/// # let is_to_stop = || true;
/// while !is_to_stop() {
///     match source.poll()? {
///         LiveEvent::Packet(packet) => println!("{} {} bytes", packet.timestamp, packet.wire_len),
///         LiveEvent::Gap(gap) => println!("{} from {} to {}", gap.reason, gap.begin, gap.end),
///         _ => {} // idle
///     }
/// }
/// let counters = source.counters();
/// assert_eq!(counters.received, counters.lent + counters.kernel_drops + counters.waiting());
/// # Ok::<(), nettraffic_capture::LiveError>(())
/// ```
pub struct LiveSource {
    ring: Ring,
    batch: Batch,
    watch: Watch,
    next_look: Instant,
    drops: Option<InterfaceDrops>,
    counters: LiveCounters,
    poll_interval: Duration,
    /// The filter, while the ring is open on another interface in place of the right one.
    awaited: Option<Filter>,
}

/// A filter to come, if there is one.
type Filter = Option<String>;

/// What a source begins with.
struct Opened {
    ring: Ring,
    watch: Watch,
    awaited: Option<Filter>,
}

/// The kinds of hardware whose packets begin with an Ethernet header: Ethernet and loopback.
const ETHERNET: [u16; 2] = [1, 772];

impl Opened {
    /// Waits for an interface, which is `link` where it is there; `None` when it cannot.
    fn waiting(
        interface: &str,
        link: Option<&Link>,
        links: &[Link],
        options: &LiveOptions,
    ) -> Result<Option<Self>, LiveError> {
        let kind = link.map_or(ETHERNET[0], |link| link.kind);
        let can_stand_in = |other: &&Link| {
            other.interface.state != InterfaceState::Down && ETHERNET.contains(&other.kind)
        };
        // A loopback first: it disturbs nobody.
        let others = links.iter().filter(can_stand_in);
        let other = others.min_by_key(|other| !other.interface.is_loopback);
        let Some(other) = other.filter(|_| ETHERNET.contains(&kind) && !options.is_promiscuous)
        else {
            return Ok(None);
        };
        let reason = link.map_or(GapReason::NotThere, |_| GapReason::Down);
        Ok(Some(Self {
            ring: Ring::stand_in(&other.interface.name, interface, options)?,
            watch: Watch::awaiting(interface, kind, reason, now()),
            awaited: Some(options.filter.clone()),
        }))
    }
}

/// What a call tells instead of a packet.
enum Pause {
    Idle,
    Gap(Gap),
}

impl LiveSource {
    /// Opens the interface of this name. The first packets that come are discarded until the filter
    /// is in place. An interface that is down is waited for, and on request one that is not there yet
    /// ([`LiveOptions::awaiting_interface`]): [`LiveSource::state`] tells. That takes another Ethernet or loopback interface
    /// that is up, to open in its place without a look at its packets; only Ethernet interfaces and
    /// loopbacks can be waited for, and only those that need not be promiscuous, which takes an interface that is up.
    ///
    /// # Errors
    /// There is no such interface, or it is down, and it cannot be waited for; the process lacks `CAP_NET_RAW`; the
    /// filter is wrong.
    pub fn open(interface: &str, options: &LiveOptions) -> Result<Self, LiveError> {
        let links = links()?;
        let link = links.iter().find(|link| link.interface.name == interface);
        let opened = match link {
            Some(link) if link.interface.state != InterfaceState::Down => Some(Opened {
                ring: Ring::open(interface, options)?,
                watch: Watch::new(link, now()),
                awaited: None,
            }),
            Some(_) => Opened::waiting(interface, link, &links, options)?,
            None if options.awaits_interface => Opened::waiting(interface, None, &links, options)?,
            None => None,
        };
        let Some(Opened {
            ring,
            watch,
            awaited,
        }) = opened
        else {
            let name = interface.to_owned();
            return Err(match link {
                Some(_) => LiveError::Down { name },
                None => LiveError::NoSuchInterface {
                    name,
                    known: links.into_iter().map(|link| link.interface.name).collect(),
                },
            });
        };
        Ok(Self {
            ring,
            batch: Batch::new(options.snap_len),
            watch,
            awaited,
            next_look: Instant::now(),
            drops: InterfaceDrops::open(interface).ok(),
            counters: LiveCounters::default(),
            poll_interval: options.poll_interval,
        })
    }

    /// The next packet, or what else there is to tell; within the poll interval.
    ///
    /// # Errors
    /// Reading failed. The next call goes on.
    #[inline]
    pub fn poll(&mut self) -> Result<LiveEvent<'_>, LiveError> {
        if self.batch.is_empty() {
            match self.refill()? {
                Some(Pause::Gap(gap)) => return Ok(LiveEvent::Gap(gap)),
                Some(Pause::Idle) => return Ok(LiveEvent::Idle),
                None => {}
            }
        }
        let sequence = self.counters.lent;
        let Some(packet) = self.batch.lend(sequence, self.ring.link_type()) else {
            return Ok(LiveEvent::Idle);
        };
        self.counters.lent += 1;
        self.counters.wire_bytes += u64::from(packet.wire_len);
        self.counters.captured_bytes += packet.data.len() as u64;
        Ok(LiveEvent::Packet(packet))
    }

    /// The account so far; asks the kernel.
    pub fn counters(&mut self) -> LiveCounters {
        self.count();
        self.counters
    }

    /// Whether the interface can receive, as of the last look at it.
    #[must_use]
    pub fn state(&self) -> LiveState {
        self.watch.state()
    }

    /// The present name of the interface.
    #[must_use]
    pub fn interface(&self) -> &str {
        self.watch.name()
    }

    /// What the first byte of each packet is.
    #[must_use]
    pub fn link_type(&self) -> LinkType {
        self.ring.link_type()
    }

    /// How long [`LiveSource::poll`] waits at most.
    #[must_use]
    pub fn poll_interval(&self) -> Duration {
        self.poll_interval
    }

    /// Reads packets, waiting for them once. `None` when there are some to lend.
    fn refill(&mut self) -> Result<Option<Pause>, LiveError> {
        self.read()?;
        if self.batch.is_empty() {
            match self.ring.wait() {
                Woken::Ready => self.read()?,
                Woken::Lost => {
                    self.lose();
                    self.read()?;
                }
                Woken::TimedOut | Woken::Interrupted => {}
            }
        }
        let gap = match Instant::now() {
            time if time >= self.next_look || self.came_back() => self.look(time)?,
            _ => None,
        };
        if let Some((_, last)) = self.batch.span() {
            self.watch.worked(last);
        }
        Ok(match gap {
            Some(gap) => Some(Pause::Gap(gap)),
            None => self.batch.is_empty().then_some(Pause::Idle),
        })
    }

    /// Whether there may be packets from after a gap, which is told before them.
    fn came_back(&self) -> bool {
        !self.batch.is_empty() && self.state() != LiveState::Receiving
    }

    fn read(&mut self) -> Result<(), LiveError> {
        match self.ring.read(&mut self.batch) {
            Ok(()) => Ok(()),
            // What libpcap says of an interface that was down or renamed, until packets come again.
            Err(error) if error.to_string().contains("disappeared") => Ok(()),
            Err(error) => Err(LiveError::capture(self.watch.name(), &error)),
        }
    }

    /// Binds the socket to the interface that took the place of a removed one.
    fn bind(&self, address: &LinkAddr) -> Result<(), LiveError> {
        match self.ring.bind(address) {
            // It went away in the meantime.
            Err(Errno::ENODEV | Errno::ENXIO) | Ok(()) => Ok(()),
            Err(error) => Err(LiveError::capture(self.watch.name(), &error.desc())),
        }
    }

    /// Takes up the interface that is waited for, once it is up. Only then does the filter let anything through.
    fn take_up(&mut self, links: &[Link], filter: Filter) -> Result<(), LiveError> {
        match self.watch.awaited(links, now()) {
            Some(link) => {
                self.bind(&link.address)?;
                self.ring.filter(filter.as_deref())
            }
            None => {
                self.awaited = Some(filter);
                Ok(())
            }
        }
    }

    fn count(&mut self) {
        let (received, dropped) = self.ring.counts();
        self.counters.received = received;
        self.counters.kernel_drops = dropped;
        self.counters.gaps = self.watch.gaps();
        self.counters.resumptions = self.watch.resumptions();
        if let Some(drops) = &mut self.drops {
            self.counters.interface_drops = drops.read(self.watch.name()).ok();
        }
    }

    fn lose(&mut self) {
        // The socket says so at once, so that up to now it worked.
        let now = now();
        self.watch.worked(now);
        self.watch.lose(GapReason::Down, now);
        self.next_look = Instant::now();
    }

    fn look(&mut self, time: Instant) -> Result<Option<Gap>, LiveError> {
        // Often enough that no counter of 32 bits wraps round unseen.
        self.count();
        let links = links()?;
        if let Some(filter) = self.awaited.take() {
            let taken = self.take_up(&links, filter.clone());
            // It went down again in between: the next look may do better.
            if taken.is_err() {
                self.awaited = Some(filter);
            }
            self.next_look = time + LOOK_WAITING;
            return taken.map(|()| None);
        }
        let finding = (self.watch).look(self.ring.bound(), &links, self.batch.span(), now());
        let gap = match finding {
            Finding::Nothing => None,
            Finding::Back(gap) => Some(gap),
            Finding::Successor(address) => {
                self.bind(address)?;
                None
            }
        };
        let interval = match self.watch.state() {
            LiveState::Receiving => LOOK,
            LiveState::Waiting { .. } => LOOK_WAITING,
        };
        self.next_look = time + interval;
        Ok(gap)
    }
}

impl fmt::Debug for LiveSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveSource")
            .field("interface", &self.interface())
            .field("state", &self.state())
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}

/// The time of the wall, which is that of packets.
fn now() -> Timestamp {
    let nanos = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
        Err(_) => 0,
    };
    Timestamp::from_nanos(nanos)
}
