//! What a board holds, behind its lock.

use std::sync::Arc;

use super::BoardLimits;
use super::log::Log;
use super::picture::{Picture, Second, Shown};
use super::scores::Scores;
use crate::live::{Allowed, Health, Learning, LiveIncident, Marking, Model, Sensor};
use crate::{Drift, ScorePoint, Talker};

pub(super) struct State {
    /// The number of the last change.
    pub(super) number: u64,
    pub(super) limits: BoardLimits,
    pub(super) scores: Scores,
    /// Alerts since the last sample that were not suppressed.
    pub(super) alerts_since: u64,
    pub(super) samples: Log<Second>,
    pub(super) alerts: Log<Shown>,
    pub(super) incidents: Log<LiveIncident>,
    pub(super) hosts: Latest<Vec<Talker>>,
    pub(super) health: Latest<Health>,
    pub(super) allowed: Latest<Vec<Allowed>>,
    pub(super) learning: Latest<Learning>,
    pub(super) drift: Latest<Drift>,
    pub(super) model: Latest<Model>,
    pub(super) card: Latest<str>,
    pub(super) sensor: Latest<Sensor>,
}

impl State {
    pub(super) fn new(limits: BoardLimits) -> Self {
        Self {
            number: 0,
            limits,
            scores: Scores::default(),
            alerts_since: 0,
            samples: Log::new(limits.samples),
            alerts: Log::new(limits.alerts),
            incidents: Log::new(limits.incidents),
            hosts: Latest::default(),
            health: Latest::default(),
            allowed: Latest::default(),
            learning: Latest::default(),
            drift: Latest::default(),
            model: Latest::default(),
            card: Latest::default(),
            sensor: Latest::default(),
        }
    }

    pub(super) fn push_score(&mut self, point: ScorePoint) {
        self.scores.push(point, self.limits.scores);
    }

    /// Whether a marking speaks of something that is shown: an alert, or an entry of the allow-list that one made.
    pub(super) fn can_be_marked(&self, marking: &Marking) -> bool {
        let id = &marking.alert;
        let made = |allowed: &Vec<Allowed>| {
            let mut ids = allowed.iter().filter_map(|entry| entry.alert.as_ref());
            ids.any(|alert| alert == id)
        };
        self.alerts.any(|shown| shown.told.alert.id == *id)
            || marking.becomes.is_none() && self.allowed.value.as_deref().is_some_and(made)
    }

    /// What changed after a number; `None` where some of that is no longer kept.
    pub(super) fn after(&self, number: u64) -> Option<Picture> {
        let lost = self
            .samples
            .lost
            .max(self.alerts.lost)
            .max(self.incidents.lost);
        (lost <= number && number <= self.number).then(|| self.picture(number))
    }

    /// Everything that is kept.
    pub(super) fn all(&self) -> Picture {
        Picture {
            limits: Some(self.limits),
            ..self.picture(0)
        }
    }

    fn picture(&self, number: u64) -> Picture {
        Picture {
            number: self.number,
            samples: self.samples.after(number),
            alerts: self.alerts.after(number),
            incidents: self.incidents.after(number),
            hosts: self.hosts.after(number),
            health: self.health.after(number),
            allowed: self.allowed.after(number),
            learning: self.learning.after(number),
            drift: self.drift.after(number),
            model: self.model.after(number),
            sensor: self.sensor.after(number),
            has_card: self.card.value.is_some(),
            ..Picture::default()
        }
    }
}

/// Something of which only the last word counts.
pub(super) struct Latest<T: ?Sized> {
    number: u64,
    pub(super) value: Option<Arc<T>>,
}

impl<T: ?Sized> Latest<T> {
    pub(super) fn set(&mut self, number: u64, value: impl Into<Arc<T>>) {
        self.number = number;
        self.value = Some(value.into());
    }

    fn after(&self, number: u64) -> Option<Arc<T>> {
        self.value.clone().filter(|_| self.number > number)
    }
}

impl<T: ?Sized> Default for Latest<T> {
    fn default() -> Self {
        Self {
            number: 0,
            value: None,
        }
    }
}
