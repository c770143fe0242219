//! What is going on: alerts grouped by who raises them, while the sensor runs.

mod config;
mod event;
mod flows;
mod lanes;
mod open;
mod order;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod told;

pub use config::{IncidentConfig, IncidentCounters};
pub use event::{Closing, EventId, IncidentEvent, Turn};
pub use open::OpenIncident;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use nettraffic_capture::Timestamp;

use self::flows::CountedFlows;
use self::lanes::{Lane, Lanes};
use self::order::Order;
use crate::{Fate, IncidentId, SensorAlert, Why};

/// Closed incidents that can still be looked at.
const MOST_CLOSED: usize = 100;

/// The incidents of a running sensor: all that one source does, or that many sources do to one target.
///
/// Alerts of a source join its incident until it was quiet for an hour of packet time. When five sources have
/// raised alerts of one class on one and the same target alone, theirs become one distributed incident, which
/// later sources of that kind join: it keeps the identity of the first, and lists those of the others.
///
/// What is to be told of them comes out of each call: that one opened, worsened, or closed. It is told
/// from the first alert on that is not beyond the limits of the [`Gate`](crate::Gate), so there are never more such
/// incidents than alerts that are written or repeat one: a flood of actors does not become a flood of events.
///
/// Memory is bounded. For an incident of a new actor the least urgent one that was quiet for longest is closed
/// early, unless all are more urgent than the new one: its alerts are then counted and belong to none.
///
/// ```
/// use nettraffic_detect::AllowList;
/// use nettraffic_sensor::{Gate, GateConfig, IncidentConfig, OpenIncidents, SensorAlert};
///
/// # fn raised() -> Option<SensorAlert> { None }
/// let mut gate = Gate::new(&GateConfig::default(), AllowList::default());
/// let mut incidents = OpenIncidents::new(IncidentConfig::default());
/// while let Some(mut alert) = raised() {
///     let fate = gate.decide(&mut alert);
///     for event in incidents.push(&mut alert, &fate) {
///         println!("{} {}", event.incident.id, event.turn.name());
///     }
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
    flows: CountedFlows,
    closed: VecDeque<Arc<OpenIncident>>,
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
            flows: CountedFlows::new(),
            closed: VecDeque::new(),
            counters: IncidentCounters::default(),
        }
    }

    /// Puts an alert to the incident of its actor, and tells it which that is; its own when there is no room. One that
    /// is allowed belongs to none. What is to be told comes out, in the order in which it happened.
    pub fn push(&mut self, alert: &mut SensorAlert, fate: &Fate) -> Vec<IncidentEvent> {
        let mut events = self.close_quiet(alert.time());
        if matches!(fate, Fate::Suppress(Why::Allowed(_))) {
            return events;
        }
        self.counters.alerts += 1;
        let key = &alert.verdict().flow.key;
        let own = Actor::Source(key.initiator);
        let lane = Lane::of(alert);
        let shared = Actor::AllOn(lane.clone());
        let known = self.actors.get(&own).or_else(|| self.actors.get(&shared));
        let id = known.copied();
        let id = id.or_else(|| self.open(own, alert, &mut events));
        let Some(id) = id else {
            self.counters.alerts_without += 1;
            return events;
        };
        alert.incident = id;
        let Some(incident) = self.incidents.get_mut(&id) else {
            return events;
        };
        let is_new = self.flows.is_new(&alert.verdict().flow, incident);
        self.order.remove(incident);
        self.lanes.leave(incident);
        incident.add(alert, fate, is_new, self.config.most_members);
        self.order.insert(incident);
        let is_distributed = self.lanes.enter(incident);
        let at = alert.verdict().flow.last;
        let mut parts = Vec::new();
        if is_distributed {
            parts = self.merge(lane, at, alert);
        }
        // Beyond the limits there is nothing to tell, unless parts are told to be in it.
        if !matches!(fate, Fate::Suppress(Why::Limited(_))) || !parts.is_empty() {
            events.extend(self.tell(alert.incident, at));
        }
        events.extend(parts);
        events
    }

    /// Closes what was quiet for long enough by `now`.
    pub fn tick(&mut self, now: Timestamp) -> Vec<IncidentEvent> {
        self.close_quiet(now)
    }

    /// Closes all that are open, since the sensor stops at `now`: the most urgent first.
    pub fn end(&mut self, now: Timestamp) -> Vec<IncidentEvent> {
        let mut events = self.close_quiet(now);
        let open = self.ranked(usize::MAX).into_iter();
        let open: Vec<_> = open
            .map(|incident| (incident.id, incident.facts.last))
            .collect();
        for (id, last) in open {
            self.counters.closed_at_end += 1;
            events.extend(self.close(id, Closing::Stopped, now.max(last)));
        }
        events
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
        let is_it = |incident: &&OpenIncident| incident.is_or_holds(id);
        (self.incidents.get(&id))
            .or_else(|| self.incidents.values().find(is_it))
            .or_else(|| self.closed().rev().find(is_it))
    }

    /// Whether an incident is open by this very name: it may be over, or part of another.
    #[must_use]
    pub fn is_open(&self, id: IncidentId) -> bool {
        self.incidents.contains_key(&id)
    }

    /// The last hundred that were closed, the latest last, and all that were open when the sensor stopped.
    pub fn closed(&self) -> impl DoubleEndedIterator<Item = &OpenIncident> {
        self.closed.iter().map(|incident| &**incident)
    }

    /// What became of alerts and incidents.
    #[must_use]
    pub fn counters(&self) -> IncidentCounters {
        IncidentCounters {
            open: self.incidents.len() as u64,
            flows_forgotten: self.flows.forgotten(),
            ..self.counters
        }
    }

    /// A new incident, unless there is no room for one of this severity.
    fn open(
        &mut self,
        actor: Actor,
        alert: &SensorAlert,
        events: &mut Vec<IncidentEvent>,
    ) -> Option<IncidentId> {
        if self.incidents.len() >= self.config.most.max(1) {
            let least = self.order.least_up_to(alert.severity)?;
            self.counters.closed_early += 1;
            events.extend(self.close(least, Closing::Room, alert.verdict().flow.last));
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

    /// Makes one incident of all that are in a lane, that of the alert among them, and gives the ends of the others.
    fn merge(&mut self, lane: Lane, at: Timestamp, alert: &mut SensorAlert) -> Vec<IncidentEvent> {
        let mut parts = self.lanes.take(&lane).into_iter();
        let Some(mut all) = parts.next().and_then(|id| self.take(id)) else {
            return Vec::new();
        };
        let mut events = Vec::new();
        for id in parts {
            if let Some(part) = self.take(id) {
                self.counters.merged += 1;
                all.absorb(&part, self.config.most_members);
                events.extend(self.closed_event(Arc::new(part), Closing::Merged(all.id), at));
            }
        }
        alert.incident = all.id;
        self.actors.insert(Actor::AllOn(lane), all.id);
        self.order.insert(&all);
        self.incidents.insert(all.id, all);
        events
    }

    fn close_quiet(&mut self, now: Timestamp) -> Vec<IncidentEvent> {
        let mut events = Vec::new();
        while let Some((active, id)) = self.order.quiet(now, self.config.quiet) {
            self.counters.closed_quiet += 1;
            // Before that time only when the clock was set back.
            let over = active.saturating_add(self.config.quiet).min(now);
            events.extend(self.close(id, Closing::Quiet, over));
        }
        events
    }

    fn close(&mut self, id: IncidentId, why: Closing, at: Timestamp) -> Option<IncidentEvent> {
        let incident = Arc::new(self.take(id)?);
        if self.closed.len() >= MOST_CLOSED && why != Closing::Stopped {
            self.closed.pop_front();
        }
        self.closed.push_back(Arc::clone(&incident));
        self.closed_event(incident, why, at)
    }

    /// Tells that an incident is closed, if its begin was told.
    fn closed_event(
        &mut self,
        incident: Arc<OpenIncident>,
        why: Closing,
        at: Timestamp,
    ) -> Option<IncidentEvent> {
        incident.is_told().then(|| {
            self.counters.told_closed += 1;
            IncidentEvent::new(Turn::Closed(why), at, incident)
        })
    }

    /// Tells what is new of an open incident.
    fn tell(&mut self, id: IncidentId, at: Timestamp) -> Option<IncidentEvent> {
        let incident = self.incidents.get_mut(&id)?;
        let turn = incident.news()?;
        *match turn {
            Turn::Opened => &mut self.counters.told_opened,
            _ => &mut self.counters.told_worsened,
        } += 1;
        Some(IncidentEvent::new(turn, at, Arc::new(incident.clone())))
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
