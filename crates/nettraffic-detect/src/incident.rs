//! Alerts that belong together: one source with all it did, or many sources with one target.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use nettraffic_capture::Timestamp;

use crate::Verdict;

/// Actors that are told apart; the alerts of further ones are counted together.
const MOST_INCIDENTS: usize = 10_000;
/// Sources, targets and ports that are remembered of one incident.
const MOST_MEMBERS: usize = 1_000;
/// From this many sources on, alerts of one class on one target are one distributed incident.
const DISTRIBUTED: usize = 5;

/// What one source did in one class of alert, or many sources did to one target.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Incident {
    /// The known attack that its alerts look like; `None` when they are only unusual.
    pub class: Option<String>,
    /// Who opened the flows: one source, or the many of a distributed attack on one target.
    /// At most 1,000 are remembered.
    pub sources: BTreeSet<IpAddr>,
    /// Whom they went to, in address order; at most 1,000 are remembered.
    pub targets: BTreeSet<IpAddr>,
    /// Responder ports, at most 1,000.
    pub ports: BTreeSet<u16>,
    /// Alerts.
    pub alerts: u64,
    /// Begin of the first flow.
    pub first: Timestamp,
    /// End of the last flow.
    pub last: Timestamp,
    /// The highest score.
    pub score: f32,
    /// Features that drove the scores, each with the sum of its shares, strongest first.
    pub reasons: Vec<(String, f64)>,
    /// The alert with the highest score, which stands for the others.
    pub example: Verdict,
}

/// Groups alerts by source and class, in bounded memory.
#[derive(Clone, Debug, Default)]
pub struct Incidents {
    groups: BTreeMap<(IpAddr, Option<String>), Group>,
    alerts: u64,
    not_grouped: u64,
}

#[derive(Clone, Debug)]
struct Group {
    incident: Incident,
    shares: BTreeMap<String, f64>,
}

impl Incidents {
    /// Takes in a verdict; one without an alert changes nothing.
    pub fn push(&mut self, verdict: &Verdict) {
        let Some(alert) = &verdict.alert else { return };
        self.alerts += 1;
        let class = alert.class.as_ref().map(|class| class.name.clone());
        let key = (verdict.flow.key.initiator, class);
        if !self.groups.contains_key(&key) && self.groups.len() == MOST_INCIDENTS {
            self.not_grouped += 1;
            return;
        }
        let class = key.1.clone();
        let group = self
            .groups
            .entry(key)
            .or_insert_with(|| Group::new(verdict, class));
        group.push(verdict);
    }

    /// All alerts taken in.
    #[must_use]
    pub fn alerts(&self) -> u64 {
        self.alerts
    }

    /// Alerts of sources beyond the limit of 10,000 incidents.
    #[must_use]
    pub fn not_grouped(&self) -> u64 {
        self.not_grouped
    }

    /// The incidents: named ones first, then by number of alerts, score and source.
    #[must_use]
    pub fn ranked(&self) -> Vec<Incident> {
        let mut incidents: Vec<Incident> = self
            .merged()
            .into_iter()
            .map(Group::into_incident)
            .collect();
        incidents.sort_by(|a, b| {
            (b.class.is_some().cmp(&a.class.is_some()))
                .then(b.alerts.cmp(&a.alerts))
                .then(b.score.total_cmp(&a.score))
                .then(a.sources.cmp(&b.sources))
        });
        incidents
    }

    /// The groups, those of a distributed attack put together.
    fn merged(&self) -> Vec<Group> {
        let mut by_target: BTreeMap<_, Vec<&Group>> = BTreeMap::new();
        let mut merged = Vec::new();
        for ((_, class), group) in &self.groups {
            let mut targets = group.incident.targets.iter();
            match (targets.next(), targets.next()) {
                (Some(target), None) => by_target.entry((class, *target)).or_default().push(group),
                _ => merged.push(group.clone()),
            }
        }
        for groups in by_target.into_values() {
            if groups.len() < DISTRIBUTED {
                merged.extend(groups.into_iter().cloned());
            } else if let Some((first, others)) = groups.split_first() {
                let mut all = (*first).clone();
                for other in others {
                    all.absorb(other);
                }
                merged.push(all);
            }
        }
        merged
    }
}

impl Group {
    fn new(verdict: &Verdict, class: Option<String>) -> Self {
        Self {
            incident: Incident {
                class,
                sources: BTreeSet::from([verdict.flow.key.initiator]),
                targets: BTreeSet::new(),
                ports: BTreeSet::new(),
                alerts: 0,
                first: verdict.flow.first,
                last: verdict.flow.last,
                score: verdict.score,
                reasons: Vec::new(),
                example: verdict.clone(),
            },
            shares: BTreeMap::new(),
        }
    }

    fn push(&mut self, verdict: &Verdict) {
        let incident = &mut self.incident;
        incident.alerts += 1;
        incident.first = incident.first.min(verdict.flow.first);
        incident.last = incident.last.max(verdict.flow.last);
        if verdict.score > incident.score {
            incident.score = verdict.score;
            incident.example = verdict.clone();
        }
        insert(&mut incident.targets, verdict.flow.key.responder);
        insert(&mut incident.ports, verdict.flow.key.responder_port);
        for reason in verdict.alert.iter().flat_map(|alert| &alert.reasons) {
            *self.shares.entry(reason.feature.clone()).or_default() += f64::from(reason.share);
        }
    }

    fn absorb(&mut self, other: &Self) {
        let (own, others) = (&mut self.incident, &other.incident);
        own.alerts += others.alerts;
        own.first = own.first.min(others.first);
        own.last = own.last.max(others.last);
        if others.score > own.score {
            own.score = others.score;
            own.example = others.example.clone();
        }
        for source in &others.sources {
            insert(&mut own.sources, *source);
        }
        for port in &others.ports {
            insert(&mut own.ports, *port);
        }
        for (name, share) in &other.shares {
            *self.shares.entry(name.clone()).or_default() += share;
        }
    }

    fn into_incident(mut self) -> Incident {
        self.incident.reasons = self.shares.into_iter().collect();
        self.incident.reasons.sort_by(|a, b| b.1.total_cmp(&a.1));
        self.incident
    }
}

fn insert<T: Ord>(set: &mut BTreeSet<T>, member: T) {
    if set.len() < MOST_MEMBERS {
        set.insert(member);
    }
}
