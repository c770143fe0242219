//! What is done with packets: first they are learned from, then judged.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use nettraffic_capture::{DecodeConfig, PacketMeta, Timestamp};
use nettraffic_detect::{DetectError, Detector, Engine, FlowRows, Limits, Verdict};
use nettraffic_features::Extractor;
use nettraffic_flow::{Flow, FlowCounters};

use super::Learning;
use super::recent::Recent;
use super::task::Task;

/// Flows that wait for the detector that is being trained, at most: beyond it the detection waits too, and
/// what the interfaces then shed is counted.
const MOST_UNJUDGED: usize = 100_000;
/// Flows that are given out at once.
const SLICE: usize = 256;

/// What is done with packets at the moment.
pub(crate) enum Stage {
    /// Rows of usual traffic are collected.
    Learning(Box<Learner>),
    /// A detector is made of them.
    Training(Box<Trainee>),
    /// Flows are judged.
    Detecting(Box<Judging>),
}

pub(crate) struct Judging {
    engine: Engine,
    /// Flows that ended before there was a detector, and how many of them are judged.
    backlog: FlowRows,
    judged: usize,
    /// When learning was over, where this began with it.
    since: Option<Timestamp>,
}

pub(crate) struct Learner {
    learning: Learning,
    extractor: Extractor,
    rows: Recent,
    /// How many there were, those that were left out for want of room among them.
    learned: usize,
    /// What ended after the period: it will be judged. When exactly the period is found to be over depends on when time
    /// is told; what is learned from must not.
    beyond: FlowRows,
    begin: Option<Timestamp>,
    /// When the last flow ended that was learned from.
    last: Timestamp,
}

pub(crate) struct Trainee {
    extractor: Extractor,
    /// Flows that ended in the meantime: they will be judged.
    waiting: FlowRows,
    task: Task<Result<Detector, DetectError>>,
    /// What to go on with should the training fail.
    learning: Learning,
    learned: u64,
    /// When learning was over.
    since: Timestamp,
}

/// What comes out of a stage.
pub(crate) enum Output {
    /// A flow that is learned from, with its row.
    Learned(Box<Flow>, Vec<f64>),
    /// A flow that was to be learned from, but there is no room for its conversation.
    LeftOut,
    /// A flow that was judged, with its row.
    Judged(Box<Verdict>, Vec<f64>),
}

impl Stage {
    /// Learning begins, with what was learned before a restart.
    pub(crate) fn learn(learning: Learning, before: Option<FlowRows>, limits: &Limits) -> Self {
        let config = learning.flow.clone().with_max_flows(limits.max_flows);
        let features = learning.features.clone();
        let extractor = Extractor::with_hash_key(features.clone(), config, limits.hash_key);
        let before = before.unwrap_or_else(|| FlowRows::new(features));
        Self::Learning(Box::new(Learner::new(learning, extractor, &before)))
    }

    /// Judging begins.
    pub(crate) fn detect(detector: Arc<Detector>, limits: &Limits) -> Self {
        let engine = Engine::new(detector, limits);
        Self::Detecting(Box::new(Judging::new(engine, None, None)))
    }

    /// How packets must be decoded.
    pub(crate) fn decode_config(&self) -> DecodeConfig {
        match self {
            Self::Learning(learner) => learner.learning.decode_config(),
            Self::Training(trainee) => trainee.learning.decode_config(),
            Self::Detecting(judging) => judging.engine.detector().decode_config(),
        }
    }

    pub(crate) fn push(&mut self, packet: &PacketMeta) -> Result<(), DetectError> {
        match self {
            Self::Learning(learner) => learner.push(packet),
            Self::Training(trainee) => trainee.extractor.push(packet),
            Self::Detecting(judging) => judging.engine.push(packet)?,
        }
        Ok(())
    }

    /// No packet before this time follows.
    pub(crate) fn tick(&mut self, now: Timestamp) {
        match self {
            Self::Learning(learner) => learner.extractor.tick(now),
            Self::Training(trainee) => trainee.extractor.tick(now),
            Self::Detecting(judging) => judging.engine.pass(now),
        }
    }

