//! Which incident is to go next.

use std::collections::BTreeSet;
use std::time::Duration;

use nettraffic_capture::Timestamp;

use super::open::OpenIncident;
use crate::{IncidentId, Severity};

/// For each severity, incidents by their latest alert.
#[derive(Debug, Default)]
pub(super) struct Order([BTreeSet<(Timestamp, IncidentId)>; Severity::ALL.len()]);

impl Order {
    pub(super) fn insert(&mut self, incident: &OpenIncident) {
        if let Some(peers) = self.0.get_mut(incident.severity as usize) {
            peers.insert((incident.active, incident.id));
        }
    }

    pub(super) fn remove(&mut self, incident: &OpenIncident) {
        if let Some(peers) = self.0.get_mut(incident.severity as usize) {
            peers.remove(&(incident.active, incident.id));
        }
    }

    /// The least urgent one that was quiet for longest, none that is more urgent than `severity`.
    pub(super) fn least_up_to(&self, severity: Severity) -> Option<IncidentId> {
        let peers = self.0.get(..=severity as usize)?;
        let (_, id) = peers.iter().find_map(BTreeSet::first)?;
        Some(*id)
    }

    /// Of those that were quiet for so long by `now` the one whose latest alert came first, and when that was. Where the
    /// clock has stepped back by as much, what was active then is over too.
    pub(super) fn quiet(&self, now: Timestamp, quiet: Duration) -> Option<(Timestamp, IncidentId)> {
        let is_quiet = |active: Timestamp| {
            now.saturating_since(active)
                .max(active.saturating_since(now))
                >= quiet
        };
        let ends = self
            .0
            .iter()
            .flat_map(|peers| [peers.first(), peers.last()]);
        let quiet = ends.flatten().filter(|(active, _)| is_quiet(*active));
        quiet.min().copied()
    }
}
