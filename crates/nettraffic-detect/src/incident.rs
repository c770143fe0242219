//! Alerts that belong together: one source with all it did, or many sources with one target.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use nettraffic_capture::{IpProtocol, Timestamp};
use nettraffic_flow::Flow;

use crate::Verdict;

/// Groups that are kept apart; the alerts of further sources are only counted.
const MOST_INCIDENTS: usize = 10_000;
/// Sources, targets and ports that are remembered of one incident.
const MOST_MEMBERS: usize = 1_000;
/// From this many sources on, alerts of one class on one target are one distributed incident.
const DISTRIBUTED: u64 = 5;

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
    /// Responder ports of TCP and UDP, at most 1,000.
    pub ports: BTreeSet<u16>,
    /// Protocols of the flows.
    pub protocols: BTreeSet<IpProtocol>,
    /// Whether there were more sources, targets or ports than are remembered.
    pub truncated: bool,
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
///
/// When there are too many sources, those of distributed attacks are put together, so that
/// a flood from made-up addresses does not hide the sources that come after it.
#[derive(Clone, Debug, Default)]
pub struct Incidents {
    groups: Groups,
    alerts: u64,
    not_grouped: u64,
}

/// Whose alerts a group holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Actor {
    /// Those of one source.
    Source(IpAddr),
    /// Those of the many sources that went to one target.
    AllOn(IpAddr),
}

type Key = (Actor, Option<String>);
type Groups = BTreeMap<Key, Incident>;

impl Incidents {
    /// Takes in a verdict; one without an alert changes nothing.
    pub fn push(&mut self, verdict: &Verdict) {
        let Some(alert) = &verdict.alert else { return };
        self.alerts += 1;
        let class = alert.class.as_ref().map(|class| class.name.clone());
        let own = (Actor::Source(verdict.flow.key.initiator), class.clone());
        let shared = (Actor::AllOn(verdict.flow.key.responder), class);
        // To make room takes long, so it is tried now and then when it did not help.
        let is_new = !self.groups.contains_key(&own) && !self.groups.contains_key(&shared);
        let is_due = self.not_grouped.is_multiple_of(MOST_INCIDENTS as u64);
        if is_new && self.groups.len() >= MOST_INCIDENTS && is_due {
            self.groups = merged(&self.groups);
        }
        let key = match self.groups.contains_key(&shared) {
            true if !self.groups.contains_key(&own) => shared,
            _ => own,
        };
        if let Some(group) = self.groups.get_mut(&key) {
            group.add(verdict, MOST_MEMBERS);
        } else if self.groups.len() < MOST_INCIDENTS {
            self.groups.insert(key, Incident::of(verdict));
        } else {
            self.not_grouped += 1;
        }
    }

    /// All alerts taken in.
    #[must_use]
    pub fn alerts(&self) -> u64 {
        self.alerts
    }

    /// Alerts of sources for which there was no room: beyond 10,000 incidents.
    #[must_use]
    pub fn not_grouped(&self) -> u64 {
        self.not_grouped
    }

    /// The incidents: named ones first, then by number of alerts, score and source.
    #[must_use]
    pub fn ranked(&self) -> Vec<Incident> {
        let mut incidents: Vec<Incident> = merged(&self.groups).into_values().collect();
        incidents.sort_by(|a, b| {
            (b.class.is_some().cmp(&a.class.is_some()))
                .then(b.alerts.cmp(&a.alerts))
                .then(b.score.total_cmp(&a.score))
                .then_with(|| a.sources.cmp(&b.sources))
                .then_with(|| a.class.cmp(&b.class))
        });
        incidents
    }
}

/// The groups, those of a distributed attack put together: five sources or more that each had
/// alerts of one class on one and the same target alone.
fn merged(groups: &Groups) -> Groups {
    let mut sources: BTreeMap<Key, u64> = BTreeMap::new();
    let shared_key = |(actor, class): &Key, group: &Incident| match actor {
        Actor::AllOn(_) => None,
        Actor::Source(_) => Some((Actor::AllOn(group.only_target()?), class.clone())),
    };
    for (key, group) in groups {
        if let Some(shared) = shared_key(key, group) {
            *sources.entry(shared).or_default() += 1;
        }
    }
    let is_distributed = |key: &Key| {
        groups.contains_key(key) || sources.get(key).is_some_and(|count| *count >= DISTRIBUTED)
    };
    let mut merged = Groups::new();
    for (key, group) in groups {
        let key = shared_key(key, group)
            .filter(is_distributed)
            .unwrap_or_else(|| key.clone());
        match merged.get_mut(&key) {
            Some(all) => all.absorb(group, MOST_MEMBERS),
            None => {
                merged.insert(key, group.clone());
            }
        }
    }
    merged
}

