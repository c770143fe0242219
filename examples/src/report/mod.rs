//! From verdicts to the views of a report.

pub(crate) mod deeds;
pub(crate) mod facts;
mod listing;
mod map;
mod not_looked_at;
mod service;
pub(crate) mod talkers;
pub(crate) mod words;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use nettraffic_capture::{IpProtocol, PacketMeta};
use nettraffic_detect::{Alert, Detector, Incident, Verdict};
use nettraffic_eval::Evaluation;
use nettraffic_flow::Flow;
use nettraffic_viz::{Exchange, Report, ScorePoint, Share};

use crate::describe::protocol_names;
use crate::{Judging, Summary};
use deeds::Deeds;
use facts::{facts, threshold, top_services};
use listing::{Listing, Place};
use map::Chooser;
use not_looked_at::not_looked_at;
use service::{kind, service};
use talkers::Talkers;

/// Sources and classes of which it is remembered what they did.
const MOST_KINDS: usize = 1_000;
/// Scores that are kept; beyond it the higher one of every two neighbours stays.
const MOST_SCORES: usize = 1 << 20;
/// Incidents that the report lists.
const MOST_INCIDENTS: usize = 1_000;
/// Reasons of an incident.
const MOST_REASONS: usize = 5;

/// Collects what a report shows, in bounded memory, while traffic is judged.
pub struct ReportBuilder {
    report: Report,
    flows: u64,
    services: BTreeMap<String, Share>,
    talkers: Talkers,
    map: Chooser,
    listing: Listing,
    deeds: BTreeMap<Kind, Deeds>,
    thinned: bool,
}

impl ReportBuilder {
    /// A report about `title`.
    #[must_use]
    pub fn new(title: &str) -> Self {
        Self {
            report: Report::new(title),
            flows: 0,
            services: BTreeMap::new(),
            talkers: Talkers::default(),
            map: Chooser::new(),
            listing: Listing::default(),
            deeds: BTreeMap::new(),
            thinned: false,
        }
    }

    /// Counts a packet.
    pub fn packet(&mut self, packet: &PacketMeta) {
        let (time, bytes) = (packet.timestamp.as_nanos(), packet.wire_len.into());
        match kind(packet) {
            Some(kind) => self.report.traffic.add_kind(time, kind, 1, bytes),
            None => self.report.traffic.push(time, bytes),
        }
    }

    /// Counts a flow, judged or not.
    pub fn flow(&mut self, flow: &Flow) {
        self.flows += 1;
        self.talkers.flow(flow);
        let name = service(flow);
        let share = self.services.entry(name.clone()).or_insert_with(|| Share {
            name,
            ..Share::default()
        });
        share.flows += 1;
        share.packets += flow.packets();
        share.bytes += flow.ip_bytes();
    }

    /// Takes in a verdict, with the label of its flow where that is known.
    pub fn verdict(&mut self, verdict: &Verdict, label: Option<&str>) {
        self.map.push(verdict);
        let point = ScorePoint::new(verdict.flow.first.as_nanos(), verdict.score.into());
        if let Some(alert) = &verdict.alert {
            self.report.scores.push(point.alert());
            self.talkers.alert(verdict.flow.key.initiator);
            let class = alert.class.as_ref().map(|class| class.name.clone());
            let kind = (verdict.flow.key.initiator, class);
            let place = self.listing.place(verdict, &kind);
            self.remember(verdict, kind);
            match place {
                Place::Next => self.report.alerts.push(alert_view(verdict, alert, label)),
                Place::InsteadOf(index) => {
                    self.report.alerts[index] = alert_view(verdict, alert, label);
                    self.report.further_alerts += 1;
                }
                Place::None => self.report.further_alerts += 1,
            }
        } else {
            self.report.scores.push(point);
        }
        self.bound_scores();
    }

    /// The report, once everything is judged.
    #[must_use]
    pub fn finish(
        mut self,
        detector: &Detector,
        summary: &Summary,
        judging: &Judging,
        evaluation: Option<&Evaluation>,
    ) -> Report {
        let incidents = judging.ranked_incidents();
        self.report.facts = facts(detector, judging);
        self.report.account = summary.facts();
        self.report.threshold = Some(threshold(detector));
        self.report.incidents = incidents
            .iter()
            .take(MOST_INCIDENTS)
            .map(|incident| self.incident(incident))
            .collect();
        self.report.not_looked_at = not_looked_at(summary, &self, judging, evaluation);
        self.report.talkers = self.talkers.listed();
        self.report.map = self.map.finish();
        self.report.services = top_services(self.services);
        self.report.evaluation = evaluation.cloned();
        self.report.warnings = summary.errors();
        if self.thinned {
            self.report.warnings.push(format!(
                "More than {MOST_SCORES} flows were judged: the timeline shows the higher score of \
                 neighbouring ones."
            ));
        }
        self.report
    }

