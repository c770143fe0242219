//! Keeping a detector up to date: drift, and successors that are tried in its shadow.

use std::sync::Arc;
use std::time::Duration;

use nettraffic_capture::Timestamp;
use nettraffic_detect::{
    Canaries, Decision, DetectError, Detector, DriftMonitor, DriftReport, FlowRows, Labelled,
    Trial, Update,
};
use nettraffic_flow::Flow;

use super::due::Due;
use super::recent::Recent;
use super::task::Task;

/// How a detector is kept up to date while it serves.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Renewal {
    /// How often a successor is trained, in packet time; `None` never.
    pub every: Option<Duration>,
    /// How often recent traffic is compared with that of the training (10 minutes).
    pub drift_every: Duration,
    /// The traffic that is recent (24 h).
    pub window: Duration,
    /// Flows of it that are kept (20,000); beyond them whole conversations are left out.
    pub most_flows: usize,
    /// Flows without which no successor is trained (1,000).
    pub least_flows: usize,
    /// Attacks that every successor must find.
    pub canaries: Option<Canaries>,
    /// Flows of attacks that are known, with the class of each, for detectors that name attacks.
    pub attacks: Option<(FlowRows, Vec<String>)>,
}

impl Default for Renewal {
    fn default() -> Self {
        Self {
            every: None,
            drift_every: Duration::from_secs(600),
            window: Duration::from_secs(24 * 60 * 60),
            most_flows: 20_000,
            least_flows: 1_000,
            canaries: None,
            attacks: None,
        }
    }
}

/// How a successor fared.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Renewed {
    /// When it was tried, in packet time.
    pub at: Timestamp,
    /// Whether it serves now.
    pub replaced: bool,
    /// Since when it serves, in packet time: in a replay when it was tried, on an interface when its training was over.
    pub took_over: Option<Timestamp>,
    /// What was found, in words.
    pub outcome: String,
}

/// Rows for a drift report at least: fewer say nothing.
const LEAST_FOR_DRIFT: usize = 200;

pub(crate) struct Upkeep {
    renewal: Renewal,
    recent: Recent,
    /// Flows since something was done last: without new ones there is nothing to find.
    fresh: (u64, u64),
    drift_due: Due,
    renewal_due: Due,
    drift: Option<Task<Result<DriftReport, DetectError>>>,
    trial: Option<(Timestamp, Task<Result<Trial, DetectError>>)>,
}

/// What came of it.
pub(crate) enum Finding {
    Drift(DriftReport),
    /// A successor, which is to replace the serving detector where there is one.
    Trial(Renewed, Option<Arc<Detector>>),
    Trouble(String),
}

impl Upkeep {
    pub(crate) fn new(renewal: Renewal, detector: &Detector) -> Self {
        let features = detector.features().clone();
        Self {
            recent: Recent::new(features, renewal.window, renewal.most_flows),
            fresh: (0, 0),
            drift_due: Due::new(Some(renewal.drift_every)),
            renewal_due: Due::new(renewal.every),
            renewal,
            drift: None,
            trial: None,
        }
    }

    /// Times are counted from here, unless they are already.
    pub(crate) fn begin(&mut self, time: Timestamp) {
        self.drift_due.begin(time);
        self.renewal_due.begin(time);
    }

    /// When there is something to do next, in packet time: to be [told](Upkeep::act) before anything later is judged. At
    /// once, where it does not know yet when it [begins](Upkeep::begin).
    pub(crate) fn due(&self) -> Timestamp {
        self.drift_due.at().min(self.renewal_due.at())
    }

    /// There is nothing to do before `time`: no flow has ended since the last time that is told later.
    pub(crate) fn skip_to(&mut self, time: Timestamp) {
        self.drift_due.skip_to(time);
        self.renewal_due.skip_to(time);
    }

    /// Another detector serves: what is recent stays, where the features are the same. What was found of the one before
    /// is of no use any more.
    pub(crate) fn serve(&mut self, detector: &Detector) {
        self.drift = None;
        self.trial = None;
        let known = self.recent.all().features().schema().fingerprint();
        if known != detector.features().schema().fingerprint() {
            let Renewal {
                window, most_flows, ..
            } = self.renewal;
            self.recent = Recent::new(detector.features().clone(), window, most_flows);
        }
    }

    /// Adds a flow that was judged. Those that look like a known attack are not to be given.
    pub(crate) fn push(&mut self, flow: &Flow, row: &[f64]) {
        self.recent.push(flow, row);
        self.fresh.0 += 1;
        self.fresh.1 += 1;
    }

