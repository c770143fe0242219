//! What is to be tidied.

use std::time::Duration;

/// What a [`Tidy`](crate::Tidy) does; nothing by default. Times are packet time.
///
/// ```
/// use nettraffic_flow::TidyConfig;
/// use std::time::Duration;
///
/// let config = TidyConfig::default()
///     .without_copies()
///     .with_sorting_window(Duration::from_millis(50));
/// assert_eq!(config.copy_window, Some(TidyConfig::COPY_WINDOW));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TidyConfig {
    /// How long after a packet a copy of it is known as such and dropped; `None` keeps copies.
    pub copy_window: Option<Duration>,
    /// How long packets are held back to be put in order; `None` gives them out as they come.
    pub sorting_window: Option<Duration>,
    /// Most packets that are held back, and most that are remembered to know copies by (65,536, at
    /// least 1). Beyond it the earliest is given out, or forgotten, before its time.
    pub max_packets: usize,
}

impl TidyConfig {
    /// The usual window for copies, 3 ms.
    ///
    /// In real captures of mirror ports and routers, a packet and its copy lie 2 ms apart at most,
    /// mostly less than 0.1 ms; senders that repeat a packet byte by byte, with the same
    /// identification or without any, wait for 4 ms at least. Captures whose clock is coarse may
    /// need a longer window.
    pub const COPY_WINDOW: Duration = Duration::from_millis(3);

    /// Drops copies within the [usual window](Self::COPY_WINDOW).
    #[must_use]
    pub fn without_copies(self) -> Self {
        self.with_copy_window(Self::COPY_WINDOW)
    }

    /// Drops copies that come less than `window` after the packet.
    #[must_use]
    pub fn with_copy_window(mut self, window: Duration) -> Self {
        self.copy_window = Some(window);
        self
    }

    /// Puts in order packets that come up to `window` after a later one.
    #[must_use]
    pub fn with_sorting_window(mut self, window: Duration) -> Self {
        self.sorting_window = Some(window);
        self
    }

    /// With another limit of packets that are held back or remembered.
    #[must_use]
    pub fn with_max_packets(mut self, packets: usize) -> Self {
        self.max_packets = packets;
        self
    }
}

impl Default for TidyConfig {
    fn default() -> Self {
        Self {
            copy_window: None,
            sorting_window: None,
            max_packets: 65_536,
        }
    }
}
