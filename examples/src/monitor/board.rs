//! From what a sensor tells to its live page.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use nettraffic_detect::{AllowEntry, Detector, Evidence, Verdict};
use nettraffic_features::community_id;
use nettraffic_sensor::{
    Fate, IncidentId, Observer, OpenIncident, OpenIncidents, Phase, Second, SensorAlert, Severity,
    Status,
};
use nettraffic_viz::{Fact, Reason, ScorePoint, live};

use super::allowed::allowed;
use super::health::{health, learning};
use super::metrics::metrics;
use crate::card::{card_page, drifted};
use crate::describe::{grouped, protocol_names};
use crate::report::alert_view;
use crate::report::deeds;
use crate::report::facts::threshold;
use crate::report::talkers::Talkers;

/// Hosts are told anew with every so manieth status.
const HOSTS_EVERY: u64 = 5;
/// Incidents that are told of.
const MOST_INCIDENTS: usize = 300;
/// Suppressed alerts that the page is told of beyond as many as were written.
const MOST_SUPPRESSED: u64 = 500;
/// A second of packet time, in nanoseconds.
const SECOND: u64 = 1_000_000_000;

/// Writes what a sensor tells to the board of its live page.
pub(super) struct BoardObserver {
    board: live::Board,
    talkers: Talkers,
    statuses: u64,
    /// Alerts of each incident when it was told of last.
    told: HashMap<IncidentId, u64>,
    /// Alerts that were written, and suppressed ones, that the page was told of.
    written: u64,
    suppressed: u64,
    sensor: live::Sensor,
    /// What was told of the allow-list last.
    allowed: Vec<live::Allowed>,
    metrics: Arc<Mutex<Vec<live::Metric>>>,
}

impl BoardObserver {
    pub(super) fn new(board: live::Board, source: &str) -> Self {
        let sensor = live::Sensor {
            name: "nettraffic-monitor".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            source: source.to_owned(),
            ..live::Sensor::default()
        };
        board.set_sensor(sensor.clone());
        let metrics = Arc::<Mutex<Vec<live::Metric>>>::default();
        let told = Arc::clone(&metrics);
        board.set_metrics(move || told.lock().unwrap_or_else(PoisonError::into_inner).clone());
        Self {
            metrics,
            board,
            talkers: Talkers::default(),
            statuses: 0,
            told: HashMap::new(),
            written: 0,
            suppressed: 0,
            sensor,
            allowed: Vec::new(),
        }
    }

    /// Tells of the allow-list when it has changed or was of use.
    fn tell_allowed(&mut self, status: &Status) {
        let allowed = allowed(status);
        if self.allowed != allowed {
            self.allowed.clone_from(&allowed);
            self.board.set_allowed(allowed);
        }
    }

    fn tell_incidents(&mut self, incidents: &OpenIncidents) {
        // Those that are over, or became part of another.
        let over: Vec<IncidentId> = (self.told.keys().copied())
            .filter(|id| !incidents.is_open(*id))
            .collect();
        for id in over {
            self.told.remove(&id);
            if let Some(incident) = incidents.get(id) {
                let mut view = incident_view(incident);
                (view.id, view.open) = (id.to_string(), false);
                self.board.set_incident(view);
            }
        }
        let ranked = incidents.ranked(MOST_INCIDENTS);
        for incident in &ranked {
            let alerts = incident.facts.alerts;
            if self.told.insert(incident.id, alerts) != Some(alerts) {
                self.board.set_incident(incident_view(incident));
            }
        }
        if self.told.len() > 10 * MOST_INCIDENTS {
            self.told
                .retain(|id, _| ranked.iter().any(|incident| incident.id == *id));
        }
    }
}

impl Observer for BoardObserver {
    fn flow(&mut self, verdict: &Verdict) {
        let point = ScorePoint::new(verdict.flow.ended.as_nanos(), verdict.score.into());
        self.board.push_score(match verdict.alert {
            Some(_) => point.alert(),
            None => point,
        });
        self.talkers.flow(&verdict.flow);
    }

