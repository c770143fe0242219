//! What is going on: alerts grouped by who raises them, while the sensor runs.

mod config;
mod lanes;
mod open;
mod order;
#[cfg(test)]
mod tests;

pub use config::{IncidentConfig, IncidentCounters};
pub use open::OpenIncident;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::IpAddr;

use nettraffic_capture::Timestamp;

use self::lanes::{Lane, Lanes};
use self::order::Order;
use crate::{IncidentId, SensorAlert};

/// Closed incidents that can still be looked at.
const MOST_CLOSED: usize = 100;

/// The incidents of a running sensor: all that one source does, or that many sources do to one target.
///
/// Alerts of a source join its incident until it was quiet for an hour of packet time. When five sources have
/// raised alerts of one class on one and the same target alone, theirs become one distributed incident, which
/// later sources of that kind join: it keeps the identity of the first, and lists those of the others.
///
/// Memory is bounded. For an incident of a new actor the least urgent one that was quiet for longest is closed
/// early, unless all are more urgent than the new one: its alerts are then counted and belong to none.
///
/// ```
/// use nettraffic_sensor::{IncidentConfig, OpenIncidents, SensorAlert};
///
/// # fn raised() -> Option<SensorAlert> { None }
/// let mut incidents = OpenIncidents::new(IncidentConfig::default());
/// while let Some(mut alert) = raised() {
///     incidents.push(&mut alert);
/// }
/// for incident in incidents.ranked(10) {
///     println!("{} {}: {} alerts", incident.id, incident.severity, incident.facts.alerts);
/// }
/// ```
#[derive(Debug)]
pub struct OpenIncidents {
    config: IncidentConfig,
    incidents: BTreeMap<IncidentId, OpenIncident>,
    actors: HashMap<Actor, IncidentId>,
    /// Which incidents may yet turn out to be parts of a distributed one.
    lanes: Lanes,
    order: Order,
    closed: VecDeque<OpenIncident>,
    counters: IncidentCounters,
}

/// Whose alerts an incident holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Actor {
    Source(IpAddr),
    /// The many sources of one class of alert on one target.
    AllOn(Lane),
}

impl OpenIncidents {
    /// No incidents yet.
    #[must_use]
    pub fn new(config: IncidentConfig) -> Self {
        Self {
            config,
            incidents: BTreeMap::new(),
            actors: HashMap::new(),
            lanes: Lanes::default(),
            order: Order::default(),
            closed: VecDeque::new(),
            counters: IncidentCounters::default(),
        }
    }

    /// Puts an alert to the incident of its actor, and tells it which that is; its own when there is no room.
    pub fn push(&mut self, alert: &mut SensorAlert) {
        self.counters.alerts += 1;
        self.close_quiet(alert.time());
        let key = &alert.verdict().flow.key;
        let own = Actor::Source(key.initiator);
        let lane = Lane::of(alert);
        let shared = Actor::AllOn(lane.clone());
        let known = self.actors.get(&own).or_else(|| self.actors.get(&shared));
        let id = known.copied().or_else(|| self.open(own, alert));
        let Some(id) = id else {
            self.counters.alerts_without += 1;
            return;
        };
        alert.incident = id;
        let Some(incident) = self.incidents.get_mut(&id) else {
            return;
        };
        self.order.remove(incident);
        self.lanes.leave(incident);
        incident.add(alert, self.config.most_members);
        self.order.insert(incident);
        if self.lanes.enter(incident) {
            alert.incident = self.merge(lane).unwrap_or(id);
        }
    }

    /// Closes what was quiet for long enough by `now`.
    pub fn tick(&mut self, now: Timestamp) {
        self.close_quiet(now);
    }

    /// At most so many of the open incidents: the most urgent first, then those that look like a known attack,
    /// those with most alerts, and those that are active.
    #[must_use]
    pub fn ranked(&self, most: usize) -> Vec<&OpenIncident> {
        let mut ranked: Vec<_> = self.incidents.values().collect();
        ranked.sort_by_cached_key(|incident| std::cmp::Reverse(incident.rank()));
        ranked.truncate(most);
        ranked
    }

    /// An open incident, or one that was closed lately. A part of a distributed one leads to that.
    #[must_use]
    pub fn get(&self, id: IncidentId) -> Option<&OpenIncident> {
        let is_it = |incident: &&OpenIncident| incident.id == id || incident.merged.contains(&id);
        (self.incidents.get(&id))
            .or_else(|| self.incidents.values().find(is_it))
            .or_else(|| self.closed.iter().rev().find(is_it))
    }

    /// Whether an incident is open by this very name: it may be over, or part of another.
    #[must_use]
    pub fn is_open(&self, id: IncidentId) -> bool {
        self.incidents.contains_key(&id)
    }

    /// The last hundred that were closed, the latest last.
    pub fn closed(&self) -> impl DoubleEndedIterator<Item = &OpenIncident> {
        self.closed.iter()
    }

    /// What became of alerts and incidents.
    #[must_use]
    pub fn counters(&self) -> IncidentCounters {
        IncidentCounters {
            open: self.incidents.len() as u64,
            ..self.counters
        }
    }

    /// A new incident, unless there is no room for one of this severity.
    fn open(&mut self, actor: Actor, alert: &SensorAlert) -> Option<IncidentId> {
        if self.incidents.len() >= self.config.most.max(1) {
            let least = self.order.least_up_to(alert.severity)?;
            self.counters.closed_early += 1;
            self.close(least);
        }
        let incident = OpenIncident::begin(alert);
        let id = incident.id;
        // Two actors cannot share an identity, unless by a collision of hashes: then they share the incident.
        self.actors.insert(actor, id);
        if !self.incidents.contains_key(&id) {
            self.counters.opened += 1;
            self.order.insert(&incident);
            self.incidents.insert(id, incident);
        }
        Some(id)
    }

    /// Makes one incident of all that are in a lane.
    fn merge(&mut self, lane: Lane) -> Option<IncidentId> {
        let mut parts = self.lanes.take(&lane).into_iter();
        let mut all = parts.next().and_then(|id| self.take(id))?;
        for id in parts {
            if let Some(part) = self.take(id) {
                self.counters.merged += 1;
                all.absorb(&part, self.config.most_members);
            }
        }
        let id = all.id;
        self.actors.insert(Actor::AllOn(lane), id);
        self.order.insert(&all);
        self.incidents.insert(id, all);
        Some(id)
    }

    fn close_quiet(&mut self, now: Timestamp) {
        while let Some(id) = self.order.quiet(now, self.config.quiet) {
            self.counters.closed_quiet += 1;
            self.close(id);
        }
    }

    fn close(&mut self, id: IncidentId) {
        let Some(incident) = self.take(id) else {
            return;
        };
        if self.closed.len() >= MOST_CLOSED {
            self.closed.pop_front();
        }
        self.closed.push_back(incident);
    }

    /// Takes an incident out of all that leads to it.
    fn take(&mut self, id: IncidentId) -> Option<OpenIncident> {
        let incident = self.incidents.remove(&id)?;
        self.order.remove(&incident);
        self.lanes.leave(&incident);
        for actor in incident.actors() {
            if self.actors.get(&actor) == Some(&id) {
                self.actors.remove(&actor);
            }
        }
        Some(incident)
    }
}