impl Incident {
    /// That of one alert. The verdict's own class is its class.
    #[must_use]
    pub fn of(verdict: &Verdict) -> Self {
        let class = verdict
            .alert
            .as_ref()
            .and_then(|alert| alert.class.as_ref());
        let mut incident = Self {
            class: class.map(|class| class.name.clone()),
            sources: BTreeSet::new(),
            targets: BTreeSet::new(),
            ports: BTreeSet::new(),
            protocols: BTreeSet::new(),
            truncated: false,
            alerts: 0,
            first: verdict.flow.first,
            last: verdict.flow.last,
            score: verdict.score,
            reasons: Vec::new(),
            example: verdict.clone(),
        };
        incident.add(verdict, MOST_MEMBERS);
        incident
    }

    /// Takes in another alert; beyond `most_members` no further sources, targets or ports are remembered.
    pub fn add(&mut self, verdict: &Verdict, most_members: usize) {
        let flow = &verdict.flow;
        self.alerts += 1;
        self.first = self.first.min(flow.first);
        self.last = self.last.max(flow.last);
        if verdict.score > self.score {
            self.score = verdict.score;
            self.example = verdict.clone();
        }
        self.protocols.insert(flow.key.protocol);
        let (source, target) = (flow.key.initiator, flow.key.responder);
        self.remember([source], [target], service_port(flow), most_members);
        for reason in verdict.alert.iter().flat_map(|alert| &alert.reasons) {
            self.add_reason(&reason.feature, f64::from(reason.share));
        }
        self.sort_reasons();
    }

    /// Takes in all of another incident.
    pub fn absorb(&mut self, other: &Self, most_members: usize) {
        self.alerts += other.alerts;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.protocols.extend(&other.protocols);
        self.truncated |= other.truncated;
        if other.score > self.score {
            self.score = other.score;
            self.example = other.example.clone();
        }
        let (sources, targets) = (other.sources.iter().copied(), other.targets.iter().copied());
        self.remember(sources, targets, other.ports.iter().copied(), most_members);
        for (feature, share) in &other.reasons {
            self.add_reason(feature, *share);
        }
        self.sort_reasons();
    }

    /// Its target, when there is one alone.
    #[must_use]
    pub fn only_target(&self) -> Option<IpAddr> {
        let mut targets = self.targets.iter();
        targets.next().filter(|_| targets.next().is_none()).copied()
    }

    fn add_reason(&mut self, feature: &str, share: f64) {
        match self.reasons.iter_mut().find(|(name, _)| name == feature) {
            Some((_, sum)) => *sum += share,
            None => self.reasons.push((feature.to_owned(), share)),
        }
    }

    fn sort_reasons(&mut self) {
        (self.reasons).sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    }

    fn remember(
        &mut self,
        sources: impl IntoIterator<Item = IpAddr>,
        targets: impl IntoIterator<Item = IpAddr>,
        ports: impl IntoIterator<Item = u16>,
        most: usize,
    ) {
        self.truncated |= insert(&mut self.sources, sources, most)
            | insert(&mut self.targets, targets, most)
            | insert(&mut self.ports, ports, most);
    }
}

/// Inserts up to the limit; whether there were more.
fn insert<T: Ord>(
    set: &mut BTreeSet<T>,
    members: impl IntoIterator<Item = T>,
    most: usize,
) -> bool {
    let mut more = false;
    for member in members {
        if set.len() < most {
            set.insert(member);
        } else {
            more |= !set.contains(&member);
        }
    }
    more
}

