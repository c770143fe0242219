//! What a report tells, as data for other programs and for the page's own script.

use std::collections::BTreeMap;

use serde::Serialize;

use super::alerts;
use crate::page::reasons;
use crate::{
    Alert, Exchange, Fact, FlowMap, Incident, Reason, Report, Rhythm, Share, Talker, Threshold,
    Unit, sentence, time,
};

/// The data of a report. Times are UTC.
#[derive(Serialize)]
pub(super) struct Data<'a> {
    format: &'static str,
    title: &'a str,
    from: Option<String>,
    to: Option<String>,
    threshold: Option<&'a Threshold>,
    flows_judged: usize,
    alerts_raised: u64,
    facts: &'a [Fact],
    account: &'a [Fact],
    not_looked_at: &'a [Fact],
    warnings: &'a [String],
    incidents: Vec<IncidentData<'a>>,
    /// What alerts refer to: features with what is usual of them.
    reasons: Vec<ReasonKind<'a>>,
    alerts: Vec<AlertData<'a>>,
    traffic: TrafficData<'a>,
    talkers: &'a [Talker],
    services: &'a [Share],
    map: Option<&'a FlowMap>,
}

#[derive(Serialize)]
struct IncidentData<'a> {
    kind: Option<&'a str>,
    sentence: String,
    sources: &'a [String],
    targets: &'a [String],
    ports: &'a [u16],
    truncated: bool,
    alerts: u64,
    first: String,
    last: String,
    score: f64,
    exchange: Option<Exchange>,
    rhythm: Option<Rhythm>,
    reasons: Vec<Given<'a>>,
}

#[derive(Serialize)]
struct AlertData<'a> {
    id: &'a str,
    kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    first: String,
    last: String,
    source: &'a str,
    target: &'a str,
    service: &'a str,
    score: f64,
    exchange: Option<Exchange>,
    sentence: String,
    reasons: Vec<Given<'a>>,
}

/// Place among the kinds of reason, what was observed in words and as a number, and its share.
type Given<'a> = (usize, &'a str, Option<f64>, f64);

#[derive(Serialize, PartialEq)]
struct ReasonKind<'a> {
    feature: &'a str,
    words: String,
    unit: Unit,
    usual: Option<(f64, f64)>,
    expected: &'a str,
}

#[derive(Serialize)]
struct TrafficData<'a> {
    bin_seconds: f64,
    kinds: Vec<&'a str>,
    /// Begin, packets, bytes, and bytes of each kind.
    bins: Vec<(String, u64, u64, Vec<u64>)>,
}

impl<'a> Data<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let mut kinds = ReasonKinds::default();
        let incidents = report.incidents.iter().take(report.limits.incidents);
        let incidents = incidents.map(|told| incident(told, &mut kinds)).collect();
        let alerts = alerts::shown(report).into_iter();
        let alerts = alerts.map(|told| alert(told, &mut kinds)).collect();
        let span = report.span();
        Self {
            format: "nettraffic report 1",
            title: &report.title,
            from: span.map(|(first, _)| time::iso(first)),
            to: span.map(|(_, last)| time::iso(last)),
            threshold: report.threshold.as_ref(),
            flows_judged: report.scores.len(),
            alerts_raised: report.alert_count(),
            facts: &report.facts,
            account: &report.account,
            not_looked_at: &report.not_looked_at,
            warnings: &report.warnings,
            incidents,
            reasons: kinds.kinds,
            alerts,
            traffic: traffic(report),
            talkers: &report.talkers,
            services: &report.services,
            map: report.map.as_ref(),
        }
    }
}

fn incident<'a>(told: &'a Incident, kinds: &mut ReasonKinds<'a>) -> IncidentData<'a> {
    IncidentData {
        kind: told.class.as_deref(),
        sentence: sentence::incident(told),
        sources: &told.sources,
        targets: &told.targets,
        ports: &told.ports,
        truncated: told.truncated,
        alerts: told.alerts,
        first: time::iso(told.first_ns),
        last: time::iso(told.last_ns),
        score: told.score,
        exchange: told.exchange,
        rhythm: told.rhythm,
        reasons: kinds.given(&told.reasons),
    }
}

fn alert<'a>(told: &'a Alert, kinds: &mut ReasonKinds<'a>) -> AlertData<'a> {
    AlertData {
        id: &told.id,
        kind: told.class.as_deref(),
        label: told.label.as_deref(),
        first: time::iso(told.first_ns),
        last: time::iso(told.last_ns),
        source: &told.source,
        target: &told.target,
        service: &told.service,
        score: told.score,
        exchange: told.exchange,
        sentence: sentence::alert(told),
        reasons: kinds.given(&told.reasons),
    }
}

fn traffic(report: &Report) -> TrafficData<'_> {
    let kinds = report.traffic.kinds();
    let bins = report.traffic.bins().map(|(begin, volume)| {
        let parts = kinds.iter().map(|&(kind, _)| volume.of(kind)).collect();
        (time::iso(begin), volume.packets, volume.bytes, parts)
    });
    TrafficData {
        bin_seconds: report.traffic.width_ns() as f64 / 1e9,
        bins: bins.collect(),
        kinds: kinds.into_iter().map(|(_, name)| name).collect(),
    }
}

/// The same feature with the same usual values is told once, however many alerts it drove.
#[derive(Default)]
struct ReasonKinds<'a> {
    kinds: Vec<ReasonKind<'a>>,
    places: BTreeMap<(&'a str, &'a str), Vec<usize>>,
}

impl<'a> ReasonKinds<'a> {
    fn given(&mut self, reasons: &'a [Reason]) -> Vec<Given<'a>> {
        let given = |reason: &'a Reason| {
            let place = self.place(reason);
            // Finer shares are not to be seen.
            let share = (reason.share * 1e5).round() / 1e5;
            (place, reason.observed.as_str(), reason.value, share)
        };
        reasons.iter().map(given).collect()
    }

    fn place(&mut self, reason: &'a Reason) -> usize {
        let kind = ReasonKind {
            feature: &reason.feature,
            words: reasons::name(reason),
            unit: reason.unit,
            usual: reason.usual,
            expected: &reason.expected,
        };
        let places = (self.places)
            .entry((kind.feature, kind.expected))
            .or_default();
        if let Some(place) = places.iter().find(|place| self.kinds[**place] == kind) {
            return *place;
        }
        places.push(self.kinds.len());
        self.kinds.push(kind);
        self.kinds.len() - 1
    }
}
