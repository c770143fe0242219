//! The serving detector: how it comes to serve, and how it is kept up to date.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use nettraffic_capture::{CaptureCounters, Timestamp};
use nettraffic_detect::{DetectError, Detector};

use super::{STATUS, WAIT, Watch};
use crate::clock::wall_time;
use crate::memory::MARKED;
use crate::watch::{ConditionKind, Finding, TookOver, Upkeep};

impl Watch {
    /// Goes on to the next stage, and takes up what was done beside the detection.
    pub(super) fn advance(&mut self) {
        self.wait_while(|watch| watch.parts.stage.must_wait(watch.parts.at_once));
        match self.parts.stage.advance() {
            Some(Ok(detector)) => {
                self.parts.memory.keep(&detector);
                if let Err(error) = self.parts.memory.learned_is_over() {
                    self.troubles.push(error.to_string());
                }
                self.serves(&detector);
                // What waited for it goes before all that comes.
                self.flush();
            }
            Some(Err(error)) => {
                let what = format!(
                    "nothing is judged: the training failed, and learning began anew: {error}"
                );
                self.conditions
                    .hold(ConditionKind::Training, what, wall_time());
                self.troubles.push(format!("learning begins anew: {error}"));
            }
            None => {}
        }
        if !self.parts.at_once
            && let Some(upkeep) = &mut self.upkeep
        {
            let findings = upkeep.done();
            self.take_up(findings, self.now);
        }
    }

    /// Packet time is about to come to `time`: does what is due by then, each at its very moment, so that nothing
    /// depends on how packets come together or how long anything takes.
    pub(super) fn reach(&mut self, time: Timestamp) {
        // One that is far from the clock may be dated wrongly: those that follow tell.
        let ahead = time.saturating_since(self.now);
        if self.now != Timestamp::MIN && ahead > CaptureCounters::JUMP {
            return;
        }
        if let Some(upkeep) = &mut self.upkeep {
            upkeep.begin(time);
            self.due = upkeep.due();
        }
        // The last time that there is stands for never.
        while self.due <= time && self.due != Timestamp::MAX {
            self.parts.stage.tick(self.due);
            self.flush();
            self.keep_up(self.due);
            // The clock has leapt: nothing is new until then.
            if let Some(upkeep) = &mut self.upkeep
                && self.due < self.parts.stage.now()
            {
                upkeep.skip_to(self.parts.stage.now());
                self.due = upkeep.due();
            }
        }
    }

    /// Does what is due at `due`, when all that ended before is judged.
    pub(super) fn keep_up(&mut self, due: Timestamp) {
        let serving = self.parts.stage.detector().cloned();
        let (Some(upkeep), Some(serving)) = (&mut self.upkeep, serving) else {
            self.due = Timestamp::MAX;
            return;
        };
        let marked = self.parts.memory.marked_rows();
        let mut findings = upkeep.act(due, &serving, marked);
        self.due = upkeep.due();
        if self.parts.at_once {
            // There is time to wait, so that it is over at this very moment of packet time.
            self.wait_while(|watch| watch.upkeep.as_ref().is_some_and(Upkeep::is_at_work));
            findings.extend(self.upkeep.iter_mut().flat_map(Upkeep::done));
        }
        self.take_up(findings, due);
    }

    /// Waits for what runs beside, and goes on telling how it fares: a sensor that trains is not dead.
    fn wait_while(&mut self, is_at_work: impl Fn(&Self) -> bool) {
        let mut told = Instant::now();
        while is_at_work(self) && !self.parts.stop.load(Ordering::Relaxed) {
            std::thread::sleep(WAIT / 20);
            if told.elapsed() >= STATUS {
                told = Instant::now();
                self.tell_status();
            }
        }
    }

    fn take_up(&mut self, findings: Vec<Finding>, now: Timestamp) {
        for finding in findings {
            match finding {
                Finding::Drift(report) => self.drift = Some(Arc::new(report)),
                Finding::Trouble(what) => self.troubles.push(what),
                Finding::Trial(mut renewed, successor) => {
                    if let Some(successor) = successor {
                        match self.take_over(&successor) {
                            Ok(_) => {
                                self.parts.memory.keep(&successor);
                                renewed.took_over = Some(now);
                            }
                            Err(error) => self.failed(&error),
                        }
                    }
                    self.renewed = Some(Arc::new(renewed));
                }
            }
        }
    }

    /// Lets another detector serve, and says how it took over.
    pub(super) fn replace(&mut self, detector: &Arc<Detector>) -> Result<TookOver, DetectError> {
        // What has ended was judged by the one before.
        self.flush();
        let kept_flows = self.take_over(detector)?;
        Ok(TookOver::new(self.now, kept_flows))
    }

    /// Lets another detector serve at this very moment, and says whether open flows stayed open.
    fn take_over(&mut self, detector: &Arc<Detector>) -> Result<bool, DetectError> {
        let kept_flows = self.parts.stage.replace(detector)?;
        if !kept_flows {
            self.parts.stage.finish();
            self.flush();
            let limits = &self.parts.limits;
            let before = self.parts.stage.begin_anew(Arc::clone(detector), limits);
            self.flows_before = self.flows_before.and(&before);
        }
        self.serves(detector);
        Ok(kept_flows)
    }

    /// This detector judges from now on.
    pub(super) fn serves(&mut self, detector: &Arc<Detector>) {
        self.detector = Arc::from(format!(
            "{}:{:016x}",
            detector.model().name(),
            detector.id()
        ));
        self.parts.decoder.reconfigure(detector.decode_config());
        let renewal = &self.parts.renewal;
        let upkeep = (self.upkeep).get_or_insert_with(|| Upkeep::new(renewal.clone(), detector));
        upkeep.serve(detector);
        if let Some(since) = self.parts.stage.since() {
            upkeep.begin(since);
        }
        self.due = upkeep.due();
        self.drift = None;
        self.conditions.end(ConditionKind::Training);
        match blindness(detector) {
            Some(what) => self
                .conditions
                .hold(ConditionKind::Blind, what, wall_time()),
            None => self.conditions.end(ConditionKind::Blind),
        }
        if let Err(error) = self.take_up_marks(detector) {
            self.troubles.push(error);
        }
        for observer in &mut self.parts.observers {
            observer.serving(detector);
        }
    }

    fn take_up_marks(&mut self, detector: &Arc<Detector>) -> Result<(), String> {
        let marked = self.parts.memory.serve(detector);
        let marked = marked.map_err(|error| error.to_string())?;
        let list = self.parts.alerts.gate.allow_list_mut();
        for listed in marked.entries() {
            (list.add((*listed.entry).clone(), MARKED)).map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

/// Why a detector will miss attacks, where its threshold is finer than its training could show.
fn blindness(detector: &Detector) -> Option<String> {
    (!detector.threshold().is_resolvable()).then(|| {
        format!(
            "the detector will miss attacks: {:.2e} of benign flows were to raise alerts, which is finer than the {} flows \
             held out in its training can show, so its threshold lies beyond all of their scores; let it learn from more \
             traffic, or allow more false alarms",
            detector.asked_false_alarm_rate(),
            detector.training().held_out,
        )
    })
}
