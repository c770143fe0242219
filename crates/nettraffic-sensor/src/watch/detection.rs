//! The loop that detects.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use nettraffic_capture::{Decoder, Timestamp};
use nettraffic_detect::{AlertId, DetectError, Detector, DriftReport, Limits, ModelStore};
use nettraffic_flow::{Flow, FlowCounters};

use super::{
    Alerts, Command, Finding, Observer, Output, PacketWriter, Phase, Recorder, Renewal, Renewed,
    Second, Stage, Status, Troubles, Upkeep,
};
use crate::input::{Batch, Message, Watched, Weave};
use crate::memory::Memory;
use crate::{Fate, Gap, MarkAs, PacketRing};

/// How long the loop waits for packets before it looks at all else.
const WAIT: Duration = Duration::from_millis(20);
/// How often it tells how it fares.
const STATUS: Duration = Duration::from_secs(1);
/// How long it judges when it was told to end: a service is to stop within seconds.
const LAST_JUDGEMENTS: Duration = Duration::from_secs(2);

/// What a loop is made of.
pub(crate) struct Parts {
    pub(crate) weave: Weave,
    pub(crate) sources: Vec<Watched>,
    pub(crate) decoder: Decoder,
    pub(crate) stage: Stage,
    pub(crate) limits: Limits,
    pub(crate) alerts: Alerts,
    pub(crate) ring: Option<PacketRing>,
    pub(crate) recorder: Recorder,
    pub(crate) observers: Vec<Box<dyn Observer>>,
    pub(crate) renewal: Renewal,
    pub(crate) store: Option<ModelStore>,
    pub(crate) memory: Memory,
    pub(crate) commands: Receiver<Command>,
    /// Whether it was told to end.
    pub(crate) stop: Arc<AtomicBool>,
    /// Whether all input lies in files, so that there is time to wait for what runs beside.
    pub(crate) at_once: bool,
    /// How long sinks may take to write what waits when it ends.
    pub(crate) patience: Duration,
}

pub(crate) struct Watch {
    parts: Parts,
    /// Name of the serving detector.
    detector: Arc<str>,
    upkeep: Option<Upkeep>,
    drift: Option<Arc<DriftReport>>,
    renewed: Option<Arc<Renewed>>,
    now: Timestamp,
    sequence: u64,
    wire_bytes: u64,
    learned: u64,
    judged: u64,
    unjudged: u64,
    damaged: u64,
    /// What tables counted that are gone.
    flows_before: FlowCounters,
    second: Second,
    out: VecDeque<Output>,
    gaps: Troubles<Gap>,
    notes: Troubles<String>,
    troubles: Troubles<String>,
    packets: PacketWriter,
    has_ended: bool,
}

impl Watch {
    pub(crate) fn new(parts: Parts) -> Self {
        let mut watch = Self {
            parts,
            detector: Arc::from(""),
            upkeep: None,
            drift: None,
            renewed: None,
            now: Timestamp::MIN,
            sequence: 0,
            wire_bytes: 0,
            learned: 0,
            judged: 0,
            unjudged: 0,
            damaged: 0,
            flows_before: FlowCounters::default(),
            second: Second::default(),
            out: VecDeque::new(),
            gaps: Troubles::new(),
            notes: Troubles::new(),
            troubles: Troubles::new(),
            packets: PacketWriter::default(),
            has_ended: false,
        };
        if let Some(detector) = watch.parts.stage.detector().cloned() {
            watch.serves(&detector);
        }
        watch
    }

