//! An alert as one line of JSON.

use std::net::IpAddr;

use nettraffic_detect::{Expected, Observed, Reason, Verdict};
use serde::Serialize;
use serde_json::value::RawValue;

/// An alert with the names that Zeek gives to the parts of a connection.
#[derive(Clone, Debug, Serialize)]
pub struct AlertRecord {
    /// Seconds with nine decimals, which a double could not keep.
    ts: Box<RawValue>,
    id: String,
    uid: String,
    #[serde(rename = "id.orig_h")]
    orig_h: IpAddr,
    #[serde(rename = "id.orig_p")]
    orig_p: u16,
    #[serde(rename = "id.resp_h")]
    resp_h: IpAddr,
    #[serde(rename = "id.resp_p")]
    resp_p: u16,
    proto: String,
    duration: f64,
    score: f32,
    threshold: f32,
    p_value: f64,
    evidence: &'static str,
    class: Option<String>,
    class_probability: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    reasons: Vec<ReasonRecord>,
}

#[derive(Clone, Debug, Serialize)]
struct ReasonRecord {
    feature: String,
    unit: &'static str,
    observed: serde_json::Value,
    expected: serde_json::Value,
    share: f32,
    text: String,
}

impl AlertRecord {
    /// The record of a verdict that is an alert; `label` is its ground truth where that is known.
    #[must_use]
    pub fn of(verdict: &Verdict, label: Option<&str>) -> Option<Self> {
        let ts = RawValue::from_string(verdict.flow.first.to_string()).ok()?;
        let alert = verdict.alert.as_ref()?;
        let (flow, class) = (&verdict.flow, alert.class.as_ref());
        Some(Self {
            ts,
            id: alert.id.to_string(),
            uid: flow.uid().to_string(),
            orig_h: flow.key.initiator,
            orig_p: flow.key.initiator_port,
            resp_h: flow.key.responder,
            resp_p: flow.key.responder_port,
            proto: flow.key.protocol.to_string(),
            duration: flow.duration().as_secs_f64(),
            score: verdict.score,
            threshold: verdict.threshold,
            p_value: alert.p_value,
            evidence: alert.evidence.name(),
            class: class.map(|class| class.name.clone()),
            class_probability: class.map(|class| class.probability),
            label: label.map(ToOwned::to_owned),
            reasons: alert.reasons.iter().map(ReasonRecord::of).collect(),
        })
    }
}

impl ReasonRecord {
    fn of(reason: &Reason) -> Self {
        Self {
            feature: reason.feature.clone(),
            unit: reason.unit.name(),
            observed: match &reason.observed {
                Observed::Number(value) => (*value).into(),
                Observed::Category(name) => name.as_str().into(),
                _ => serde_json::Value::Null,
            },
            expected: match &reason.expected {
                Expected::Range { low, high } => serde_json::json!({ "low": low, "high": high }),
                Expected::Categories(shares) => shares
                    .iter()
                    .map(|(name, share)| (name.clone(), (*share).into()))
                    .collect::<serde_json::Map<_, _>>()
                    .into(),
                _ => serde_json::Value::Null,
            },
            share: reason.share,
            text: reason.to_string(),
        }
    }
}
