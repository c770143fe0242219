//! One incident.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use nettraffic_capture::Timestamp;
use nettraffic_detect::Incident;
use siphasher::sip::SipHasher24;

use super::Actor;
use super::lanes::Lane;
use crate::{IncidentId, SensorAlert, Severity};

/// Classes of alert that are counted of one incident.
const MOST_CLASSES: usize = 100;

/// All that one source did, or that many sources did to one target.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OpenIncident {
    /// Its identity: that of its first alert's actor and time.
    pub id: IncidentId,
    /// Incidents that turned out to be parts of it.
    pub merged: Vec<IncidentId>,
    /// Sources, targets, ports, counts, times, reasons. Its class is that of most alerts.
    pub facts: Incident,
    /// Alerts by the known attack that they look like, `None` for those that are only unusual.
    pub classes: BTreeMap<Option<String>, u64>,
    /// The highest severity of an alert.
    pub severity: Severity,
    /// The most severe alert, of several the one with the highest score.
    pub worst: SensorAlert,
    /// When the latest alert was raised, in packet time.
    pub active: Timestamp,
    /// Where it is distributed: what its sources have in common.
    lane: Option<Lane>,
}

impl OpenIncident {
    /// An incident that this alert begins; it is not counted yet.
    pub(super) fn begin(alert: &SensorAlert) -> Self {
        let mut facts = Incident::of(alert.verdict());
        facts.alerts = 0;
        facts.reasons.clear();
        Self {
            id: identity(alert),
            merged: Vec::new(),
            facts,
            classes: BTreeMap::new(),
            severity: alert.severity,
            worst: alert.clone(),
            active: alert.time(),
            lane: None,
        }
    }

    /// Whether it is many sources' on one target.
    #[must_use]
    pub fn is_distributed(&self) -> bool {
        self.lane.is_some()
    }

    pub(super) fn add(&mut self, alert: &SensorAlert, most_members: usize) {
        self.facts.add(alert.verdict(), most_members);
        let class = alert.alert().class.as_ref().map(|class| class.name.clone());
        self.count(class, 1);
        self.active = alert.time();
        self.compare(alert);
        self.worst.incident = self.id;
    }

    /// Takes in another source's incident, so that it is a distributed one.
    pub(super) fn absorb(&mut self, part: &Self, most_members: usize) {
        self.lane = self.lane.take().or_else(|| self.only_lane());
        self.facts.absorb(&part.facts, most_members);
        for (class, alerts) in &part.classes {
            self.count(class.clone(), *alerts);
        }
        self.active = self.active.max(part.active);
        self.compare(&part.worst);
        self.worst.incident = self.id;
        self.merged.push(part.id);
        self.merged.extend(&part.merged);
    }

    /// The lane of an incident of one source with one target and one class of alert.
    pub(super) fn own_lane(&self) -> Option<Lane> {
        if self.is_distributed() {
            return None;
        }
        self.only_lane()
    }

    fn only_lane(&self) -> Option<Lane> {
        let mut classes = self.classes.keys();
        let class = classes.next().filter(|_| classes.next().is_none())?;
        Some(Lane::new(self.facts.only_target()?, class.clone()))
    }

    pub(super) fn actors(&self) -> impl Iterator<Item = Actor> {
        let lane = self.lane.clone().map(Actor::AllOn);
        let sources = self.facts.sources.iter().copied().map(Actor::Source);
        lane.into_iter().chain(sources)
    }

    /// What incidents are ordered by, the highest first.
    pub(super) fn rank(&self) -> impl Ord + use<> {
        (
            self.severity,
            self.facts.class.is_some(),
            self.facts.alerts,
            self.active,
            self.id,
        )
    }

    fn count(&mut self, class: Option<String>, alerts: u64) {
        if self.classes.len() < MOST_CLASSES || self.classes.contains_key(&class) {
            *self.classes.entry(class).or_default() += alerts;
        }
        // Of two that are as frequent, the first in the alphabet; a known attack rather than none.
        let named = self
            .classes
            .iter()
            .filter_map(|(class, alerts)| Some((class.as_ref()?, *alerts)));
        let most = named.rev().max_by_key(|(_, alerts)| *alerts);
        self.facts.class = most.map(|(class, _)| class.clone());
    }

    fn compare(&mut self, alert: &SensorAlert) {
        let urgency = |alert: &SensorAlert| (alert.severity, alert.verdict().score);
        if urgency(alert) > urgency(&self.worst) {
            self.worst = alert.clone();
        }
        self.severity = self.severity.max(alert.severity);
    }
}

/// A keyless hash of who raised it and when.
fn identity(alert: &SensorAlert) -> IncidentId {
    let mut hasher = SipHasher24::new();
    let key = &alert.verdict().flow.key;
    (key.initiator, alert.time(), alert.alert().id).hash(&mut hasher);
    IncidentId(hasher.finish())
}
