//! Traffic, detectors and an observer that remembers.

use std::error::Error;
use std::io::Cursor;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use nettraffic_capture::{
    CaptureCounters, CaptureError, Decoder, Packet, PacketSource, Timestamp, from_reader,
};
use nettraffic_detect::{Detector, Engine, FalseAlarmGoal, FlowRows, Limits, Verdict};
use nettraffic_features::{Extractor, FeatureSet};
use nettraffic_flow::Flow;
use nettraffic_sensor::{
    Fate, Learning, Observer, OpenIncidents, Replay, Second, SensorAlert, Status,
};
use nettraffic_synth::{Attack, AttackKind, LabelRule, Scenario};

pub(crate) type Tested = Result<(), Box<dyn Error>>;

/// Usual traffic of a small office.
pub(crate) fn office(seed: u64) -> Scenario {
    Scenario::new(seed)
        .hosts(5)
        .duration(Duration::from_secs(400))
}

/// The same with a scan and a flood in it.
pub(crate) fn attacked(seed: u64) -> Scenario {
    let at = |kind, second| Attack::new(kind).at(Duration::from_secs(second));
    office(seed)
        .attack(at(AttackKind::SynScan, 200).lasting(Duration::from_secs(4)))
        .attack(at(AttackKind::UdpFlood, 300).lasting(Duration::from_secs(1)))
}

pub(crate) fn source(scenario: &Scenario) -> impl PacketSource + Send + use<> {
    from_reader("office", Cursor::new(scenario.pcap_bytes())).expect("a sound capture")
}

/// A capture whose packets are captured with so many bytes behind their end: fewer of them fill a batch.
pub(crate) struct Padded {
    source: Box<dyn PacketSource + Send>,
    padding: usize,
    bytes: Vec<u8>,
}

impl Padded {
    pub(crate) fn new(scenario: &Scenario, padding: usize) -> Self {
        Self {
            source: Box::new(source(scenario)),
            padding,
            bytes: Vec::new(),
        }
    }
}

impl PacketSource for Padded {
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        let Some(packet) = self.source.next_packet()? else {
            return Ok(None);
        };
        self.bytes.clear();
        self.bytes.extend_from_slice(packet.data);
        self.bytes.resize(packet.data.len() + self.padding, 0);
        let mut padded = Packet::new(packet.timestamp, packet.link_type, &self.bytes);
        (padded.sequence, padded.wire_len) = (packet.sequence, packet.wire_len);
        Ok(Some(padded))
    }

    fn counters(&self) -> CaptureCounters {
        self.source.counters()
    }
}

pub(crate) fn replay(scenario: &Scenario) -> Replay {
    Replay::new("office", source(scenario))
}

/// How the sensors here learn.
pub(crate) fn learning(period: u64) -> Learning {
    let mut learning = Learning::over(Duration::from_secs(period));
    learning.goal = FalseAlarmGoal::Rate(0.05);
    learning.least_flows = 100;
    learning
}

/// A detector of usual traffic.
pub(crate) fn detector() -> Arc<Detector> {
    static TRAINED: LazyLock<Arc<Detector>> = LazyLock::new(|| Arc::new(trained(1)));
    Arc::clone(&TRAINED)
}

/// A detector of the usual traffic of a seed.
pub(crate) fn trained(seed: u64) -> Detector {
    let learning = learning(0);
    let mut extractor = Extractor::new(FeatureSet::default(), learning.flow.clone());
    let mut rows = FlowRows::new(FeatureSet::default());
    let (mut source, mut decoder) = (source(&office(seed)), Decoder::default());
    while let Some(packet) = source.next_packet().expect("a sound capture") {
        if let Ok(packet) = decoder.decode(&packet) {
            extractor.push(&packet);
        }
    }
    extractor.finish();
    while rows.take_from(&mut extractor) {}
    learning.fit(&rows).expect("enough to learn from")
}

/// What a flow is, by the truth of a scenario.
pub(crate) fn label(flow: &Flow, rules: &[LabelRule]) -> &'static str {
    let nanos = |time: Timestamp| time.as_nanos() as u64;
    let (key, times) = (&flow.key, (nanos(flow.first), nanos(flow.last)));
    let ends = (
        (key.initiator, key.initiator_port),
        (key.responder, key.responder_port),
    );
    let rule = rules
        .iter()
        .find(|rule| rule.matches(times, ends.0, ends.1, key.protocol.0));
    rule.map_or("benign", |rule| rule.label)
}

/// What the detector says of traffic offline.
pub(crate) fn offline(detector: &Arc<Detector>, mut source: impl PacketSource) -> Vec<Verdict> {
    let mut decoder = Decoder::new(detector.decode_config());
    let mut engine = Engine::new(Arc::clone(detector), &Limits::default());
    while let Some(packet) = source.next_packet().expect("a sound capture") {
        if let Ok(packet) = decoder.decode(&packet) {
            engine.push(&packet).expect("sound features");
        }
    }
    engine.finish().expect("sound features");
    std::iter::from_fn(|| engine.pop()).collect()
}

/// Remembers all that it is told.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<SeenParts>>);

#[derive(Default)]
pub(crate) struct SeenParts {
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) alerts: Vec<(SensorAlert, Fate)>,
    pub(crate) seconds: Vec<Second>,
    pub(crate) statuses: Vec<Status>,
    pub(crate) detectors: Vec<Arc<Detector>>,
    /// How long it dawdles over each flow.
    pub(crate) dawdle: Duration,
}

impl Seen {
    pub(crate) fn parts(&self) -> std::sync::MutexGuard<'_, SeenParts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Seen {
    fn flow(&mut self, verdict: &Verdict) {
        let dawdle = self.parts().dawdle;
        std::thread::sleep(dawdle);
        self.parts().verdicts.push(verdict.clone());
    }

    fn alert(&mut self, alert: &SensorAlert, fate: &Fate) {
        self.parts().alerts.push((alert.clone(), fate.clone()));
    }

    fn second(&mut self, second: &Second) {
        self.parts().seconds.push(*second);
    }

    fn status(&mut self, status: &Status, _: &OpenIncidents) {
        self.parts().statuses.push(status.clone());
    }

    fn serving(&mut self, detector: &Arc<Detector>) {
        self.parts().detectors.push(Arc::clone(detector));
    }
}
