//! An alert as it leaves the sensor.

use std::fmt;
use std::sync::Arc;

use nettraffic_capture::Timestamp;
use nettraffic_detect::{Alert, Verdict};

use crate::Severity;

/// An alert with what a sensor knows beyond the detector's verdict.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SensorAlert {
    /// The flow, its score and the threshold. Its `alert` is what [`SensorAlert::alert`] gives.
    verdict: Verdict,
    /// Which detector raised it: its model, a colon and the bundle's identity.
    pub detector: Arc<str>,
    /// How urgent it is.
    pub severity: Severity,
    /// The incident that it belongs to: one actor with all it did.
    pub incident: IncidentId,
    /// Alerts of the same detector, source, destination and service that were left out since the one
    /// before it was written.
    pub left_out: u64,
    /// The interface or capture that the sensor watches.
    pub source: Arc<str>,
}

/// Identifies an incident: a keyless hash of its actor, its class and the time of its first alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncidentId(pub u64);

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl SensorAlert {
    /// The alert of a verdict, or nothing when it holds none. Its incident is its own until it is given one.
    #[must_use]
    pub fn of(verdict: Verdict, detector: Arc<str>, source: Arc<str>) -> Option<Self> {
        let alert = verdict.alert.as_ref()?;
        Some(Self {
            severity: Severity::of(alert),
            incident: IncidentId(alert.id.0),
            left_out: 0,
            detector,
            source,
            verdict,
        })
    }

    /// The model that raised it, what stands before the first `:` of the detector: unlike the bundle it stays the
    /// same when the detector is trained anew.
    #[must_use]
    pub fn model(&self) -> &str {
        let model = self.detector.split(':').next();
        model.unwrap_or(&self.detector)
    }

    /// When it was raised, in packet time: when its record was due.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.verdict.flow.ended
    }

    /// The flow, its score and the threshold.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// What raised it, and why.
    ///
    /// # Panics
    /// Never: it is not made without.
    #[must_use]
    pub fn alert(&self) -> &Alert {
        match &self.verdict.alert {
            Some(alert) => alert,
            None => unreachable!("a sensor's alert is made of a verdict with an alert"),
        }
    }
}
