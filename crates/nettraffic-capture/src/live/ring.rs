//! The socket and its ring, through libpcap.
//!
//! libpcap cannot reopen an interface without the capability that opening takes. But the kernel lets
//! anybody bind a packet socket that is already open to another interface: so the same socket, with its
//! ring and its filter, is bound to the interface that takes the place of a removed one.

use std::os::fd::{AsFd, AsRawFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, LinkAddr, SockFlag, SockType, SockaddrStorage, bind, getsockname, socket,
};
use pcap::{Active, Capture, Precision};

use super::batch::Batch;
use super::counters::Wrapping;
use super::{LiveError, LiveOptions, filter};
use crate::LinkType;

/// What ended a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Woken {
    /// There is something to read, or may be.
    Ready,
    /// Nothing for the whole time.
    TimedOut,
    /// A signal.
    Interrupted,
    /// The interface went down or away.
    Lost,
}

pub(super) struct Ring {
    capture: Capture<Active>,
    link_type: LinkType,
    timeout: PollTimeout,
    received: Wrapping,
    dropped: Wrapping,
}

impl Ring {
    pub(super) fn open(interface: &str, options: &LiveOptions) -> Result<Self, LiveError> {
        let failed = |error: pcap::Error| LiveError::capture(interface, &error);
        let interval = options.poll_interval;
        let milliseconds = u16::try_from(interval.as_millis()).unwrap_or(u16::MAX);
        let capture = Capture::from_device(interface)
            .map_err(failed)?
            .snaplen(i32::try_from(options.snap_len).unwrap_or(i32::MAX))
            .promisc(options.is_promiscuous)
            .buffer_size(i32::try_from(options.buffer_bytes).unwrap_or(i32::MAX))
            .precision(Precision::Nano)
            .timeout(i32::from(milliseconds))
            .open()
            .map_err(|error| match may_capture() {
                Ok(false) => LiveError::missing_rights(interface),
                _ => failed(error),
            })?
            .setnonblock()
            .map_err(failed)?;
        let mut ring = Self {
            link_type: LinkType(u16::try_from(capture.get_datalink().0).unwrap_or(u16::MAX)),
            capture,
            timeout: PollTimeout::from(milliseconds),
            received: Wrapping::default(),
            dropped: Wrapping::default(),
        };
        ring.begin(interval).map_err(failed)?;
        ring.filter(options.filter.as_deref())?;
        Ok(ring)
    }

    /// Opens another interface in the place of one that cannot be opened yet, and lets nothing of it through: the ring
    /// can be [bound](Self::bind) to the right one later, when nobody has the right any more to open it, and is then to be
    /// given its [filter](Self::filter). Wrong filters are told now.
    pub(super) fn stand_in(
        other: &str,
        wanted: &str,
        options: &LiveOptions,
    ) -> Result<Self, LiveError> {
        let mut ring = Self::open(other, options).map_err(|error| match error {
            LiveError::MissingRights { .. } => LiveError::missing_rights(wanted),
            other => other,
        })?;
        let begun = ring.begin(options.poll_interval);
        begun.map_err(|error| LiveError::capture(wanted, &error))?;
        Ok(ring)
    }

    /// Lets through what `filter` wants from now on.
    pub(super) fn filter(&mut self, filter: Option<&str>) -> Result<(), LiveError> {
        filter::apply(&mut self.capture, filter)
    }

    /// Throws away what came in before the filter, so that the account is exact: those packets are
    /// among the kernel's counts, but would not all be lent.
    fn begin(&mut self, interval: Duration) -> Result<(), pcap::Error> {
        filter::close(&mut self.capture)?;
        let mut discarded = Batch::new(1);
        let deadline = Instant::now() + 2 * interval;
        loop {
            let stats = self.capture.stats()?;
            if stats.received == stats.dropped || Instant::now() >= deadline {
                self.received = Wrapping::from(stats.received);
                self.dropped = Wrapping::from(stats.dropped);
                return Ok(());
            }
            discarded.fill(&mut self.capture)?;
            self.wait();
        }
    }

    pub(super) fn link_type(&self) -> LinkType {
        self.link_type
    }

    pub(super) fn read(&mut self, batch: &mut Batch) -> Result<(), pcap::Error> {
        batch.fill(&mut self.capture)
    }

    /// Waits for packets, at most the poll interval.
    pub(super) fn wait(&self) -> Woken {
        let mut sockets = [PollFd::new(self.capture.as_fd(), PollFlags::POLLIN)];
        match poll(&mut sockets, self.timeout) {
            Ok(0) => Woken::TimedOut,
            Ok(_) => match sockets[0].revents() {
                Some(PollFlags::POLLIN) => Woken::Ready,
                _ => Woken::Lost,
            },
            Err(_) => Woken::Interrupted,
        }
    }

    /// The number of the interface that the socket hears; `None` when that is gone.
    pub(super) fn bound(&self) -> Option<u32> {
        let address: SockaddrStorage = getsockname(self.capture.as_fd().as_raw_fd()).ok()?;
        // The number is signed: -1 when the interface is gone.
        let index = i32::try_from(address.as_link_addr()?.ifindex()).ok()?;
        u32::try_from(index).ok()
    }

    /// Binds the socket to another interface, which is told as libpcap first opened it: all
    /// protocols.
    pub(super) fn bind(&self, address: &LinkAddr) -> Result<(), Errno> {
        bind(self.capture.as_fd().as_raw_fd(), address)
    }

    /// Packets received, and those among them that were dropped.
    pub(super) fn counts(&mut self) -> (u64, u64) {
        let (received, dropped) = match self.capture.stats() {
            Ok(stats) => (stats.received, stats.dropped),
            Err(_) => (self.received.last(), self.dropped.last()),
        };
        (self.received.read(received), self.dropped.read(dropped))
    }
}

/// Whether this process may open a packet socket.
fn may_capture() -> Result<bool, Errno> {
    let opened = socket(
        AddressFamily::Packet,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        None,
    );
    match opened {
        Ok(_) => Ok(true),
        Err(Errno::EPERM | Errno::EACCES) => Ok(false),
        Err(error) => Err(error),
    }
}