    /// Adds an alert to what its source did.
    fn remember(&mut self, verdict: &Verdict, kind: Kind) {
        if self.deeds.len() < MOST_KINDS || self.deeds.contains_key(&kind) {
            self.deeds.entry(kind).or_default().push(verdict);
        }
    }

    /// An incident with what its sources did, as far as that is remembered.
    fn incident(&self, incident: &Incident) -> nettraffic_viz::Incident {
        let deeds: Vec<&Deeds> = (incident.sources.iter())
            .filter_map(|source| self.deeds.get(&(*source, incident.class.clone())))
            .collect();
        let remembered: u64 = deeds.iter().map(|deeds| deeds.alerts).sum();
        let mut exchange = Exchange::default();
        for deeds in &deeds {
            deeds::add(&mut exchange, &deeds.exchange);
        }
        let all: f64 = incident.reasons.iter().map(|(_, share)| share).sum();
        let all = all.max(f64::MIN_POSITIVE);
        let reason = |(feature, share): &(String, f64)| {
            let of_all = deeds
                .iter()
                .filter_map(|deeds| deeds.typical(feature, share / all));
            // What most of its alerts showed; of equals, the first source's.
            let most = of_all.reduce(|most, next| if next.0 > most.0 { next } else { most });
            most.map(|(_, reason)| reason)
        };
        let mut reasons: Vec<_> = (incident.reasons.iter())
            .take(MOST_REASONS)
            .filter_map(reason)
            .collect();
        // What is usual by itself says less to a reader.
        reasons.sort_by_key(nettraffic_viz::Reason::is_usual);
        nettraffic_viz::Incident {
            class: incident.class.clone(),
            sources: incident.sources.iter().map(ToString::to_string).collect(),
            targets: incident.targets.iter().map(ToString::to_string).collect(),
            ports: incident.ports.iter().copied().collect(),
            protocols: protocol_names(&incident.protocols),
            truncated: incident.truncated,
            alerts: incident.alerts,
            flows: None,
            first_ns: incident.first.as_nanos(),
            last_ns: incident.last.as_nanos(),
            score: incident.score.into(),
            exchange: (remembered == incident.alerts).then_some(exchange),
            rhythm: match deeds[..] {
                [only] if remembered == incident.alerts => only.rhythm(),
                _ => None,
            },
            reasons,
        }
    }

    fn bound_scores(&mut self) {
        let scores = &mut self.report.scores;
        if scores.len() >= 2 * MOST_SCORES {
            let higher = |pair: &[ScorePoint]| {
                pair.iter()
                    .copied()
                    .reduce(|a, b| if b.score > a.score { b } else { a })
            };
            *scores = scores.chunks(2).filter_map(higher).collect();
            self.thinned = true;
        }
    }
}

/// Alerts of one source and class are of one kind.
type Kind = (IpAddr, Option<String>);

pub(crate) fn alert_view(
    verdict: &Verdict,
    alert: &Alert,
    label: Option<&str>,
) -> nettraffic_viz::Alert {
    let (flow, key) = (&verdict.flow, &verdict.flow.key);
    nettraffic_viz::Alert {
        id: alert.id.to_string(),
        class: alert.class.as_ref().map(|class| class.name.clone()),
        first_ns: flow.first.as_nanos(),
        last_ns: flow.last.as_nanos(),
        source: endpoint(key.initiator, key.initiator_port, key.protocol),
        target: endpoint(key.responder, key.responder_port, key.protocol),
        service: service(flow),
        score: verdict.score.into(),
        exchange: Some(deeds::exchange(verdict)),
        reasons: alert.reasons.iter().map(deeds::view).collect(),
        label: label.map(ToOwned::to_owned),
    }
}

fn endpoint(address: IpAddr, port: u16, protocol: IpProtocol) -> String {
    match protocol {
        IpProtocol::TCP | IpProtocol::UDP => SocketAddr::new(address, port).to_string(),
        _ => address.to_string(),
    }
}
