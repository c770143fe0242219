//! Which incidents may be parts of a distributed one.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use super::open::OpenIncident;
use crate::{IncidentId, SensorAlert};

/// From this many sources on it is a distributed attack.
const DISTRIBUTED: usize = 5;

/// A target, and the class of alert that is raised on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Lane {
    target: IpAddr,
    class: Option<String>,
}

/// Incidents of one source each that have all their alerts in one lane.
#[derive(Debug, Default)]
pub(super) struct Lanes(HashMap<Lane, BTreeSet<IncidentId>>);

impl Lane {
    pub(super) fn new(target: IpAddr, class: Option<String>) -> Self {
        Self { target, class }
    }

    pub(super) fn of(alert: &SensorAlert) -> Self {
        let class = alert.alert().class.as_ref().map(|class| class.name.clone());
        Self::new(alert.verdict().flow.key.responder, class)
    }
}

impl Lanes {
    /// Says whether those in its lane are now enough for a distributed one.
    pub(super) fn enter(&mut self, incident: &OpenIncident) -> bool {
        let Some(lane) = incident.own_lane() else {
            return false;
        };
        let members = self.0.entry(lane).or_default();
        members.insert(incident.id);
        members.len() >= DISTRIBUTED
    }

    pub(super) fn leave(&mut self, incident: &OpenIncident) {
        let Some(lane) = incident.own_lane() else {
            return;
        };
        if let Some(members) = self.0.get_mut(&lane) {
            members.remove(&incident.id);
            if members.is_empty() {
                self.0.remove(&lane);
            }
        }
    }

    /// Empties a lane.
    pub(super) fn take(&mut self, lane: &Lane) -> BTreeSet<IncidentId> {
        self.0.remove(lane).unwrap_or_default()
    }
}