/// The port that names the service, where the protocol has ports.
fn service_port(flow: &Flow) -> Option<u16> {
    matches!(flow.key.protocol, IpProtocol::TCP | IpProtocol::UDP)
        .then_some(flow.key.responder_port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Alert, AlertId, ClassGuess, Evidence, Expected, Observed, Reason};
    use nettraffic_capture::IpProtocol;
    use nettraffic_features::Unit;
    use nettraffic_flow::{Flow, FlowKey};
    use std::net::Ipv4Addr;

    fn address(number: u32) -> IpAddr {
        Ipv4Addr::from(number).into()
    }

    fn verdict(source: u32, target: u32, port: u16, class: &str, score: f32) -> Verdict {
        let (source, target) = (address(source), address(target));
        let key = FlowKey::new(source, 40_000, target, port, IpProtocol::TCP);
        let reason = Reason {
            feature: "duration".into(),
            unit: Unit::Seconds,
            observed: Observed::Number(1.0),
            expected: Expected::Range {
                low: 0.0,
                high: 0.5,
            },
            share: 0.25,
        };
        Verdict {
            flow: Flow::new(key, Timestamp::from_seconds(i64::from(port), 0), ()),
            score,
            threshold: 0.5,
            alert: Some(Alert {
                id: AlertId(0),
                evidence: Evidence::Unusual,
                p_value: 0.01,
                class: (!class.is_empty()).then(|| ClassGuess {
                    name: class.into(),
                    probability: 0.9,
                }),
                reasons: vec![reason],
            }),
        }
    }

    fn incidents(verdicts: impl IntoIterator<Item = Verdict>) -> Incidents {
        let mut incidents = Incidents::default();
        verdicts
            .into_iter()
            .for_each(|verdict| incidents.push(&verdict));
        incidents
    }

    /// Class, sources, targets, alerts of each.
    fn outline(incidents: &Incidents) -> Vec<(String, usize, usize, u64)> {
        (incidents.ranked().into_iter())
            .map(|i| {
                (
                    i.class.unwrap_or_default(),
                    i.sources.len(),
                    i.targets.len(),
                    i.alerts,
                )
            })
            .collect()
    }

    #[test]
    fn alerts_of_one_source_and_class_are_one_incident() {
        let mut usual = verdict(1, 9, 80, "", 1.0);
        usual.alert = None;
        let grouped = incidents([
            usual,
            verdict(1, 10, 22, "scan", 1.0),
            verdict(1, 11, 23, "scan", 3.0),
            verdict(1, 12, 22, "scan", 2.0),
            verdict(1, 10, 22, "", 9.0),
            verdict(2, 10, 22, "scan", 1.0),
        ]);
        assert_eq!((grouped.alerts(), grouped.not_grouped()), (5, 0));
        let ranked = grouped.ranked();
        let scan = &ranked[0];
        assert_eq!(scan.sources, BTreeSet::from([address(1)]));
        assert_eq!(scan.targets, [10, 11, 12].map(address).into());
        assert_eq!(scan.ports, [22, 23].into());
        assert_eq!((scan.alerts, scan.score, scan.truncated), (3, 3.0, false));
        assert_eq!(scan.first, Timestamp::from_seconds(22, 0));
        assert_eq!(scan.last, Timestamp::from_seconds(23, 0));
        assert_eq!(scan.example.flow.key.responder, address(11));
        assert_eq!(scan.reasons, [("duration".to_owned(), 0.75)]);
    }

    #[test]
    fn named_incidents_come_first_then_large_strange_and_low_ones() {
        let grouped = incidents([
            verdict(5, 50, 1, "", 9.0),
            verdict(5, 51, 1, "", 9.0),
            verdict(4, 40, 1, "flood", 1.0),
            verdict(3, 30, 1, "scan", 2.0),
            verdict(2, 20, 1, "scan", 1.0),
            verdict(2, 21, 1, "scan", 1.0),
            verdict(1, 10, 1, "scan", 1.0),
        ]);
        let order: Vec<_> = (grouped.ranked().iter())
            .flat_map(|incident| incident.sources.clone())
            .collect();
        assert_eq!(order, [2, 3, 1, 4, 5].map(address));
    }

    #[test]
    fn five_sources_on_one_target_are_a_distributed_incident() {
        let flood = |sources| (1..=sources).map(|source| verdict(source, 99, 80, "flood", 1.0));
        assert_eq!(
            outline(&incidents(flood(4))),
            vec![("flood".into(), 1, 1, 1); 4]
        );
        assert_eq!(outline(&incidents(flood(5))), [("flood".into(), 5, 1, 5)]);
        // A source with a second target, or of another class, stands for itself.
        let others = [
            verdict(1, 98, 80, "flood", 1.0),
            verdict(2, 99, 80, "scan", 1.0),
        ];
        assert_eq!(
            outline(&incidents(flood(6).chain(others))),
            [
                ("flood".into(), 5, 1, 5),
                ("flood".into(), 1, 2, 2),
                ("scan".into(), 1, 1, 1),
            ]
        );
    }

    #[test]
    fn a_flood_of_made_up_sources_takes_one_place_and_hides_nobody() {
        let flood = (0..100_000).map(|source| verdict(1_000_000 + source, 99, 80, "flood", 1.0));
        let late = verdict(7, 55, 22, "scan", 1.0);
        let grouped = incidents(flood.chain([late]));
        assert!(grouped.groups.len() <= MOST_INCIDENTS);
        assert_eq!((grouped.alerts(), grouped.not_grouped()), (100_001, 0));
        let ranked = grouped.ranked();
        assert_eq!(
            outline(&grouped),
            [
                ("flood".into(), MOST_MEMBERS, 1, 100_000),
                ("scan".into(), 1, 1, 1)
            ]
        );
        assert!(ranked[0].truncated && !ranked[1].truncated);
    }

    #[test]
    fn what_has_no_room_is_counted() {
        // Each source has a target of its own, so nothing can be put together.
        let count = MOST_INCIDENTS as u32 + 2_000;
        let apart = (0..count).map(|number| verdict(number, 1_000_000 + number, 80, "", 1.0));
        let again = verdict(3, 1_000_003, 81, "", 1.0);
        let grouped = incidents(apart.chain([again]));
        assert_eq!(grouped.groups.len(), MOST_INCIDENTS);
        assert_eq!(
            (grouped.alerts(), grouped.not_grouped()),
            (u64::from(count) + 1, 2_000)
        );
        // Who has a place keeps it.
        let kept: u64 = grouped
            .ranked()
            .iter()
            .map(|incident| incident.alerts)
            .sum();
        assert_eq!(kept, MOST_INCIDENTS as u64 + 1);
    }
}