    /// Begins what is due at `now`. `marked` are flows that raised alerts and were found to be usual: a successor learns
    /// from them too.
    pub(crate) fn act(
        &mut self,
        now: Timestamp,
        serving: &Arc<Detector>,
        marked: Option<&FlowRows>,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.drift_due.has_come(now)
            && self.drift.is_none()
            && std::mem::take(&mut self.fresh.0) > 0
            && self.recent.len() >= LEAST_FOR_DRIFT
        {
            let (rows, serving) = (self.recent.rows(now), Arc::clone(serving));
            let task = Task::begin("nettraffic-drift", move || {
                let mut monitor = DriftMonitor::new(serving);
                monitor.push(&rows).map(|()| monitor.report())
            });
            keep(task, &mut self.drift, &mut findings);
        }
        if self.renewal_due.has_come(now)
            && self.trial.is_none()
            && std::mem::take(&mut self.fresh.1) > 0
        {
            self.begin_trial(now, serving, marked, &mut findings);
        }
        findings
    }

    fn begin_trial(
        &mut self,
        now: Timestamp,
        serving: &Arc<Detector>,
        marked: Option<&FlowRows>,
        findings: &mut Vec<Finding>,
    ) {
        let renewal = &self.renewal;
        if self.recent.len() < renewal.least_flows {
            let words = format!(
                "no successor was trained: {} flows are too few, {} are needed",
                self.recent.len(),
                renewal.least_flows
            );
            findings.push(Finding::Trial(Renewed::kept(now, words), None));
            return;
        }
        let (recent, serving) = (self.recent.rows(now), Arc::clone(serving));
        // The successor learns from the earlier part of its rows: what is to be learned goes ahead.
        let rows = match marked {
            Some(marked) => {
                let mut rows = marked.clone();
                rows.extend_from(&recent);
                rows
            }
            None => recent,
        };
        let (canaries, attacks) = (renewal.canaries.clone(), renewal.attacks.clone());
        let task = Task::begin("nettraffic-renew", move || {
            try_successor(&serving, &rows, canaries.as_ref(), attacks.as_ref())
        });
        let mut trial = None;
        keep(task, &mut trial, findings);
        self.trial = trial.map(|task| (now, task));
    }

    /// Whether something is being done that is not [done](Upkeep::done) yet.
    pub(crate) fn is_at_work(&self) -> bool {
        let drift = self.drift.as_ref().is_some_and(|task| !task.is_done());
        drift || (self.trial.as_ref()).is_some_and(|(_, task)| !task.is_done())
    }

    /// What has come of what was begun.
    pub(crate) fn done(&mut self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if let Some(task) = self.drift.take_if(|task| task.is_done()) {
            findings.push(match task.end() {
                Ok(Ok(report)) => Finding::Drift(report),
                Ok(Err(error)) => Finding::Trouble(format!("drift: {error}")),
                Err(_) => Finding::Trouble("the look for drift came to a sudden end".into()),
            });
        }
        if let Some((at, task)) = self.trial.take_if(|(_, task)| task.is_done()) {
            findings.push(match task.end() {
                Ok(Ok(trial)) => judged(at, trial),
                Ok(Err(error)) => Finding::Trial(Renewed::kept(at, error.to_string()), None),
                Err(_) => {
                    Finding::Trouble("the training of a successor came to a sudden end".into())
                }
            });
        }
        findings
    }
}

impl Renewed {
    fn kept(at: Timestamp, outcome: String) -> Self {
        Self {
            at,
            replaced: false,
            took_over: None,
            outcome,
        }
    }
}

fn keep<T>(
    task: std::io::Result<Task<T>>,
    place: &mut Option<Task<T>>,
    findings: &mut Vec<Finding>,
) {
    match task {
        Ok(task) => *place = Some(task),
        Err(error) => findings.push(Finding::Trouble(format!("no thread: {error}"))),
    }
}

fn try_successor(
    serving: &Detector,
    rows: &FlowRows,
    canaries: Option<&Canaries>,
    attacks: Option<&(FlowRows, Vec<String>)>,
) -> Result<Trial, DetectError> {
    let mut update = Update::new(serving, rows);
    if let Some(canaries) = canaries {
        update = update.canaries(canaries);
    }
    if let Some((flows, classes)) = attacks {
        update = update.labelled(Labelled { flows, classes });
    }
    update.run()
}

fn judged(at: Timestamp, trial: Trial) -> Finding {
    let (replaced, outcome) = match &trial.decision {
        Decision::Replace => (
            true,
            format!(
                "a successor that learned from {} flows serves: {} alerts of {} flows, {} before",
                trial.learned,
                trial.successor_alarms.hits,
                trial.successor_alarms.rows,
                trial.serving_alarms.hits
            ),
        ),
        Decision::Keep(why) => (false, format!("the successor is worse: {}", why.join("; "))),
        Decision::Unusual { at_most } => (
            false,
            format!(
                "no successor: {} of {} recent flows raise alerts, {at_most} at most were promised; attacks are among \
                 them, or the traffic has changed",
                trial.learned_alarms.hits, trial.learned_alarms.rows
            ),
        ),
        _ => (false, "the successor was not taken".to_owned()),
    };
    let renewed = Renewed {
        at,
        replaced,
        took_over: None,
        outcome,
    };
    Finding::Trial(renewed, replaced.then(|| Arc::new(trial.successor)))
}
