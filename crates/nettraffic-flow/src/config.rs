//! When flows end, and how many may be open.

use std::time::Duration;

/// Timeouts and limits of a flow table. Times are packet time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlowConfig {
    /// Silence after which a flow ends (120 s).
    pub idle_timeout: Duration,
    /// Age at which a long flow is reported and goes on as a numbered continuation (1800 s).
    pub active_timeout: Duration,
    /// How long a closed TCP connection stays, so that stragglers join it (5 s).
    pub tcp_linger: Duration,
    /// Most flows that may be open (1 million); beyond it the stalest is evicted.
    pub max_flows: usize,
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
