//! Alerts and incidents as pages and programs read them. Times are nanoseconds since the Unix epoch.

use serde::Serialize;

use super::marks::Mark;
use super::picture::Shown;
use crate::live::{LiveIncident, Severity, Suppressed};
use crate::{Exchange, Reason, Rhythm, Unit, sentence};

#[derive(Serialize)]
pub(in crate::live) struct AlertWire<'a> {
    id: &'a str,
    raised_ns: i64,
    first_ns: i64,
    last_ns: i64,
    class: Option<&'a str>,
    severity: Severity,
    severity_reason: &'a str,
    raised_by: &'a str,
    source: &'a str,
    target: &'a str,
    service: &'a str,
    score: f64,
    threshold: Option<f64>,
    p_value: Option<f64>,
    model: &'a str,
    uid: &'a str,
    community_id: Option<&'a str>,
    incident: Option<&'a str>,
    label: Option<&'a str>,
    exchange: Option<Exchange>,
    suppressed: Option<&'a Suppressed>,
    mark: &'a Mark,
    mark_scope: Option<&'a str>,
    sentence: String,
    reasons: Vec<ReasonWire<'a>>,
}

impl<'a> AlertWire<'a> {
    pub(in crate::live) fn of(Shown { told, mark }: &'a Shown) -> Self {
        let alert = &told.alert;
        Self {
            id: &alert.id,
            raised_ns: told.raised_ns,
            first_ns: alert.first_ns,
            last_ns: alert.last_ns,
            class: alert.class.as_deref(),
            severity: told.severity,
            severity_reason: &told.severity_reason,
            raised_by: &told.raised_by,
            source: &alert.source,
            target: &alert.target,
            service: &alert.service,
            score: alert.score,
            threshold: told.threshold,
            p_value: told.p_value,
            model: &told.model,
            uid: &told.uid,
            community_id: told.community_id.as_deref(),
            incident: told.incident.as_deref(),
            label: alert.label.as_deref(),
            exchange: alert.exchange,
            suppressed: told.suppressed.as_ref(),
            mark,
            mark_scope: told.mark_scope.as_deref(),
            sentence: sentence::alert(alert),
            reasons: alert.reasons.iter().map(ReasonWire::of).collect(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct IncidentWire<'a> {
    id: &'a str,
    class: Option<&'a str>,
    severity: Severity,
    severity_reason: &'a str,
    open: bool,
    sources: &'a [String],
    targets: &'a [String],
    ports: &'a [u16],
    truncated: bool,
    alerts: u64,
    /// Fewer than alerts where a flow raised several.
    flows: u64,
    first_ns: i64,
    last_ns: i64,
    score: f64,
    exchange: Option<Exchange>,
    rhythm: Option<Rhythm>,
    sentence: String,
    reasons: Vec<ReasonWire<'a>>,
}

impl<'a> IncidentWire<'a> {
    pub(super) fn of(told: &'a LiveIncident) -> Self {
        let incident = &told.incident;
        Self {
            id: &told.id,
            class: incident.class.as_deref(),
            severity: told.severity,
            severity_reason: &told.severity_reason,
            open: told.open,
            sources: &incident.sources,
            targets: &incident.targets,
            ports: &incident.ports,
            truncated: incident.truncated,
            alerts: incident.alerts,
            flows: incident.flows.unwrap_or(incident.alerts),
            first_ns: incident.first_ns,
            last_ns: incident.last_ns,
            score: incident.score,
            exchange: incident.exchange,
            rhythm: incident.rhythm,
            sentence: sentence::incident(incident),
            reasons: incident.reasons.iter().map(ReasonWire::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct ReasonWire<'a> {
    feature: &'a str,
    words: String,
    unit: Unit,
    observed: &'a str,
    expected: &'a str,
    value: Option<f64>,
    usual: Option<(f64, f64)>,
    share: f64,
}

impl<'a> ReasonWire<'a> {
    fn of(reason: &'a Reason) -> Self {
        let words = reason.words.clone();
        Self {
            feature: &reason.feature,
            words: words.unwrap_or_else(|| sentence::words(&reason.feature)),
            unit: reason.unit,
            observed: &reason.observed,
            expected: &reason.expected,
            value: reason.value,
            usual: reason.usual,
            share: reason.share,
        }
    }
}