    /// Where its clock stands: packets that are dated wrongly do not move it.
    pub(crate) fn now(&self) -> Timestamp {
        match self {
            Self::Learning(learner) => learner.extractor.now(),
            Self::Training(trainee) => trainee.extractor.now(),
            Self::Detecting(judging) => judging.engine.now(),
        }
    }

    /// When learning was over, where judging began with it.
    pub(crate) fn since(&self) -> Option<Timestamp> {
        match self {
            Self::Detecting(judging) => judging.since,
            _ => None,
        }
    }

    /// Whether flows wait of those that ended before there was a detector.
    pub(crate) fn has_backlog(&self) -> bool {
        matches!(self, Self::Detecting(judging) if !judging.backlog.is_empty())
    }

    /// Gives out some of what is ready, and says whether there may be more. Very many flows may end at once:
    /// none of what stands behind is to wait for all of them. Of flows that waited for a detector, only those that ended
    /// before `until`.
    pub(crate) fn flush(
        &mut self,
        until: Timestamp,
        out: &mut VecDeque<Output>,
    ) -> Result<bool, DetectError> {
        match self {
            Self::Learning(learner) => Ok(learner.collect(out)),
            Self::Training(trainee) => {
                while trainee.waiting.take_from(&mut trainee.extractor) {}
                Ok(false)
            }
            Self::Detecting(judging) => judging.judge_some(until, out),
        }
    }

    /// Ends all flows: the input is over.
    pub(crate) fn finish(&mut self) {
        match self {
            Self::Learning(learner) => learner.extractor.finish(),
            Self::Training(trainee) => trainee.extractor.finish(),
            Self::Detecting(judging) => judging.engine.end(),
        }
    }

    /// Whether it waits for a training, which is to be over before more packets are taken in.
    pub(crate) fn must_wait(&self, at_once: bool) -> bool {
        let Self::Training(trainee) = self else {
            return false;
        };
        let is_full = trainee.waiting.len() >= MOST_UNJUDGED;
        (at_once || is_full) && !trainee.task.is_done()
    }

    /// Goes on to the next stage when it is time to.
    ///
    /// Gives the detector that was made, or what went wrong; then it goes on learning.
    pub(crate) fn advance(&mut self) -> Option<Result<Arc<Detector>, String>> {
        if let Self::Learning(learner) = self
            && learner.has_learned()
            && let Err(error) = self.begin_training()
        {
            return Some(Err(format!("no thread for the training: {error}")));
        }
        match self {
            Self::Training(trainee) if trainee.task.is_done() => Some(self.end_training()),
            _ => None,
        }
    }

    fn begin_training(&mut self) -> std::io::Result<()> {
        let Self::Learning(learner) = self else {
            return Ok(());
        };
        let (learning, rows) = (learner.learning.clone(), learner.rows.take());
        let beyond = FlowRows::new(learning.features.clone());
        let (learned, since) = (rows.len() as u64, learner.over_at());
        let task = Task::begin("nettraffic-train", move || learning.fit(&rows))?;
        let extractor = Extractor::new(
            learner.learning.features.clone(),
            learner.learning.flow.clone(),
        );
        *self = Self::Training(Box::new(Trainee {
            extractor: std::mem::replace(&mut learner.extractor, extractor),
            waiting: std::mem::replace(&mut learner.beyond, beyond),
            task,
            learning: learner.learning.clone(),
            learned,
            since,
        }));
        Ok(())
    }

