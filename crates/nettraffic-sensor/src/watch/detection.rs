//! The loop that detects.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use nettraffic_capture::{Decoder, Timestamp};
use nettraffic_detect::{AlertId, DetectError, Detector, DriftReport, Limits, ModelStore};
use nettraffic_flow::{Flow, FlowCounters};

use super::{
    Alerts, Command, Finding, Observer, Output, Phase, Recorder, Renewal, Renewed, Second, Stage,
    Status, Troubles, Upkeep,
};
use crate::input::{Batch, Message, Watched, Weave};
use crate::memory::Memory;
use crate::{Gap, MarkAs, PacketRing, Wanted, Who};

/// How long the loop waits for packets before it looks at all else.
const WAIT: Duration = Duration::from_millis(20);
/// How often it tells how it fares.
const STATUS: Duration = Duration::from_secs(1);
/// Incidents whose packets are written at once.
const MOST_CAPTURES: usize = 20;

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
    /// What tables counted that are gone.
    flows_before: FlowCounters,
    second: Second,
    out: VecDeque<Output>,
    gaps: Troubles<Gap>,
    notes: Troubles<String>,
    troubles: Troubles<String>,
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
            flows_before: FlowCounters::default(),
            second: Second::default(),
            out: VecDeque::new(),
            gaps: Troubles::new(),
            notes: Troubles::new(),
            troubles: Troubles::new(),
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
            Message::Trouble(what) => self.troubles.push(what),
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
        if let Err(error) = self.parts.stage.tick(time) {
            self.failed(&error);
        }
        self.flush();
        self.parts.alerts.tick(time);
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

    /// Judges what has ended, and deals with all that comes of it.
    fn flush(&mut self) {
        let mut out = std::mem::take(&mut self.out);
        if let Err(error) = self.parts.stage.flush(&mut out) {
            self.failed(&error);
        }
        self.hand_on(&mut out);
        self.out = out;
    }

    fn hand_on(&mut self, out: &mut VecDeque<Output>) {
        for output in out.drain(..) {
            self.second.flows += 1;
            match output {
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
                    if let Some(alert) = raised {
                        self.second.alerts += 1;
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
        let mut out = std::mem::take(&mut self.out);
        let advanced = self.parts.stage.advance(self.parts.at_once, &mut out);
        match advanced {
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
        self.hand_on(&mut out);
        self.out = out;
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
                    if let Err(why) = self.write_packets(&folder) {
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

    /// Looks for the packets of the open incidents at once, before they are overwritten, and writes them beside
    /// the detection.
    fn write_packets(&mut self, folder: &Path) -> Result<(), String> {
        let ring = self.parts.ring.as_ref().ok_or("no packets are kept")?;
        let mut captures = Vec::new();
        for incident in self.parts.alerts.incidents.ranked(MOST_CAPTURES) {
            let hosts = incident
                .facts
                .sources
                .union(&incident.facts.targets)
                .copied();
            let wanted = Wanted::new(Who::Hosts(hosts.collect()));
            let mut packets = Vec::new();
            ring.extract(&wanted, &mut packets)
                .map_err(|error| error.to_string())?;
            captures.push((
                folder.join(format!("incident-{}.pcapng", incident.id)),
                packets,
            ));
        }
        let write = move || {
            for (file, packets) in captures {
                // Nobody is there to be told any more: that there is no file tells it.
                let _: std::io::Result<()> = std::fs::write(file, packets);
            }
        };
        let thread = std::thread::Builder::new().name("nettraffic-packets".to_owned());
        thread
            .spawn(write)
            .map(drop)
            .map_err(|error| error.to_string())
    }

    fn replace(&mut self, detector: &Arc<Detector>) {
        let mut out = std::mem::take(&mut self.out);
        let (stage, limits) = (&mut self.parts.stage, &self.parts.limits);
        match stage.replace(Arc::clone(detector), limits, &mut out) {
            Ok(before) => {
                self.flows_before = self.flows_before.and(&before);
                self.hand_on(&mut out);
                self.serves(detector);
            }
            Err(error) => self.failed(&error),
        }
        self.out = out;
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
        let was = self.parts.stage.phase();
        if let Err(error) = self.parts.stage.finish() {
            self.failed(&error);
        }
        self.flush();
        if let Phase::Learning {
            progress,
            flows,
            needed,
            ..
        } = was
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
