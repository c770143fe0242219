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
    /// The key of the hash tables (0). Where somebody may craft packets against them, a random one; no result
    /// depends on it.
    pub hash_key: u64,
}

impl Limits {
    /// With another limit of open flows.
    #[must_use]
    pub fn with_max_flows(mut self, flows: usize) -> Self {
        self.max_flows = flows;
        self
    }

    /// With another hash key.
    #[must_use]
    pub fn with_hash_key(mut self, key: u64) -> Self {
        self.hash_key = key;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_flows: 1_000_000,
            hash_key: 0,
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
    /// The rows of the ready ones, where they are asked for.
    rows: Option<VecDeque<f64>>,
}

impl Engine {
    /// An engine that has seen nothing yet.
    #[must_use]
    pub fn new(detector: impl Into<Arc<Detector>>, limits: &Limits) -> Self {
        let detector = detector.into();
        let config = detector.flow_config().with_max_flows(limits.max_flows);
        let features = detector.features().clone();
        let extractor = Extractor::with_hash_key(features, config, limits.hash_key);
        Self {
            waiting: FlowRows::new(detector.features().clone()),
            extractor,
            detector,
            ready: VecDeque::new(),
            rows: None,
        }
    }

    /// Keeps the row of each verdict for [`Engine::pop_with_row`].
    #[must_use]
    pub fn keeping_rows(mut self) -> Self {
        self.rows = Some(VecDeque::new());
        self
    }

    /// An engine that goes on with the flows and windows that `extractor` holds, where learning has just
    /// ended, say.
    ///
    /// # Errors
    /// The extractor makes other features than the detector needs.
    pub fn continuing(
        detector: impl Into<Arc<Detector>>,
        extractor: Extractor,
    ) -> Result<Self, DetectError> {
        let detector = detector.into();
        check(&detector, &extractor)?;
        Ok(Self {
            waiting: FlowRows::new(detector.features().clone()),
            extractor,
            detector,
            ready: VecDeque::new(),
            rows: None,
        })
    }

    /// Judges with another detector from now on, and gives back the one before. Open flows and windows stay;
    /// what has ended so far is judged by the one before.
    ///
    /// # Errors
    /// The other detector needs other features, or flows that are cut or decoded in another way:
    /// it needs an engine of its own. As [`Engine::push`].
    pub fn replace(
        &mut self,
        detector: impl Into<Arc<Detector>>,
    ) -> Result<Arc<Detector>, DetectError> {
        let detector = detector.into();
        check(&detector, &self.extractor)?;
        let (old, new) = (&self.detector, &detector);
        if old.flow_config() != new.flow_config() || old.decode_config() != new.decode_config() {
            return Err(DetectError::OtherFlows);
        }
        self.flush()?;
        Ok(std::mem::replace(&mut self.detector, detector))
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

    /// Judges at once what has ended, without waiting for more flows to judge together.
    ///
    /// # Errors
    /// As [`Engine::push`].
    pub fn flush(&mut self) -> Result<(), DetectError> {
        self.collect()?;
        self.judge()
    }

    /// Promises that no packet before `now` follows, so that flows can end on a silent wire;
    /// what has ended is judged at once.
    ///
    /// # Errors
    /// As [`Engine::push`].
    pub fn tick(&mut self, now: Timestamp) -> Result<(), DetectError> {
        self.extractor.tick(now);
        self.flush()
    }

    /// Ends all flows: the input is over.
    ///
    /// # Errors
    /// As [`Engine::push`].
    pub fn finish(&mut self) -> Result<(), DetectError> {
        self.extractor.finish();
        self.flush()
    }

    /// As [`Engine::tick`], but what has ended is judged by [`Engine::judge_some`].
    pub fn pass(&mut self, now: Timestamp) {
        self.extractor.tick(now);
    }

    /// As [`Engine::finish`], but what has ended is judged by [`Engine::judge_some`].
    pub fn end(&mut self) {
        self.extractor.finish();
    }

    /// Judges some of the flows that have ended, 256 at most, and says whether there may be more: for those who
    /// must not be kept long, where very many may have ended at once.
    ///
    /// # Errors
    /// As [`Engine::push`].
    pub fn judge_some(&mut self) -> Result<bool, DetectError> {
        while self.waiting.len() < BATCH && self.waiting.take_from(&mut self.extractor) {}
        let is_full = self.waiting.len() >= BATCH;
        self.judge()?;
        Ok(is_full)
    }

    /// The next verdict, if one is ready.
    pub fn pop(&mut self) -> Option<Verdict> {
        let verdict = self.ready.pop_front()?;
        if let Some(rows) = &mut self.rows {
            let width = self.detector.features().schema().len();
            rows.drain(..width.min(rows.len()));
        }
        Some(verdict)
    }

    /// The next verdict, if one is ready; the raw row of its flow is appended to `row`, where the engine was
    /// made [`keeping rows`](Engine::keeping_rows).
    pub fn pop_with_row(&mut self, row: &mut Vec<f64>) -> Option<Verdict> {
        let verdict = self.ready.pop_front()?;
        if let Some(rows) = &mut self.rows {
            let width = self.detector.features().schema().len();
            row.extend(rows.drain(..width.min(rows.len())));
        }
        Some(verdict)
    }

    /// What became of the packets.
    #[must_use]
    pub fn flow_counters(&self) -> FlowCounters {
        self.extractor.counters()
    }

    /// Where the clock of the flow table stands; see [`FlowTable::now`](nettraffic_flow::FlowTable::now).
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.extractor.now()
    }

