//! How much the windows remember, and what they had to forget.

/// How much [`HostWindows`](crate::HostWindows) remember.
///
/// ```
/// use nettraffic_features::WindowConfig;
///
/// let config = WindowConfig::default().with_max_connections(500_000);
/// assert_eq!(config.max_channels, 50_000);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WindowConfig {
    /// Most connections that are remembered for the windows (65,536; at least 1, at most 16,777,216).
    /// More of them in 60 s and that window is shorter, which is counted. Hosts, services and pairs are
    /// remembered as long as a connection of theirs is, so this bounds them too. 65,536 take 5 MB
    /// between few hosts, and 41 MB where every connection has hosts and a service of its own.
    pub max_connections: u32,
    /// Most channels (two hosts and a service) whose rhythm is remembered (50,000, at least 1); they
    /// take 17 MB. Beyond it a stale one is forgotten, first of all one that was used once.
    pub max_channels: u32,
}

impl WindowConfig {
    /// With another limit of connections.
    #[must_use]
    pub fn with_max_connections(mut self, connections: u32) -> Self {
        self.max_connections = connections;
        self
    }

    /// With another limit of channels.
    #[must_use]
    pub fn with_max_channels(mut self, channels: u32) -> Self {
        self.max_channels = channels;
        self
    }
}

impl Default for WindowConfig {
    fn default() -> Self {
        Self {
            max_connections: 65_536,
            max_channels: 50_000,
        }
    }
}

/// What windows hold, and what they had to forget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WindowCounters {
    /// Records that were judged and counted.
    pub counted: u64,
    /// Records that were judged only: early ones, whose final record follows.
    pub not_counted: u64,
    /// Connections that are remembered.
    pub connections: u64,
    /// Connections that were forgotten within 60 s, because there were too many.
    pub shortened: u64,
    /// Channels whose rhythm is remembered.
    pub channels: u64,
    /// Channels that were forgotten, because there were too many.
    pub evicted_channels: u64,
    /// How often everything was forgotten because the time stepped back.
    pub clock_steps: u64,
}

impl WindowCounters {
    /// What the limits and the time did, with the words of the account: counts of connections and
    /// channels that were forgotten too early, and of steps back of the clock.
    pub fn notes(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        [
            ("shortened", self.shortened),
            ("evicted_channels", self.evicted_channels),
            ("clock_steps", self.clock_steps),
        ]
        .into_iter()
    }
}