    fn end_training(&mut self) -> Result<Arc<Detector>, String> {
        let placeholder = Self::learn(Learning::default(), None, &Limits::default());
        let Self::Training(trainee) = std::mem::replace(self, placeholder) else {
            return Err("nothing is being trained".to_owned());
        };
        let Trainee {
            extractor,
            waiting,
            task,
            learning,
            since,
            ..
        } = *trainee;
        let trained = match task.end() {
            Ok(trained) => trained.map_err(|error| error.to_string()),
            Err(_) => Err("the training came to a sudden end".to_owned()),
        };
        match trained {
            Ok(detector) => {
                let detector = Arc::new(detector);
                // It learned from rows of this very extractor.
                let engine = Engine::continuing(Arc::clone(&detector), extractor)
                    .map_err(|error| error.to_string())?;
                *self = Self::Detecting(Box::new(Judging::new(engine, Some(waiting), Some(since))));
                Ok(detector)
            }
            Err(error) => {
                // What it had did not do: it begins anew with what came since.
                let learner = Learner::new(learning, extractor, &waiting);
                *self = Self::Learning(Box::new(learner));
                Err(error)
            }
        }
    }

    /// Judges with another detector from now on, where the open flows can stay; says whether they could. Where the
    /// other detector takes other features or flows, what is open must be [finished](Self::finish) and
    /// [given out](Self::flush) first, and then [`Stage::begin_anew`].
    pub(crate) fn replace(&mut self, detector: &Arc<Detector>) -> Result<bool, DetectError> {
        let Self::Detecting(judging) = self else {
            return Ok(false);
        };
        match judging.engine.replace(Arc::clone(detector)) {
            Ok(_) => Ok(true),
            Err(DetectError::OtherFeatures { .. } | DetectError::OtherFlows) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Begins with another detector and no flows. Gives what was counted before; flows that waited for a training
    /// are judged by it where it can.
    pub(crate) fn begin_anew(&mut self, detector: Arc<Detector>, limits: &Limits) -> FlowCounters {
        let before = self.flow_counters();
        let waiting = match self {
            Self::Training(trainee) => {
                let none = FlowRows::new(trainee.waiting.features().clone());
                Some(std::mem::replace(&mut trainee.waiting, none))
            }
            _ => None,
        };
        let fits = |rows: &FlowRows| {
            let found = rows.features().schema().fingerprint();
            found == detector.features().schema().fingerprint()
        };
        let waiting = waiting.filter(fits);
        let engine = Engine::new(detector, limits);
        *self = Self::Detecting(Box::new(Judging::new(engine, waiting, None)));
        before
    }

    pub(crate) fn flow_counters(&self) -> FlowCounters {
        match self {
            Self::Learning(learner) => learner.extractor.counters(),
            Self::Training(trainee) => trainee.extractor.counters(),
            Self::Detecting(judging) => judging.engine.flow_counters(),
        }
    }

    /// Flows in the table.
    pub(crate) fn open(&self) -> usize {
        match self {
            Self::Learning(learner) => learner.extractor.open(),
            Self::Training(trainee) => trainee.extractor.open(),
            Self::Detecting(judging) => judging.engine.open(),
        }
    }

    pub(crate) fn detector(&self) -> Option<&Arc<Detector>> {
        match self {
            Self::Detecting(judging) => Some(judging.engine.detector()),
            _ => None,
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        match self {
            Self::Learning(learner) => {
                let now = learner.now();
                let begin = learner.begin.unwrap_or(now);
                let (progress, left) = learner.learning.progress(begin, now);
                Phase::Learning {
                    progress,
                    left,
                    flows: learner.learned as u64,
                    needed: learner.learning.least_flows as u64,
                }
            }
            Self::Training(trainee) => Phase::Training {
                flows: trainee.learned,
                waiting: trainee.waiting.len() as u64,
            },
            Self::Detecting(_) => Phase::Detecting,
        }
    }
}

/// What a sensor is doing.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Phase {
    /// It collects flows to learn from.
    Learning {
        /// How much of the period has passed, 0 to 1.
        progress: f64,
        /// What is left of it, in packet time.
        left: Duration,
        /// Flows so far.
        flows: u64,
        /// Flows that are needed at least.
        needed: u64,
    },
    /// It makes a detector of them.
    Training {
        /// Flows that it learns from.
        flows: u64,
        /// Flows that wait to be judged.
        waiting: u64,
    },
    /// It judges flows.
    Detecting,
    /// Its input is over, or it was stopped.
    Ended,
}

impl Phase {
    /// `learning`, `training`, `detecting` or `ended`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Learning { .. } => "learning",
            Self::Training { .. } => "training",
            Self::Detecting => "detecting",
            Self::Ended => "ended",
        }
    }
}

