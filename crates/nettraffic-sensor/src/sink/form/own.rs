//! The object `nettraffic`: what neither Suricata nor Elastic has a name for.

use nettraffic_detect::{ClassGuess, Expected, Observed, Reason};
use serde::Serialize;

use super::super::record::Record;
use super::time;
use crate::SensorAlert;

/// What is known of an event beyond what others have names for.
#[derive(Serialize)]
pub(super) struct Own<'a> {
    #[serde(flatten)]
    alert: Option<OwnAlert<'a>>,
    uid: String,
    score: f32,
    threshold: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    tunnel: Option<String>,
    continuation: u32,
    first: String,
    last: String,
    end_reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<Vec<OwnReason<'a>>>,
}

#[derive(Serialize)]
struct OwnAlert<'a> {
    id: String,
    incident: String,
    severity: &'static str,
    evidence: &'static str,
    p_value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<OwnClass<'a>>,
    detector: &'a str,
    left_out: u64,
}

#[derive(Serialize)]
struct OwnClass<'a> {
    name: &'a str,
    probability: f32,
}

/// Of two shapes each are observed and expected values, under names of their own: a field that is a number here and
/// a text there cannot be indexed.
#[derive(Serialize)]
pub(super) struct OwnReason<'a> {
    feature: &'a str,
    unit: &'static str,
    observed: OwnObserved<'a>,
    expected: OwnExpected<'a>,
    share: f32,
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum OwnObserved<'a> {
    Number(f64),
    Category(&'a str),
    #[serde(untagged)]
    Undefined {},
}

#[derive(Serialize)]
#[serde(untagged)]
enum OwnExpected<'a> {
    Range { low: f64, high: f64 },
    Categories { categories: Vec<OwnShare<'a>> },
    Unknown {},
}

#[derive(Serialize)]
struct OwnShare<'a> {
    name: &'a str,
    share: f64,
}

impl<'a> Own<'a> {
    pub(super) fn of(record: &Record<'a>) -> Self {
        let (verdict, alert) = (record.verdict, record.alert);
        let flow = &verdict.flow;
        let reasons = |alert: &'a SensorAlert| alert.alert().reasons.iter();
        Self {
            alert: alert.map(OwnAlert::of),
            uid: flow.uid().to_string(),
            score: verdict.score,
            threshold: verdict.threshold,
            tunnel: flow.key.tunnel.map(|tunnel| tunnel.to_string()),
            continuation: flow.continuation,
            first: time::exact(flow.first),
            last: time::exact(flow.last),
            end_reason: flow.end.name(),
            reasons: alert.map(|alert| reasons(alert).map(OwnReason::of).collect()),
        }
    }
}

impl<'a> OwnAlert<'a> {
    fn of(alert: &'a SensorAlert) -> Self {
        let of_detector = alert.alert();
        Self {
            id: of_detector.id.to_string(),
            incident: alert.incident.to_string(),
            severity: alert.severity.name(),
            evidence: of_detector.evidence.name(),
            p_value: of_detector.p_value,
            class: of_detector.class.as_ref().map(OwnClass::of),
            detector: &alert.detector,
            left_out: alert.left_out,
        }
    }
}

impl<'a> OwnClass<'a> {
    fn of(class: &'a ClassGuess) -> Self {
        Self {
            name: &class.name,
            probability: class.probability,
        }
    }
}

impl<'a> OwnReason<'a> {
    pub(super) fn of(reason: &'a Reason) -> Self {
        Self {
            feature: &reason.feature,
            unit: reason.unit.name(),
            observed: match &reason.observed {
                Observed::Number(value) => OwnObserved::Number(*value),
                Observed::Category(name) => OwnObserved::Category(name),
                _ => OwnObserved::Undefined {},
            },
            expected: match &reason.expected {
                Expected::Range { low, high } => OwnExpected::Range {
                    low: *low,
                    high: *high,
                },
                Expected::Categories(shares) => OwnExpected::Categories {
                    categories: shares.iter().map(OwnShare::of).collect(),
                },
                _ => OwnExpected::Unknown {},
            },
            share: reason.share,
            text: reason.to_string(),
        }
    }
}

impl<'a> OwnShare<'a> {
    fn of((name, share): &'a (String, f64)) -> Self {
        Self {
            name,
            share: *share,
        }
    }
}