    fn alert(&mut self, alert: &SensorAlert, fate: &Fate) {
        let (verdict, what) = (alert.verdict(), alert.alert());
        self.talkers.alert(verdict.flow.key.initiator);
        match fate {
            Fate::Write => self.written += 1,
            // They must not push those that were written from the page.
            Fate::Suppress(_) if self.suppressed > self.written + MOST_SUPPRESSED => return,
            Fate::Suppress(_) => self.suppressed += 1,
        }
        self.board.push_alert(live::LiveAlert {
            alert: alert_view(verdict, what, None),
            raised_ns: alert.time().as_nanos(),
            severity: severity(alert.severity),
            severity_reason: Severity::reason(what),
            raised_by: match what.evidence {
                Evidence::Known => {
                    "its likeness to a known attack; the score is below the threshold".to_owned()
                }
                _ => "a score above the threshold".to_owned(),
            },
            threshold: Some(verdict.threshold.into()),
            p_value: Some(what.p_value),
            model: alert.detector.to_string(),
            uid: verdict.flow.uid().to_string(),
            community_id: community_id(&verdict.flow),
            incident: Some(alert.incident.to_string()),
            suppressed: match fate {
                Fate::Write => None,
                Fate::Suppress(why) => Some(live::Suppressed {
                    by: why.name().replace('_', " "),
                    reason: why.to_string(),
                }),
            },
            mark_scope: scope(alert),
        });
    }

    fn second(&mut self, second: &Second) {
        let end = second.begin.as_nanos().saturating_add(SECOND as i64);
        if self.sensor.started_ns == 0 {
            self.sensor.started_ns = second.begin.as_nanos();
            self.board.set_sensor(self.sensor.clone());
        }
        self.board.push_sample(live::TrafficSample {
            time_ns: end,
            length_ns: SECOND,
            packets: second.packets,
            bytes: second.wire_bytes,
            flows: second.flows,
        });
    }

    fn status(&mut self, status: &Status, incidents: &OpenIncidents) {
        self.board.set_health(health(status));
        self.tell_allowed(status);
        *self.metrics.lock().unwrap_or_else(PoisonError::into_inner) = metrics(status);
        self.board.set_learning(learning(status));
        if let Some(drift) = &status.drift {
            self.board.set_drift(drifted(drift));
        }
        self.tell_incidents(incidents);
        if self.statuses.is_multiple_of(HOSTS_EVERY) || status.phase == Phase::Ended {
            self.board.set_hosts(self.talkers.listed());
        }
        self.statuses += 1;
    }

    fn serving(&mut self, detector: &Arc<Detector>) {
        let card = detector.card();
        self.board.set_model(live::Model {
            name: format!("{} {}", card.model, card.id),
            threshold: Some(threshold(detector)),
            facts: vec![
                Fact::new("Features", card.feature_sets.replace(',', ", ")),
                Fact::new("Benign flows learned from", grouped(card.training.fitted)),
            ],
        });
        let file = Path::new("the serving detector");
        self.board.set_card(&card_page(file, detector, &card, None));
    }
}

fn severity(severity: Severity) -> live::Severity {
    match severity {
        Severity::Low => live::Severity::Low,
        Severity::Medium => live::Severity::Medium,
        Severity::High => live::Severity::High,
        Severity::Critical => live::Severity::Critical,
    }
}

/// What a mark would cover, told before it is made.
fn scope(alert: &SensorAlert) -> Option<String> {
    let now = alert.time();
    let entry = AllowEntry::of_false_alarm(alert.verdict(), alert.model(), "", now)?;
    let days = entry.expires()?.saturating_since(now).as_secs() / 86_400;
    Some(format!("{}, for {days} days", entry.criteria()))
}

fn incident_view(incident: &OpenIncident) -> live::LiveIncident {
    let facts = &incident.facts;
    let reasons = incident.worst.alert().reasons.iter();
    let reasons: Vec<Reason> = reasons.map(deeds::view).collect();
    live::LiveIncident {
        id: incident.id.to_string(),
        incident: nettraffic_viz::Incident {
            class: facts.class.clone(),
            sources: facts.sources.iter().map(ToString::to_string).collect(),
            targets: facts.targets.iter().map(ToString::to_string).collect(),
            ports: facts.ports.iter().copied().collect(),
            protocols: protocol_names(&facts.protocols),
            truncated: facts.truncated,
            alerts: facts.alerts,
            flows: Some(incident.flows),
            first_ns: facts.first.as_nanos(),
            last_ns: facts.last.as_nanos(),
            score: facts.score.into(),
            exchange: None,
            rhythm: None,
            reasons,
        },
        severity: severity(incident.severity),
        severity_reason: format!(
            "its most urgent alert {}",
            Severity::reason(incident.worst.alert())
        ),
        open: true,
    }
}