    /// Works until the input ends or it is told to stop, and tells how it fared.
    pub(crate) fn run(mut self) -> Status {
        let mut told = Instant::now();
        self.tell_status();
        while !self.has_ended {
            if let Some(message) = self.parts.weave.next(WAIT) {
                self.take(message);
            }
            self.advance();
            self.obey();
            let written = self.packets.done();
            self.packets_written(written);
            if told.elapsed() >= STATUS {
                told = Instant::now();
                self.tell_status();
            }
        }
        self.end()
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Packets(batch) => {
                self.take_packets(&batch);
                self.parts.weave.give_back(batch);
            }
            Message::Clock(time) => self.tick(time),
            Message::Gap(gap) => self.gaps.push(gap),
            Message::Trouble(what) => {
                self.damaged += 1;
                self.troubles.push(what);
            }
            Message::Ended => self.has_ended = true,
        }
    }

    fn take_packets(&mut self, batch: &Batch) {
        for mut packet in (0..).map_while(|index| batch.get(index)) {
            packet.sequence = self.sequence;
            self.sequence += 1;
            self.wire_bytes += u64::from(packet.wire_len);
            if let Some(ring) = &mut self.parts.ring {
                ring.push(&packet);
            }
            if let Err(error) = self.parts.recorder.push(&packet) {
                self.troubles.push(unrecorded(&error));
            }
            let decoded = self.parts.decoder.decode(&packet);
            let Ok(meta) = &decoded else { continue };
            if let Err(error) = self.parts.stage.push(meta) {
                self.failed(&error);
            }
            self.pass(meta.timestamp);
            self.second.packets += 1;
            self.second.wire_bytes += u64::from(meta.wire_len);
        }
        self.flush();
    }

    fn tick(&mut self, time: Timestamp) {
        self.parts.stage.tick(time);
        self.flush();
        self.parts.alerts.tick(time);
        while let Some(limit) = self.parts.alerts.gate.pop_summary() {
            self.notes.push(limit.to_string());
        }
        self.pass(time);
    }

    /// Packet time has come to here.
    fn pass(&mut self, time: Timestamp) {
        if time <= self.now {
            return;
        }
        self.now = time;
        let second =
            Timestamp::from_nanos(time.as_nanos() - time.as_nanos().rem_euclid(1_000_000_000));
        if second <= self.second.begin {
            return;
        }
        if self.second != Second::default() {
            for observer in &mut self.parts.observers {
                observer.second(&self.second);
            }
        }
        self.second = Second {
            begin: second,
            ..Second::default()
        };
    }

    /// Judges what has ended, and deals with all that comes of it, some at a time.
    fn flush(&mut self) {
        while self.flush_some() {}
    }

    /// Judges some of what has ended, and says whether there may be more.
    fn flush_some(&mut self) -> bool {
        let mut out = std::mem::take(&mut self.out);
        let more = self.parts.stage.flush(&mut out);
        if self.parts.at_once && !out.is_empty() {
            self.parts.alerts.wait_for_room(out.len(), &self.parts.stop);
        }
        self.hand_on(&mut out);
        self.out = out;
        more.unwrap_or_else(|error| {
            self.failed(&error);
            true
        })
    }

    fn hand_on(&mut self, out: &mut VecDeque<Output>) {
        for output in out.drain(..) {
            self.second.flows += 1;
            match output {
                Output::LeftOut => self.learned += 1,
                Output::Learned(flow, row) => self.learn(&flow, &row),
                Output::Judged(verdict, row) => {
                    self.judged += 1;
                    let is_known =
                        (verdict.alert.as_ref()).is_some_and(|alert| alert.class.is_some());
                    if let (Some(upkeep), false) = (&mut self.upkeep, is_known) {
                        upkeep.push(&verdict.flow, &row);
                    }
                    let observers = &mut self.parts.observers;
                    let raised = self.parts.alerts.push(*verdict, &self.detector, observers);
                    self.second.alerts += u64::from(raised.is_some());
                    // One that repeats another is not remembered: many would push out those that were told of.
                    if let Some((alert, Fate::Write)) = raised {
                        self.parts.memory.remember(&alert, &row);
                    }
                }
            }
        }
    }

    fn learn(&mut self, flow: &Flow, row: &[f64]) {
        self.learned += 1;
        if let Err(error) = self.parts.memory.learn(flow, row) {
            self.troubles.push(error.to_string());
        }
    }

    /// Goes on to the next stage, and keeps the detector up to date.
    fn advance(&mut self) {
        let stop = &self.parts.stop;
        while self.parts.stage.must_wait(self.parts.at_once) && !stop.load(Ordering::Relaxed) {
            std::thread::sleep(WAIT / 4);
        }
        match self.parts.stage.advance() {
            Some(Ok(detector)) => {
                self.keep(&detector);
                if let Err(error) = self.parts.memory.forget_learned() {
                    self.troubles.push(error.to_string());
                }
                self.serves(&detector);
            }
            Some(Err(error)) => self.troubles.push(format!("learning begins anew: {error}")),
            None => {}
        }
        let Some(serving) = self.parts.stage.detector().cloned() else {
            return;
        };
        let marked = self.parts.memory.marked_rows();
        let findings =
            (self.upkeep.as_mut()).map(|upkeep| upkeep.advance(self.now, &serving, marked));
        for finding in findings.unwrap_or_default() {
            match finding {
                Finding::Drift(report) => self.drift = Some(Arc::new(report)),
                Finding::Trouble(what) => self.troubles.push(what),
                Finding::Trial(renewed, successor) => {
                    self.renewed = Some(Arc::new(renewed));
                    if let Some(successor) = successor {
                        self.keep(&successor);
                        self.replace(&successor);
                    }
                }
            }
        }
    }

    /// Does what it was told.
    fn obey(&mut self) {
        while let Ok(command) = self.parts.commands.try_recv() {
            match command {
                Command::Serve(detector) => self.replace(&detector),
                Command::Allow(list) => {
                    let all = self.parts.memory.with_marks(list);
                    match all {
                        Ok(list) => self.parts.alerts.allow(list),
                        Err(error) => self.troubles.push(error.to_string()),
                    }
                }
                Command::Reopen => self.parts.alerts.outlets().reopen(),
                Command::Mark(id, mark, reason) => {
                    if let Err(why) = self.mark(id, mark, &reason) {
                        self.troubles
                            .push(format!("alert {id} could not be marked: {why}"));
                    }
                }
                Command::Packets(folder) => {
                    let (ring, incidents) = (&self.parts.ring, &self.parts.alerts.incidents);
                    if let Err(why) = self.packets.begin(ring.as_ref(), incidents, &folder) {
                        self.troubles.push(format!("{}: {why}", folder.display()));
                    }
                }
            }
        }
    }

    fn mark(&mut self, id: AlertId, mark: MarkAs, reason: &str) -> Result<(), String> {
        if let Some(entry) = self.parts.memory.mark(id, mark, reason, self.now)? {
            let list = self.parts.alerts.gate.allow_list_mut();
            list.add(entry, "marks")
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// Tells what came of writing packets.
    fn packets_written(&mut self, written: Option<Result<String, String>>) {
        match written {
            Some(Ok(note)) => self.notes.push(note),
            Some(Err(trouble)) => self.troubles.push(trouble),
            None => {}
        }
    }

    fn replace(&mut self, detector: &Arc<Detector>) {
        // What has ended was judged by the one before.
        self.flush();
        match self.parts.stage.replace(detector) {
            Ok(true) => {}
            Ok(false) => {
                self.parts.stage.finish();
                self.flush();
                let limits = &self.parts.limits;
                let before = self.parts.stage.begin_anew(Arc::clone(detector), limits);
                self.flows_before = self.flows_before.and(&before);
            }
            Err(error) => return self.failed(&error),
        }
        self.serves(detector);
    }

    /// This detector judges from now on.
    fn serves(&mut self, detector: &Arc<Detector>) {
        self.detector = Arc::from(format!(
            "{}:{:016x}",
            detector.model().name(),
            detector.id()
        ));
        self.parts.decoder.reconfigure(detector.decode_config());
        match &mut self.upkeep {
            Some(upkeep) => upkeep.serve(detector),
            None => {
                let renewal = self.parts.renewal.clone();
                self.upkeep = Some(Upkeep::new(renewal, detector, self.parts.at_once));
            }
        }
        self.drift = None;
        let marked = self
            .parts
            .memory
            .serve(detector)
            .map_err(|error| error.to_string());
        let list = self.parts.alerts.gate.allow_list_mut();
        let marked = marked.and_then(|marked| {
            let mut entries = marked.entries().iter();
            entries.try_for_each(|listed| {
                let added = list.add((*listed.entry).clone(), "marks");
                added.map(drop).map_err(|error| error.to_string())
            })
        });
        if let Err(error) = marked {
            self.troubles.push(error);
        }
        for observer in &mut self.parts.observers {
            observer.serving(detector);
        }
    }

    /// Puts a detector that was made here into the folder of models.
    fn keep(&mut self, detector: &Detector) {
        if let Some(store) = &self.parts.store
            && let Err(error) = store.promote(detector)
        {
            self.troubles.push(format!(
                "the new detector serves but could not be kept: {error}"
            ));
        }
    }

    fn failed(&mut self, error: &DetectError) {
        self.troubles
            .push(format!("flows could not be judged: {error}"));
    }

    fn tell_status(&mut self) {
        for warning in self.parts.memory.warnings() {
            self.notes.push(warning);
        }
        let status = self.status();
        if let Err(error) = self.parts.memory.beat(&status, &self.parts.alerts.gate) {
            self.troubles.push(error.to_string());
        }
        for observer in &mut self.parts.observers {
            observer.status(&status, &self.parts.alerts.incidents);
        }
    }

    fn status(&self) -> Status {
        let parts = &self.parts;
        Status {
            now: self.now,
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
        }
    }

    /// Ends what is open, and lets the sinks write what waits.
    fn end(mut self) -> Status {
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
        if let Err(error) = memory.end(&status, &alerts.gate) {
            status.troubles.push(error.to_string());
            status.trouble_count += 1;
        }
        if let Err(error) = recorder.finish() {
            status.troubles.push(unrecorded(&error));
            status.trouble_count += 1;
        }
        let (sinks, incidents) = alerts.close(patience);
        status.sinks = sinks;
        for observer in &mut observers {
            observer.status(&status, &incidents);
        }
        status
    }
}

fn unrecorded(error: &std::io::Error) -> String {
    format!("packets are not recorded any more: {error}")
}