impl Learner {
    fn new(learning: Learning, extractor: Extractor, before: &FlowRows) -> Self {
        let flows = before.flows();
        let features = learning.features.clone();
        let mut rows = Recent::new(features.clone(), Duration::MAX, learning.most_flows);
        for (index, flow) in flows.iter().enumerate() {
            rows.push(flow, before.row(index));
        }
        Self {
            learned: before.len(),
            beyond: FlowRows::new(features),
            begin: flows.iter().map(|flow| flow.first).min(),
            last: (flows.iter().map(|flow| flow.ended).max()).unwrap_or(Timestamp::MIN),
            learning,
            extractor,
            rows,
        }
    }

    fn push(&mut self, packet: &PacketMeta) {
        self.extractor.push(packet);
        let now = self.extractor.now();
        // The clock went back: the time was wrong at which learning seemed to begin.
        if self.begin.is_none_or(|begin| now < begin) {
            self.begin = Some(now);
        }
    }

    /// Packet time, as far as it is known.
    fn now(&self) -> Timestamp {
        self.extractor.now().max(self.last)
    }

    fn collect(&mut self, out: &mut VecDeque<Output>) -> bool {
        for _ in 0..SLICE {
            let mut row = Vec::new();
            let Some(flow) = self.extractor.pop(&mut row) else {
                return false;
            };
            if self.is_over(flow.ended) {
                self.beyond.push(flow, &row);
                continue;
            }
            self.learned += 1;
            self.last = flow.ended;
            out.push_back(match self.rows.push(&flow, &row) {
                true => Output::Learned(Box::new(flow), row),
                false => Output::LeftOut,
            });
        }
        true
    }

    fn has_learned(&self) -> bool {
        self.is_over(self.now())
    }

    /// When the period was over, and enough was learned.
    fn over_at(&self) -> Timestamp {
        let begin = self.begin.unwrap_or(Timestamp::MIN);
        begin.saturating_add(self.learning.period).max(self.last)
    }

    /// Whether the period is over at a time, and enough was learned.
    fn is_over(&self, time: Timestamp) -> bool {
        let end = self
            .begin
            .map(|begin| begin.saturating_add(self.learning.period));
        end.is_some_and(|end| time > end) && self.learned >= self.learning.least_flows
    }
}

impl Judging {
    fn new(engine: Engine, backlog: Option<FlowRows>, since: Option<Timestamp>) -> Self {
        let none = || FlowRows::new(engine.detector().features().clone());
        Self {
            backlog: backlog.unwrap_or_else(none),
            judged: 0,
            since,
            engine: engine.keeping_rows(),
        }
    }

    fn judge_some(
        &mut self,
        until: Timestamp,
        out: &mut VecDeque<Output>,
    ) -> Result<bool, DetectError> {
        if self.judged < self.backlog.len() {
            let waiting = self.backlog.flows().iter().skip(self.judged).take(SLICE);
            let is_due = |flow: &&Flow| flow.ended < until || until == Timestamp::MAX;
            let due = waiting.take_while(is_due).count();
            if due == 0 {
                return Ok(false);
            }
            let slice: Vec<usize> = (self.judged..self.judged + due).collect();
            self.judged += due;
            let rows = self.backlog.select(&slice);
            for (index, verdict) in self.engine.detector().judge(&rows)?.into_iter().enumerate() {
                out.push_back(Output::Judged(Box::new(verdict), rows.row(index).to_vec()));
            }
            return Ok(true);
        }
        if !self.backlog.is_empty() {
            (self.backlog, self.judged) = (FlowRows::new(self.backlog.features().clone()), 0);
        }
        let more = self.engine.judge_some();
        loop {
            let mut row = Vec::new();
            let Some(verdict) = self.engine.pop_with_row(&mut row) else {
                break;
            };
            out.push_back(Output::Judged(Box::new(verdict), row));
        }
        more
    }
}
