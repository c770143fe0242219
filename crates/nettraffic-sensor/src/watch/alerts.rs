//! From a verdict to the sinks: what is allowed, repeated or too much, and what belongs together.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nettraffic_capture::Timestamp;
use nettraffic_detect::{AllowList, Verdict};
use nettraffic_flow::FlowEnd;

use super::Observer;
use crate::{Event, Fate, Gate, IncidentEvent, OpenIncidents, OutletStatus, Outlets, SensorAlert};

/// How long a replay waits for a sink that writes, but slowly.
const ROOM: Duration = Duration::from_secs(5);

/// Decides over alerts, and hands on those that are to be written.
pub(crate) struct Alerts {
    pub(crate) gate: Gate,
    pub(crate) incidents: OpenIncidents,
    outlets: Outlets,
    wants_flows: bool,
    source: Arc<str>,
}

impl Alerts {
    pub(crate) fn new(
        gate: Gate,
        incidents: OpenIncidents,
        outlets: Outlets,
        source: Arc<str>,
    ) -> Self {
        Self {
            wants_flows: outlets.want_flows(),
            gate,
            incidents,
            outlets,
            source,
        }
    }

    /// Takes in a verdict, and gives the alert that it raised with what becomes of it.
    pub(crate) fn push(
        &mut self,
        verdict: Verdict,
        detector: &Arc<str>,
        observers: &mut [Box<dyn Observer>],
    ) -> Option<(Arc<SensorAlert>, Fate)> {
        for observer in observers.iter_mut() {
            observer.flow(&verdict);
        }
        // An early report is no flow of its own: its final record follows.
        if self.wants_flows && verdict.flow.end != FlowEnd::Early {
            let flow = Event::flow(verdict.clone(), Arc::clone(&self.source));
            self.outlets.offer(&flow);
        }
        let source = Arc::clone(&self.source);
        let mut alert = SensorAlert::of(verdict, Arc::clone(detector), source)?;
        let fate = self.gate.decide(&mut alert);
        let told = self.incidents.push(&mut alert, &fate);
        self.offer_all(told);
        for observer in observers.iter_mut() {
            observer.alert(&alert, &fate);
        }
        let alert = Arc::new(alert);
        if matches!(fate, Fate::Write) {
            self.outlets.offer(&Event::alert(Arc::clone(&alert)));
        }
        Some((alert, fate))
    }

    /// No alert before this time follows.
    pub(crate) fn tick(&mut self, now: Timestamp) {
        self.gate.tick(now);
        let told = self.incidents.tick(now);
        self.offer_all(told);
    }

    /// No alert follows: limits and incidents end. Unless it was told to stop, sinks that write are waited for.
    pub(crate) fn end(&mut self, now: Timestamp, stop: &AtomicBool) {
        self.gate.end();
        let told = self.incidents.end(now);
        self.wait_for_room(told.len(), stop);
        self.offer_all(told);
    }

    /// Allows what another list allows; entries that stay keep their counters.
    pub(crate) fn allow(&mut self, list: AllowList) {
        self.gate.allow_list_mut().reload(list);
    }

    fn offer_all(&self, incidents: Vec<IncidentEvent>) {
        for event in incidents {
            self.outlets.offer(&Event::from(event));
        }
    }

    pub(crate) fn outlets(&self) -> &Outlets {
        &self.outlets
    }

    /// Waits until the sinks have room for so many events, unless one of them cannot write: for input that can wait.
    pub(crate) fn wait_for_room(&self, events: usize, stop: &AtomicBool) {
        let begin = Instant::now();
        while !self.outlets.have_room(3 * events) && begin.elapsed() < ROOM {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Lets the sinks write what waits, for that long at most.
    pub(crate) fn close(self, patience: Duration) -> (Vec<OutletStatus>, OpenIncidents) {
        (self.outlets.close(patience), self.incidents)
    }
}
