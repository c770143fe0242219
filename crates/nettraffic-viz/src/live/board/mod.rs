//! What a sensor shows, shared between the thread that detects and those who look.

mod bound;
mod log;
mod marks;
mod picture;
mod scores;
mod state;
mod wire;

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

pub(super) use bound::text as bounded_text;
pub(super) use marks::Refusal;
pub(super) use picture::{Picture, Shown};
pub(super) use wire::AlertWire;

use super::{
    Allowed, Health, Learning, LiveAlert, LiveIncident, Marking, Metric, Model, Phase, Sensor,
    TrafficSample,
};
use crate::{Card, Drift, ScorePoint, Talker};
use marks::{Mark, Marks};
use picture::Second;
use state::State;

/// How much a board keeps; what is older is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct BoardLimits {
    /// Samples of traffic: with one a second, 3,600 are an hour.
    pub samples: usize,
    /// Scores within one sample, of flows with an alert and of others each; the highest is kept besides.
    pub scores: usize,
    /// Alerts.
    pub alerts: usize,
    /// Incidents.
    pub incidents: usize,
    /// Hosts.
    pub hosts: usize,
}

impl Default for BoardLimits {
    fn default() -> Self {
        Self {
            samples: 3_600,
            scores: 6,
            alerts: 2_000,
            incidents: 1_000,
            hosts: 50,
        }
    }
}

/// What a sensor shows. A clone is the same board.
///
/// Everything may be called from any thread; a call holds a lock for about a microsecond, and waits for readers
/// for no longer than it takes them to copy references, never for a network. Texts are cut at
/// 300 characters and lists at a few dozen lines.
///
/// Changes are numbered. A reader asks for those after the last that it has seen; one that was away for
/// longer than the board remembers begins anew, which is counted in [`Board::behind`].
#[derive(Clone)]
pub struct Board(Arc<Shared>);

struct Shared {
    name: u64,
    state: Mutex<State>,
    marks: Mutex<Marks>,
    metrics: Mutex<Option<Arc<MetricSource>>>,
    behind: AtomicU64,
}

type MetricSource = dyn Fn() -> Vec<Metric> + Send + Sync;

impl Board {
    /// An empty board with the usual limits.
    #[must_use]
    pub fn new() -> Self {
        Self::with_limits(BoardLimits::default())
    }

    /// An empty board.
    #[must_use]
    pub fn with_limits(limits: BoardLimits) -> Self {
        Self(Arc::new(Shared {
            name: RandomState::new().build_hasher().finish(),
            state: Mutex::new(State::new(limits)),
            marks: Mutex::default(),
            metrics: Mutex::default(),
            behind: AtomicU64::new(0),
        }))
    }

    /// The score of one judged flow, at the time when it was judged. A score that is not finite is left out.
    pub fn push_score(&self, point: ScorePoint) {
        self.state().push_score(point);
    }

    /// What was seen since the last sample: closes the scores and the alerts of that time. Once per second
    /// of packet time makes a chart without holes, also where nothing came.
    pub fn push_sample(&self, traffic: TrafficSample) {
        self.change(|state, number| {
            let (judged, scores) = state.scores.close();
            let alerts = std::mem::take(&mut state.alerts_since);
            state.samples.push(
                number,
                Second {
                    traffic,
                    alerts,
                    judged,
                    scores,
                },
            );
        });
    }

    /// An alert, also one that was suppressed.
    pub fn push_alert(&self, mut told: LiveAlert) {
        bound::alert(&mut told);
        self.change(|state, number| {
            state.alerts_since += u64::from(told.suppressed.is_none());
            let mark = Mark::default();
            state.alerts.push(number, Shown { told, mark });
        });
    }

    /// An incident that is new or has changed.
    pub fn set_incident(&self, mut told: LiveIncident) {
        bound::incident(&mut told);
        let id = told.id.clone();
        self.change(|state, number| {
            state
                .incidents
                .replace(number, told, |known| known.id == id);
        });
    }

    /// The hosts that matter most, in the order to show.
    pub fn set_hosts(&self, mut hosts: Vec<Talker>) {
        self.change(|state, number| {
            bound::hosts(&mut hosts, state.limits.hosts);
            state.hosts.set(number, hosts);
        });
    }

    /// Whether the sensor keeps up.
    pub fn set_health(&self, mut health: Health) {
        bound::health(&mut health);
        self.change(|state, number| state.health.set(number, health));
    }

    /// The entries of the allow-list, in the order to show; the first 200 are kept.
    pub fn set_allowed(&self, mut allowed: Vec<Allowed>) {
        bound::allowed(&mut allowed);
        self.change(|state, number| state.allowed.set(number, allowed));
    }

    /// What the sensor is doing.
    pub fn set_learning(&self, mut learning: Learning) {
        bound::learning(&mut learning);
        self.change(|state, number| state.learning.set(number, learning));
    }

    /// How far the traffic has moved from what was learned.
    pub fn set_drift(&self, mut drift: Drift) {
        bound::drift(&mut drift);
        self.change(|state, number| state.drift.set(number, drift));
    }

