//! When flows end, and how many may be open.

use std::time::Duration;

/// Timeouts and limits of a flow table. Times are packet time.
///
/// ```
/// use nettraffic_flow::FlowConfig;
/// use std::time::Duration;
///
/// let config = FlowConfig::default().with_idle_timeout(Duration::from_secs(60));
/// assert_eq!(config.active_timeout, Duration::from_secs(1800));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlowConfig {
    /// Silence after which a flow ends (120 s); a packet after exactly this silence still joins.
    pub idle_timeout: Duration,
    /// Age at which a long flow is reported and goes on as a numbered continuation (1800 s).
    pub active_timeout: Duration,
    /// How long a closed TCP connection stays, so that stragglers join it (5 s).
    pub tcp_linger: Duration,
    /// Most flows that may be open (1 million, at least 1); beyond it one is evicted.
    pub max_flows: usize,
}

impl FlowConfig {
    /// With another idle timeout.
    #[must_use]
    pub fn with_idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// With another active timeout.
    #[must_use]
    pub fn with_active_timeout(mut self, timeout: Duration) -> Self {
        self.active_timeout = timeout;
        self
    }

    /// With another linger time of closed TCP connections.
    #[must_use]
    pub fn with_tcp_linger(mut self, linger: Duration) -> Self {
        self.tcp_linger = linger;
        self
    }

    /// With another limit of open flows.
    #[must_use]
    pub fn with_max_flows(mut self, flows: usize) -> Self {
        self.max_flows = flows;
        self
    }
}

impl Default for FlowConfig {
    fn default() -> Self {
        Self {
            idle_timeout: Duration::from_secs(120),
            active_timeout: Duration::from_secs(1800),
            tcp_linger: Duration::from_secs(5),
            max_flows: 1_000_000,
        }
    }
}
