//! What a reader is given: all of a board, or what changed since it last asked.

use std::sync::Arc;

use serde::Serialize;

use super::BoardLimits;
use super::marks::Mark;
use super::scores::Dot;
use super::wire::{AlertWire, IncidentWire};
use crate::live::{
    Allowed, Health, Learning, LiveAlert, LiveIncident, Model, Sensor, TrafficSample,
};
use crate::{Drift, Talker};

/// Parts of a board. Those that did not change are left out.
#[derive(Default)]
pub(in crate::live) struct Picture {
    /// Which board, so that the numbers of one are not taken for those of another.
    pub(in crate::live) board: u64,
    /// The number of the last change that is in here.
    pub(in crate::live) number: u64,
    pub(super) limits: Option<BoardLimits>,
    pub(super) samples: Vec<Arc<Second>>,
    pub(in crate::live) alerts: Vec<Arc<Shown>>,
    pub(super) incidents: Vec<Arc<LiveIncident>>,
    pub(super) hosts: Option<Arc<Vec<Talker>>>,
    pub(super) health: Option<Arc<Health>>,
    pub(super) allowed: Option<Arc<Vec<Allowed>>>,
    pub(super) learning: Option<Arc<Learning>>,
    pub(super) drift: Option<Arc<Drift>>,
    pub(super) model: Option<Arc<Model>>,
    pub(super) sensor: Option<Arc<Sensor>>,
    pub(super) has_card: bool,
    pub(super) takes_marks: bool,
}

/// A sample of traffic with what was found in it.
#[derive(Debug, PartialEq, Serialize)]
pub(in crate::live) struct Second {
    #[serde(flatten)]
    pub(super) traffic: TrafficSample,
    /// Alerts that were not suppressed.
    pub(super) alerts: u64,
    /// Flows that were judged.
    pub(super) judged: u64,
    /// Scores of some of them.
    pub(super) scores: Vec<Dot>,
}

/// An alert with what became of it.
#[derive(Debug, PartialEq)]
pub(in crate::live) struct Shown {
    pub(in crate::live) told: LiveAlert,
    pub(in crate::live) mark: Mark,
}

impl Picture {
    /// The name under which a reader resumes after this picture.
    pub(in crate::live) fn name(&self) -> String {
        format!("{:016x}-{}", self.board, self.number)
    }

    /// The form that pages and programs read.
    pub(in crate::live) fn wire(&self) -> impl Serialize + '_ {
        Wire {
            format: "nettraffic live 1",
            last: self.name(),
            limits: self.limits,
            samples: self.samples.iter().map(|sample| &**sample).collect(),
            alerts: self
                .alerts
                .iter()
                .map(|shown| AlertWire::of(shown))
                .collect(),
            incidents: self
                .incidents
                .iter()
                .map(|told| IncidentWire::of(told))
                .collect(),
            hosts: self.hosts.as_deref(),
            health: self.health.as_deref(),
            allowed: self.allowed.as_deref(),
            learning: self.learning.as_deref(),
            drift: self.drift.as_deref(),
            model: self.model.as_deref(),
            sensor: self.sensor.as_deref(),
            has_card: self.has_card,
            takes_marks: self.takes_marks,
        }
    }
}

#[derive(Serialize)]
struct Wire<'a> {
    format: &'static str,
    last: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    limits: Option<BoardLimits>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    samples: Vec<&'a Second>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alerts: Vec<AlertWire<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    incidents: Vec<IncidentWire<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hosts: Option<&'a Vec<Talker>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    health: Option<&'a Health>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<&'a Vec<Allowed>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    learning: Option<&'a Learning>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drift: Option<&'a Drift>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a Model>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sensor: Option<&'a Sensor>,
    has_card: bool,
    takes_marks: bool,
}