    /// The detector in use.
    pub fn set_model(&self, mut model: Model) {
        bound::model(&mut model);
        self.change(|state, number| state.model.set(number, model));
    }

    /// The card of the detector in use: a page of its own.
    pub fn set_card(&self, card: &Card) {
        let html = card.to_html();
        self.change(|state, number| state.card.set(number, html));
    }

    /// Who watches what.
    pub fn set_sensor(&self, mut sensor: Sensor) {
        bound::sensor(&mut sensor);
        self.change(|state, number| state.sensor.set(number, sensor));
    }

    /// Further metrics for Prometheus, asked for at each scrape, on the dashboard's thread.
    pub fn set_metrics(&self, source: impl Fn() -> Vec<Metric> + Send + Sync + 'static) {
        *lock(&self.0.metrics) = Some(Arc::new(source));
    }

    /// What analysts say of alerts: that they are false, and that they are not. At most `capacity` wait; more are
    /// refused, and the analyst is told. Until this is called the page offers no marking, and likewise once the receiver
    /// is gone. Each is to be [answered](Self::answer); until then the page says that it waits.
    #[must_use]
    pub fn markings(&self, capacity: usize) -> Receiver<Marking> {
        lock(&self.0.marks).open(capacity)
    }

    /// What became of a marking: it holds, or why it does not.
    pub fn answer(&self, marking: &Marking, answer: Result<(), String>) {
        let answer = answer.map_err(|mut why| {
            bound::text(&mut why);
            why
        });
        self.change_mark(&marking.alert, |mark| {
            mark.answered(marking.becomes, answer)
        });
    }

    /// How often a reader was away for longer than the board remembers, and had to begin anew.
    #[must_use]
    pub fn behind(&self) -> u64 {
        self.0.behind.load(Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }

    /// Changes something under the next number.
    fn change(&self, change: impl FnOnce(&mut State, u64)) {
        let mut state = self.state();
        state.number += 1;
        let number = state.number;
        change(&mut state, number);
    }
}

/// What the server asks.
impl Board {
    /// The number of the last change.
    pub(super) fn number(&self) -> u64 {
        self.state().number
    }

    /// Everything that is kept.
    pub(super) fn all(&self) -> Picture {
        let picture = self.state().all();
        self.named(picture)
    }

    /// What changed after a number; `None`, and counted, where some of it is no longer kept.
    pub(super) fn after(&self, number: u64) -> Option<Picture> {
        let picture = self.state().after(number);
        if picture.is_none() {
            self.0.behind.fetch_add(1, Ordering::Relaxed);
        }
        picture.map(|picture| self.named(picture))
    }

    /// The number in a picture's name, where it is the name of one of this board.
    pub(super) fn number_in(&self, name: &str) -> Option<u64> {
        let (board, number) = name.split_once('-')?;
        let ours = u64::from_str_radix(board, 16).ok()? == self.0.name;
        number.parse().ok().filter(|_| ours)
    }

    pub(super) fn card(&self) -> Option<Arc<str>> {
        self.state().card.value.clone()
    }

    pub(super) fn health(&self) -> Option<Arc<Health>> {
        self.state().health.value.clone()
    }

    pub(super) fn allowed(&self) -> Option<Arc<Vec<Allowed>>> {
        self.state().allowed.value.clone()
    }

    pub(super) fn phase(&self) -> Phase {
        self.state()
            .learning
            .value
            .as_ref()
            .map(|learning| learning.phase)
            .unwrap_or_default()
    }

    /// Begin of the sensor and time of the last sample, where both are known.
    pub(super) fn span_ns(&self) -> Option<(i64, i64)> {
        let state = self.state();
        let started = state.sensor.value.as_ref()?.started_ns;
        Some((started, state.samples.last()?.traffic.time_ns))
    }

    /// Metrics of the sensor's own.
    pub(super) fn metrics(&self) -> Vec<Metric> {
        let source = lock(&self.0.metrics).clone();
        source.map(|source| source()).unwrap_or_default()
    }

    /// Hands a marking to the sensor, and shows that it waits.
    pub(super) fn mark(&self, marking: Marking) -> Result<(), Refusal> {
        let id = marking.alert.clone();
        if !self.state().can_be_marked(&marking) {
            return Err(Refusal::Unknown);
        }
        // Held until it is shown: the sensor may answer at once.
        let mut marks = lock(&self.0.marks);
        marks.send(marking)?;
        self.change_mark(&id, Mark::waiting);
        Ok(())
    }

    fn change_mark(&self, id: &str, change: impl FnOnce(&Mark) -> Mark) {
        self.change(|state, number| {
            let changed = |shown: &Shown| Shown {
                told: shown.told.clone(),
                mark: change(&shown.mark),
            };
            state
                .alerts
                .change(number, |shown| shown.told.alert.id == id, changed);
        });
    }

    fn named(&self, picture: Picture) -> Picture {
        Picture {
            board: self.0.name,
            takes_marks: lock(&self.0.marks).is_open(),
            ..picture
        }
    }
}

impl Default for Board {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Board {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Board")
            .field("changes", &self.number())
            .finish_non_exhaustive()
    }
}

/// A panic elsewhere leaves the values whole: none is changed in two steps.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
