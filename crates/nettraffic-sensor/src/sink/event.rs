//! What sinks are given.

use std::sync::Arc;

use nettraffic_capture::Timestamp;
use nettraffic_detect::Verdict;

use crate::SensorAlert;

/// What sinks are given. A clone costs next to nothing, so that each sink has its own.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// An alert that is to be written.
    Alert(Arc<SensorAlert>),
    /// Every flow record with its score, for sinks that want flows.
    #[non_exhaustive]
    Flow {
        /// The flow and its score.
        verdict: Arc<Verdict>,
        /// The interface or capture that it was seen on.
        source: Arc<str>,
    },
}

impl Event {
    /// An alert.
    #[must_use]
    pub fn alert(alert: impl Into<Arc<SensorAlert>>) -> Self {
        Self::Alert(alert.into())
    }

    /// A flow record that was seen on an interface or in a capture.
    #[must_use]
    pub fn flow(verdict: impl Into<Arc<Verdict>>, source: impl Into<Arc<str>>) -> Self {
        Self::Flow {
            verdict: verdict.into(),
            source: source.into(),
        }
    }

    /// The flow and its score.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        match self {
            Self::Alert(alert) => alert.verdict(),
            Self::Flow { verdict, .. } => verdict,
        }
    }

    /// The interface or capture that it was seen on.
    #[must_use]
    pub fn source(&self) -> &str {
        match self {
            Self::Alert(alert) => &alert.source,
            Self::Flow { source, .. } => source,
        }
    }

    /// Its moment in packet time: that of the latest packet that it tells of. A timeout ends a flow later, but
    /// nothing was seen then.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.verdict().flow.last
    }

    /// Whether it is an alert.
    #[must_use]
    pub const fn is_alert(&self) -> bool {
        matches!(self, Self::Alert(_))
    }
}