    /// Flows in the table.
    #[must_use]
    pub fn open(&self) -> usize {
        self.extractor.open()
    }

    /// The detector that judges.
    #[must_use]
    pub fn detector(&self) -> &Arc<Detector> {
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
        if let (Some(rows), Ok(_)) = (&mut self.rows, &verdicts) {
            (0..self.waiting.len()).for_each(|index| rows.extend(self.waiting.row(index)));
        }
        self.waiting.clear();
        self.ready.extend(verdicts?);
        Ok(())
    }
}

/// Refuses an extractor of other features than the detector's.
fn check(detector: &Detector, extractor: &Extractor) -> Result<(), DetectError> {
    let expected = detector.features().schema().fingerprint();
    let found = extractor.schema().fingerprint();
    if expected == found {
        return Ok(());
    }
    Err(DetectError::OtherFeatures { expected, found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ModelKind;
    use crate::testing::{
        attacked, fit_with_attacks, fusion, kmeans_and_forest, packets, rows, saved, training,
    };
    use nettraffic_features::FeatureSet;
    use nettraffic_flow::{EarlyReports, FlowConfig};

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

        let mut engine = Engine::new(kmeans_and_forest(), &Limits::default());
        let mut in_slices = Vec::new();
        for (index, packet) in packets.iter().enumerate() {
            engine.push(packet).unwrap();
            if index % 500 == 0 {
                engine.pass(packet.timestamp);
            }
            if index + 1 == packets.len() {
                engine.end();
            }
            let mut more = index % 1_000 == 0 || index + 1 == packets.len();
            while more {
                more = engine.judge_some().unwrap();
                let before = in_slices.len();
                in_slices.extend(std::iter::from_fn(|| engine.pop()));
                assert!(in_slices.len() - before <= 2 * BATCH);
            }
        }
        assert_eq!(in_slices, judged);
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
    fn a_detector_that_takes_over_finds_the_flows_as_they_are() {
        let packets = packets(&attacked(3));
        let (half, _) = packets.split_at(packets.len() / 2);
        let mut extractor = Extractor::new(FeatureSet::default(), FlowConfig::default());
        let mut rows = FlowRows::new(FeatureSet::default());
        extractor.push_all(half);
        while rows.take_from(&mut extractor) {}
        let open = extractor.open();
        let mut engine = Engine::continuing(kmeans_and_forest(), extractor)
            .unwrap()
            .keeping_rows();
        assert_eq!(engine.open(), open);
        for (index, packet) in packets[half.len()..].iter().enumerate() {
            if index == 1_000 {
                let old = engine.replace(fusion()).unwrap();
                assert_eq!(saved(&old), saved(&kmeans_and_forest()));
            }
            engine.push(packet).unwrap();
        }
        engine.finish().unwrap();
        let (whole, fusion) = (kmeans_and_forest(), fusion());
        let mut by = [0, 0];
        let all = crate::testing::rows(&attacked(3));
        let (scores, fused) = (whole.scores(&all).unwrap(), fusion.scores(&all).unwrap());
        let mut row = Vec::new();
        for place in rows.len()..all.len() {
            row.clear();
            let verdict = engine.pop_with_row(&mut row).unwrap();
            by[usize::from(verdict.threshold == fusion.threshold().value())] += 1;
            let expected = [scores[place], fused[place]];
            assert!(expected.contains(&verdict.score), "{place}");
            assert_eq!(row, all.row(place));
        }
        assert_eq!(engine.pop(), None);
        assert!(by[0] > 20 && by[1] > 20, "{by:?}");
    }

    #[test]
    fn a_detector_of_other_features_or_flows_does_not_take_over() {
        let mut engine = Engine::new(kmeans_and_forest(), &Limits::default());
        let other = FeatureSet::named("basic").unwrap();
        let other = fit_with_attacks(ModelKind::KMeans, other);
        let refused = engine.replace(other.clone());
        assert!(matches!(refused, Err(DetectError::OtherFeatures { .. })));
        let early = EarlyReports::default().at_packet(5);
        let early = FlowConfig::default().with_early_reports(early);
        let training = training(ModelKind::KMeans).flow_config(early);
        let refused = engine.replace(training.fit(&rows(&attacked(3)), None).unwrap());
        assert!(matches!(refused, Err(DetectError::OtherFlows)));
        let extractor = Extractor::new(FeatureSet::default(), FlowConfig::default());
        assert!(Engine::continuing(other, extractor).is_err());
    }

    #[test]
    fn open_flows_are_bounded() {
        let limits = Limits::default().with_max_flows(5);
        let mut engine = Engine::new(kmeans_and_forest(), &limits);
        for packet in packets(&attacked(3)) {
            engine.push(&packet).unwrap();
        }
        assert!(engine.flow_counters().evicted > 0);
    }
}
