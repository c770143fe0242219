//! One incident.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use nettraffic_capture::Timestamp;
use nettraffic_detect::Incident;
use siphasher::sip::SipHasher24;

use super::lanes::Lane;
use super::{Actor, Turn};
use crate::{Fate, IncidentId, SensorAlert, Severity, Why};

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
    /// Flows that its alerts are of. A flow is judged early, again while it lasts, and at its end, and each of these
    /// may be an alert: `facts.alerts` counts them all.
    pub flows: u64,
    /// Alerts that went to the sinks: `facts.alerts = written + repeated + limited`.
    pub written: u64,
    /// Alerts that were left out since they repeat others.
    pub repeated: u64,
    /// Alerts that were left out since there were too many.
    pub limited: u64,
    /// Where it is distributed: what its sources have in common.
    lane: Option<Lane>,
    /// What was told of last; nothing as long as sinks were told nothing of it.
    told: Option<Told>,
}

/// What grows of an incident, and is told when it does.
#[derive(Clone, Copy, Debug)]
struct Told {
    severity: Severity,
    is_distributed: bool,
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
            flows: 0,
            written: 0,
            repeated: 0,
            limited: 0,
            lane: None,
            told: None,
        }
    }

    /// Whether it is many sources' on one target.
    #[must_use]
    pub fn is_distributed(&self) -> bool {
        self.lane.is_some()
    }

    /// Alerts that did not go to the sinks.
    #[must_use]
    pub const fn left_out(&self) -> u64 {
        self.repeated + self.limited
    }

    /// Takes in an alert, whose flow counts unless another of its alerts was counted before.
    pub(super) fn add(
        &mut self,
        alert: &SensorAlert,
        fate: &Fate,
        is_new: bool,
        most_members: usize,
    ) {
        self.facts.add(alert.verdict(), most_members);
        self.flows += u64::from(is_new);
        *match fate {
            Fate::Write => &mut self.written,
            Fate::Suppress(Why::Limited(_)) => &mut self.limited,
            Fate::Suppress(_) => &mut self.repeated,
        } += 1;
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
        self.flows += part.flows;
        self.written += part.written;
        self.repeated += part.repeated;
        self.limited += part.limited;
        for (class, alerts) in &part.classes {
            self.count(class.clone(), *alerts);
        }
        self.active = self.active.max(part.active);
        self.compare(&part.worst);
        self.worst.incident = self.id;
        self.merged.push(part.id);
        self.merged.extend(&part.merged);
    }

    /// Whether this is that incident, or has taken it in.
    pub(super) fn is_or_holds(&self, id: IncidentId) -> bool {
        self.id == id || self.merged.contains(&id)
    }

    /// Whether sinks were told of it.
    pub(super) const fn is_told(&self) -> bool {
        self.told.is_some()
    }

    /// What there is to tell of it that was not told before.
    pub(super) fn news(&mut self) -> Option<Turn> {
        let now = Told {
            severity: self.severity,
            is_distributed: self.is_distributed(),
        };
        let is_worse = |before: Told| {
            now.severity > before.severity || now.is_distributed && !before.is_distributed
        };
        let turn = match self.told {
            None => Turn::Opened,
            Some(before) if is_worse(before) => Turn::Worsened,
            Some(_) => return None,
        };
        self.told = Some(now);
        Some(turn)
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
