//! How an interface is captured.

use std::time::Duration;

/// How a [`LiveSource`](crate::LiveSource) captures.
///
/// ```
/// use nettraffic_capture::LiveOptions;
///
/// let options = LiveOptions::new().with_filter("not port 22").with_snap_len(128);
/// # let _ = options;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveOptions {
    pub(super) filter: Option<String>,
    pub(super) snap_len: u32,
    pub(super) is_promiscuous: bool,
    pub(super) buffer_bytes: usize,
    pub(super) poll_interval: Duration,
    pub(super) awaits_interface: bool,
}

impl Default for LiveOptions {
    fn default() -> Self {
        Self {
            filter: None,
            snap_len: 256,
            is_promiscuous: false,
            buffer_bytes: 64 << 20,
            poll_interval: Duration::from_millis(10),
            awaits_interface: false,
        }
    }
}

impl LiveOptions {
    /// The first 256 bytes of each packet that the interface takes in anyway, a buffer of 64 MiB,
    /// a poll interval of 10 ms, no filter.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Captures only what an expression in libpcap's language (`pcap-filter(7)`) wants; the kernel
    /// leaves out the rest.
    #[must_use]
    pub fn with_filter(mut self, filter: impl Into<String>) -> Self {
        self.filter = Some(filter.into());
        self
    }

    /// Captures the first bytes of each packet, 1 to 262,144: headers, for 256 also those within
    /// tunnels. The rest never leaves the kernel.
    #[must_use]
    pub fn with_snap_len(mut self, bytes: u32) -> Self {
        self.snap_len = bytes.clamp(1, 262_144);
        self
    }

    /// Takes in packets for other machines too, as a mirror port needs it.
    #[must_use]
    pub fn with_promiscuous(mut self) -> Self {
        self.is_promiscuous = true;
        self
    }

    /// How much the kernel may hold while nobody reads, 1 MiB to 1 GiB: locked memory, in which a
    /// packet takes its captured bytes and about 80 more.
    #[must_use]
    pub fn with_buffer_bytes(mut self, bytes: usize) -> Self {
        self.buffer_bytes = bytes.clamp(1 << 20, 1 << 30);
        self
    }

    /// How long [`LiveSource::poll`](crate::LiveSource::poll) waits for packets, 1 ms to 1 s. The kernel
    /// gathers packets for once to twice as long before it hands them over.
    #[must_use]
    pub fn with_poll_interval(mut self, interval: Duration) -> Self {
        self.poll_interval = interval.clamp(Duration::from_millis(1), Duration::from_secs(1));
        self
    }

    /// Waits for an Ethernet interface that is not there yet, as for one that is down; else that is an error.
    #[must_use]
    pub fn awaiting_interface(mut self) -> Self {
        self.awaits_interface = true;
        self
    }
}
