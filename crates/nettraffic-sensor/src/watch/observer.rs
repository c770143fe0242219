//! Looking on while a sensor works.

use std::sync::Arc;

use nettraffic_capture::Timestamp;
use nettraffic_detect::{Detector, Verdict};

use super::Status;
use crate::{Fate, OpenIncidents, SensorAlert};

/// Looks on while a sensor works. All is called from the thread that detects, so it must be quick.
pub trait Observer: Send {
    /// A flow was judged.
    fn flow(&mut self, verdict: &Verdict) {
        let _ = verdict;
    }

    /// An alert was raised; it goes to the sinks or was suppressed.
    fn alert(&mut self, alert: &SensorAlert, fate: &Fate) {
        let _ = (alert, fate);
    }

    /// A second of packet time has passed.
    fn second(&mut self, second: &Second) {
        let _ = second;
    }

    /// How it fares: about every second of the clock on the wall, and at the end.
    fn status(&mut self, status: &Status, incidents: &OpenIncidents) {
        let _ = (status, incidents);
    }

    /// This detector judges from now on.
    fn serving(&mut self, detector: &Arc<Detector>) {
        let _ = detector;
    }
}

/// What a second of packet time held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Second {
    /// Its begin.
    pub begin: Timestamp,
    /// Packets.
    pub packets: u64,
    /// Their bytes on the wire.
    pub wire_bytes: u64,
    /// Flow records that came out in it.
    pub flows: u64,
    /// Alerts that were raised in it.
    pub alerts: u64,
}
