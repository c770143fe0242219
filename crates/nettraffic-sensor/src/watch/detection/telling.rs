//! How a sensor fares, told while it works and at its end.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use nettraffic_capture::Timestamp;

use super::{Parts, Watch, unrecorded};
use crate::clock::wall_time;
use crate::input::Watched;
use crate::watch::{ConditionKind, PacketsWritten, Phase, Second, Status};

/// How long it judges when it was told to end: a service is to stop within seconds.
const LAST_JUDGEMENTS: Duration = Duration::from_secs(2);

impl Watch {
    pub(super) fn tell_status(&mut self) {
        for warning in self.parts.memory.warnings() {
            self.notes.push(warning);
        }
        let status = self.status();
        if let Err(error) = self.parts.memory.beat(&status, &self.parts.alerts.gate) {
            self.unwritten(error.to_string());
        }
        for observer in &mut self.parts.observers {
            observer.status(&status, &self.parts.alerts.incidents);
        }
    }

    /// Takes up what came of the writing that is done beside the detection.
    pub(super) fn look_after_writing(&mut self) {
        let written = self.packets.done();
        self.packets_written(written);
        for failure in self.parts.memory.failures() {
            self.unwritten(failure);
        }
        let saving = self.parts.memory.saving();
        if saving.is_none_or(|saving| saving.last_error.is_none()) {
            self.conditions.end(ConditionKind::State);
        }
    }

    /// Something that outlives a run could not be written. What fails each second is told once.
    fn unwritten(&mut self, what: String) {
        let words = format!("what outlives a run cannot be written: {what}");
        let is_known =
            |known: &crate::Condition| known.kind == ConditionKind::State && known.what == words;
        if !self.conditions.all().iter().any(is_known) {
            self.troubles.push(what);
        }
        self.conditions
            .hold(ConditionKind::State, words, wall_time());
    }

    /// Tells what came of writing packets.
    fn packets_written(&mut self, written: Option<Result<PacketsWritten, String>>) {
        match written {
            Some(Ok(written)) => self.notes.push(written.to_string()),
            Some(Err(trouble)) => self.troubles.push(trouble),
            None => {}
        }
    }

    fn status(&self) -> Status {
        let parts = &self.parts;
        Status {
            now: self.now,
            begin: self.begin,
            started: self.started.0,
            uptime: self.started.1.elapsed(),
            phase: match self.has_ended {
                true => Phase::Ended,
                false => parts.stage.phase(),
            },
            sources: parts.sources.iter().map(Watched::status).collect(),
            processed: self.sequence,
            wire_bytes: self.wire_bytes,
            decoded: parts.decoder.counters(),
            flows: self.flows_before.and(&parts.stage.flow_counters()),
            open_flows: parts.stage.open() as u64,
            most_flows: parts.limits.max_flows as u64,
            learned: self.learned,
            judged: self.judged,
            unjudged: self.unjudged,
            damaged: self.damaged,
            alerts: parts.alerts.gate.counters(),
            allowed: parts.alerts.gate.allow_list().entries().to_vec(),
            incidents: parts.alerts.incidents.counters(),
            sinks: parts.alerts.outlets().status(),
            drift: self.drift.clone(),
            renewed: self.renewed.clone(),
            gaps: self.gaps.latest(),
            gap_count: self.gaps.count(),
            notes: self.notes.latest(),
            note_count: self.notes.count(),
            troubles: self.troubles.latest(),
            trouble_count: self.troubles.count(),
            conditions: self.conditions.all().to_vec(),
            saving: parts.memory.saving(),
        }
    }

    /// Ends what is open, and lets the sinks write what waits.
    pub(super) fn end(mut self) -> Status {
        // Nothing is renewed any more.
        self.due = Timestamp::MAX;
        self.parts.stage.finish();
        // Told to end, it must not keep others waiting: what it cannot judge in time is counted.
        let begin = Instant::now();
        let is_stopped = self.parts.stop.load(Ordering::Relaxed);
        while self.flush_some() {
            if is_stopped && begin.elapsed() > LAST_JUDGEMENTS {
                self.unjudged = self.parts.stage.open() as u64;
                break;
            }
        }
        self.parts.alerts.end(self.now, &self.parts.stop);
        self.note_limits();
        let written = self.packets.end();
        self.packets_written(written);
        if let Phase::Learning {
            progress,
            flows,
            needed,
            ..
        } = self.parts.stage.phase()
        {
            self.notes.push(format!(
                "it ended while learning: {:.0} % of the period, {flows} flows of at least {needed}",
                progress * 100.0
            ));
        }
        if self.second != Second::default() {
            for observer in &mut self.parts.observers {
                observer.second(&self.second);
            }
        }
        let mut status = self.status();
        let Parts {
            alerts,
            mut memory,
            mut observers,
            recorder,
            patience,
            ..
        } = self.parts;
        let mut failures = memory.end(&status, &alerts.gate);
        status.saving = memory.saving();
        if let Err(error) = recorder.finish() {
            failures.push(unrecorded(&error));
        }
        status.trouble_count += failures.len() as u64;
        status.troubles.extend(failures);
        let (sinks, incidents) = alerts.close(patience);
        status.sinks = sinks;
        for observer in &mut observers {
            observer.status(&status, &incidents);
        }
        status
    }
}
