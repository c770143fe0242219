//! Packets in, verdicts out.

use std::collections::VecDeque;
use std::sync::Arc;

use nettraffic_capture::{PacketMeta, Timestamp};
use nettraffic_features::Extractor;
use nettraffic_flow::FlowCounters;

use crate::{DetectError, Detector, FlowRows, Verdict};

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

/// Runs a detector over a stream of packets, in bounded memory: open flows up to the limit, a
/// batch of ended ones, and the verdicts that the caller has not taken yet.
///
/// Verdicts come out in the order in which the flow table gives out its records, whenever ticks
/// come, and are those of [`Detector::judge`].
pub struct Engine {
    detector: Arc<Detector>,
    extractor: Extractor,
    waiting: FlowRows,
    ready: VecDeque<Verdict>,
}

impl Engine {
    /// An engine that has seen nothing yet.
    #[must_use]
    pub fn new(detector: impl Into<Arc<Detector>>, limits: &Limits) -> Self {
        let detector = detector.into();
        let config = detector.flow_config().with_max_flows(limits.max_flows);
        Self {
            waiting: FlowRows::new(detector.features().clone()),
            extractor: Extractor::new(detector.features().clone(), config),
            detector,
            ready: VecDeque::new(),
        }
    }

    /// Takes in one packet.
    ///
    /// # Errors
    /// A score that cannot be computed, which would be a bug of a feature or a model. The flows
    /// that were to be judged with it are lost; the next call goes on.
    pub fn push(&mut self, packet: &PacketMeta) -> Result<(), DetectError> {
        self.extractor.push(packet);
        self.collect()
    }

    /// Promises that no packet before `now` follows, so that flows can end on a silent wire;
    /// what has ended is judged at once.
    ///
    /// # Errors
    /// As [`Engine::push`].
    pub fn tick(&mut self, now: Timestamp) -> Result<(), DetectError> {
        self.extractor.tick(now);
        self.collect()?;
        self.judge()
    }

    /// Ends all flows: the input is over.
    ///
    /// # Errors
    /// As [`Engine::push`].
    pub fn finish(&mut self) -> Result<(), DetectError> {
        self.extractor.finish();
        self.collect()?;
        self.judge()
    }

    /// The next verdict, if one is ready.
    pub fn pop(&mut self) -> Option<Verdict> {
        self.ready.pop_front()
    }

    /// What became of the packets.
    #[must_use]
    pub fn flow_counters(&self) -> FlowCounters {
        self.extractor.counters()
    }

    /// The detector that judges.
    #[must_use]
    pub fn detector(&self) -> &Detector {
        &self.detector
    }

    fn collect(&mut self) -> Result<(), DetectError> {
        while self.waiting.take_from(&mut self.extractor) {
            if self.waiting.len() == BATCH {
                self.judge()?;
            }
        }
        Ok(())
    }

    fn judge(&mut self) -> Result<(), DetectError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let verdicts = self.detector.judge(&self.waiting);
        self.waiting.clear();
        self.ready.extend(verdicts?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{attacked, kmeans_and_forest, packets, rows};

    /// The verdicts of an engine that is ticked as `lag` says: nanoseconds behind a packet, if at all.
    fn streamed(packets: &[PacketMeta], lag: impl Fn(usize) -> Option<u64>) -> Vec<Verdict> {
        let mut engine = Engine::new(kmeans_and_forest(), &Limits::default());
        let mut verdicts = Vec::new();
        for (index, packet) in packets.iter().enumerate() {
            engine.push(packet).unwrap();
            if let Some(lag) = lag(index) {
                let now = packet.timestamp.as_nanos() - lag as i64;
                engine.tick(Timestamp::from_nanos(now)).unwrap();
                verdicts.extend(std::iter::from_fn(|| engine.pop()));
            }
        }
        engine.finish().unwrap();
        verdicts.extend(std::iter::from_fn(|| engine.pop()));
        assert_eq!(engine.flow_counters().records(), verdicts.len() as u64);
        verdicts
    }

    #[test]
    fn verdicts_are_those_of_offline_judging_whenever_ticks_come() {
        let (scenario, detector) = (attacked(3), kmeans_and_forest());
        let judged = detector.judge(&rows(&scenario)).unwrap();
        assert!(judged.len() > 2 * BATCH, "{} flows", judged.len());
        assert!(judged.iter().any(|verdict| verdict.alert.is_some()));
        let packets = packets(&scenario);
        assert_eq!(streamed(&packets, |_| None), judged);
        assert_eq!(streamed(&packets, |_| Some(0)), judged);
        let now_and_then = |index: usize| index.is_multiple_of(97).then_some(index as u64 * 7_919);
        assert_eq!(streamed(&packets, now_and_then), judged);
    }

    #[test]
    fn a_tick_judges_what_has_ended() {
        let packets = packets(&attacked(3));
        let mut engine = Engine::new(kmeans_and_forest(), &Limits::default());
        engine.push(&packets[0]).unwrap();
        engine.tick(packets[0].timestamp).unwrap();
        assert_eq!(engine.pop(), None);
        let later = packets[0]
            .timestamp
            .saturating_add(std::time::Duration::from_secs(3_600));
        engine.tick(later).unwrap();
        assert!(engine.pop().is_some());
    }

    #[test]
    fn open_flows_are_bounded() {
        let limits = Limits { max_flows: 5 };
        let mut engine = Engine::new(kmeans_and_forest(), &limits);
        for packet in packets(&attacked(3)) {
            engine.push(&packet).unwrap();
        }
        assert!(engine.flow_counters().evicted > 0);
    }
}
