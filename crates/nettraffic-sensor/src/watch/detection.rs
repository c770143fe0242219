//! The loop that detects.

mod keeping;
mod obeying;
mod telling;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use nettraffic_capture::{Decoder, Timestamp};
use nettraffic_detect::{DetectError, DriftReport, Limits};
use nettraffic_flow::{Flow, FlowCounters};

use super::{
    Alerts, Command, Conditions, Observer, Output, PacketWriter, Recorder, Renewal, Renewed,
    Second, Stage, Status, Troubles, Upkeep,
};
use crate::clock::wall_time;
use crate::input::{Batch, Message, Watched, Weave};
use crate::memory::Memory;
use crate::{Fate, Gap, PacketRing};

/// How long the loop waits for packets before it looks at all else.
const WAIT: Duration = Duration::from_millis(20);
/// How often it tells how it fares.
const STATUS: Duration = Duration::from_secs(1);

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
    /// When it has something to do next, in packet time.
    due: Timestamp,
    drift: Option<Arc<DriftReport>>,
    renewed: Option<Arc<Renewed>>,
    /// When it was set to work: by the clock on the wall, and to measure how long ago that is.
    started: (Timestamp, Instant),
    /// When the first packet came, in packet time.
    begin: Option<Timestamp>,
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
    conditions: Conditions,
    packets: PacketWriter,
    has_ended: bool,
}

impl Watch {
    pub(crate) fn new(parts: Parts) -> Self {
        let mut watch = Self {
            parts,
            detector: Arc::from(""),
            upkeep: None,
            due: Timestamp::MAX,
            drift: None,
            renewed: None,
            started: (wall_time(), Instant::now()),
            begin: None,
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
            conditions: Conditions::default(),
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
            self.look_after_writing();
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
            if let Err(error) = self.parts.recorder.push(&packet) {
                self.troubles.push(unrecorded(&error));
            }
            let decoded = self.parts.decoder.decode(&packet);
            if let Ok(meta) = &decoded {
                if meta.timestamp >= self.due {
                    self.reach(meta.timestamp);
                }
                if let Err(error) = self.parts.stage.push(meta) {
                    self.failed(&error);
                }
                self.pass();
            }
            if let Some(ring) = &mut self.parts.ring {
                let now = self.begin.map_or(packet.timestamp, |_| self.now);
                ring.push_at(&packet, now);
            }
            let Ok(meta) = &decoded else { continue };
            self.second.packets += 1;
            self.second.wire_bytes += u64::from(meta.wire_len);
        }
        self.flush();
    }

    fn tick(&mut self, time: Timestamp) {
        if time >= self.due {
            self.reach(time);
        }
        self.parts.stage.tick(time);
        self.flush();
        self.parts.alerts.tick(time);
        self.note_limits();
        self.pass();
    }

    /// Tells what limits left out that have ended.
    fn note_limits(&mut self) {
        while let Some(limit) = self.parts.alerts.gate.pop_summary() {
            self.notes.push(limit.to_string());
        }
    }

    /// Packet time has come to where the clock of the flows stands: a packet that is dated wrongly moves neither.
    fn pass(&mut self) {
        let time = self.parts.stage.now();
        // A table that has seen nothing yet knows no time.
        if time == self.now || time == Timestamp::MIN {
            return;
        }
        self.now = time;
        self.begin = self.begin.map(|begin| begin.min(time)).or(Some(time));
        let second = time.as_nanos().div_euclid(1_000_000_000);
        let second = Timestamp::from_nanos(second.saturating_mul(1_000_000_000));
        if second == self.second.begin {
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
        loop {
            while self.flush_some() {}
            if !self.parts.stage.has_backlog() {
                break;
            }
            // The next flow that waits ended when something was due.
            self.keep_up(self.due);
        }
    }

    /// Judges some of what has ended, and says whether there may be more.
    fn flush_some(&mut self) -> bool {
        let mut out = std::mem::take(&mut self.out);
        let more = self.parts.stage.flush(self.due, &mut out);
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

    fn failed(&mut self, error: &DetectError) {
        self.troubles
            .push(format!("flows could not be judged: {error}"));
    }
}

fn unrecorded(error: &std::io::Error) -> String {
    format!("packets are not recorded any more: {error}")
}
