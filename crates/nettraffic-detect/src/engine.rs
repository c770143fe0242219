//! Packets in, verdicts out.

use std::collections::VecDeque;
use std::sync::Arc;

use nettraffic_capture::{PacketMeta, Timestamp};
use nettraffic_features::FlowStatistics;
use nettraffic_flow::{Flow, FlowCounters, FlowTable};

use crate::{DetectError, Detector, Verdict};

/// Flows that are scored together. Rows do not influence each other's scores, so this is
/// a matter of speed alone.
const BATCH: usize = 256;

/// Bounds that are set where a detector runs, not where it was trained.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Most flows that may be open (1 million).
    pub max_flows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_flows: 1_000_000,
        }
    }
}

/// Runs a detector over a stream of packets, in bounded memory.
///
/// Verdicts come out in the order in which the flow table gives out its records.
pub struct Engine {
    detector: Arc<Detector>,
    table: FlowTable<FlowStatistics>,
    waiting: Batch,
    ready: VecDeque<Verdict>,
}

#[derive(Default)]
struct Batch {
    flows: Vec<Flow>,
    raw: Vec<f64>,
    prepared: Vec<f32>,
}

impl Engine {
    /// An engine that has seen nothing yet.
    #[must_use]
    pub fn new(detector: impl Into<Arc<Detector>>, limits: &Limits) -> Self {
        let detector = detector.into();
        let mut config = detector.flow_config();
        config.max_flows = limits.max_flows;
        Self {
            detector,
            table: FlowTable::new(config),
            waiting: Batch::default(),
            ready: VecDeque::new(),
        }
    }

    /// Takes in one packet.
    ///
    /// # Errors
    /// A score that cannot be computed, which would be a bug of a feature or a model.
    pub fn push(&mut self, packet: &PacketMeta) -> Result<(), DetectError> {
        self.table.push(packet);
        self.collect()
    }

    /// Promises that no packet before `now` follows, so that flows can end on a silent wire;
    /// what has ended is judged at once.
    ///
    /// # Errors
    /// As [`Engine::push`].
    pub fn tick(&mut self, now: Timestamp) -> Result<(), DetectError> {
        self.table.tick(now);
        self.collect()?;
        self.judge()
    }

    /// Ends all flows: the input is over.
    ///
    /// # Errors
    /// As [`Engine::push`].
    pub fn finish(&mut self) -> Result<(), DetectError> {
        self.table.finish();
        self.collect()?;
        self.judge()
    }

    /// The next verdict, if one is ready.
    pub fn pop(&mut self) -> Option<Verdict> {
        self.ready.pop_front()
    }

    /// What became of the packets.
    #[must_use]
    pub fn flow_counters(&self) -> &FlowCounters {
        self.table.counters()
    }

    /// The detector that judges.
    #[must_use]
    pub fn detector(&self) -> &Detector {
        &self.detector
    }

    fn collect(&mut self) -> Result<(), DetectError> {
        while let Some(flow) = self.table.pop() {
            let start = self.waiting.raw.len();
            self.detector
                .features()
                .extract(&flow, &mut self.waiting.raw);
            self.detector
                .prepare(&self.waiting.raw[start..], &mut self.waiting.prepared)?;
            self.waiting.flows.push(flow.with_state(()));
            if self.waiting.flows.len() == BATCH {
                self.judge()?;
            }
        }
        Ok(())
    }

    fn judge(&mut self) -> Result<(), DetectError> {
        if self.waiting.flows.is_empty() {
            return Ok(());
        }
        let width = self.detector.features().schema().len();
        let verdicts = self.detector.judge_prepared(
            self.waiting.flows.drain(..),
            self.waiting.raw.chunks_exact(width),
            &self.waiting.prepared,
        )?;
        self.ready.extend(verdicts);
        self.waiting.raw.clear();
        self.waiting.prepared.clear();
        Ok(())
    }
}
