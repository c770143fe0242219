//! Bounds of incidents, and their account.

use std::time::Duration;

use serde::Serialize;

/// Bounds of [`OpenIncidents`](crate::OpenIncidents).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IncidentConfig {
    /// Packet time without an alert after which an incident is over (1 h).
    pub quiet: Duration,
    /// Incidents that are open at a time (10,000).
    pub most: usize,
    /// Sources, targets and ports that are remembered of each (200).
    pub most_members: usize,
}

impl Default for IncidentConfig {
    fn default() -> Self {
        Self {
            quiet: Duration::from_secs(3_600),
            most: 10_000,
            most_members: 200,
        }
    }
}

/// What became of alerts and incidents: `opened = open + closed_quiet + closed_early + merged + closed_at_end`.
///
/// Sinks are told of an incident from its first alert on that is not beyond the limits, so not of all: of those that
/// they were told of, `told_opened - told_closed` are open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct IncidentCounters {
    /// Alerts that were put to incidents, or found no room.
    pub alerts: u64,
    /// Alerts that found no room: all open incidents were more urgent.
    pub alerts_without: u64,
    /// Incidents that began.
    pub opened: u64,
    /// Incidents that are open.
    pub open: u64,
    /// Incidents that were quiet for long enough.
    pub closed_quiet: u64,
    /// Incidents that were closed to make room.
    pub closed_early: u64,
    /// Incidents that turned out to be parts of a distributed one.
    pub merged: u64,
    /// Incidents that were open when the sensor stopped.
    pub closed_at_end: u64,
    /// Incidents that sinks were told of.
    pub told_opened: u64,
    /// Rises in severity, and spreads to many sources, that they were told of.
    pub told_worsened: u64,
    /// Ends that they were told of.
    pub told_closed: u64,
    /// Flows that were forgotten before their end to keep memory bounded, so that they may be counted again.
    pub flows_forgotten: u64,
}
