//! Synthetic traffic and detectors for the tests of this folder.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::error::Error;
use std::time::Duration;

use nettraffic_capture::{PacketSource, Timestamp, decode, from_reader};
use nettraffic_detect::{
    BENIGN, DetectError, Detector, FalseAlarmGoal, FlowRows, Labelled, ModelKind, Training,
};
use nettraffic_features::{Extractor, FeatureSet};
use nettraffic_flow::FlowConfig;
use nettraffic_synth::{Attack, AttackKind, Scenario};

pub(crate) type Outcome = Result<(), Box<dyn Error>>;

/// Some hundred flows of usual traffic.
pub(crate) fn office(seed: u64) -> Scenario {
    Scenario::new(seed)
        .hosts(6)
        .duration(Duration::from_secs(400))
}

/// The same with a scan and a flood in it.
pub(crate) fn attacked(seed: u64) -> Scenario {
    let at = |kind, second| Attack::new(kind).at(Duration::from_secs(second));
    office(seed)
        .attack(at(AttackKind::SynScan, 60).lasting(Duration::from_secs(2)))
        .attack(at(AttackKind::UdpFlood, 200).lasting(Duration::from_secs(1)))
}

pub(crate) fn rows(scenario: &Scenario, features: &str) -> Result<FlowRows, Box<dyn Error>> {
    let features = FeatureSet::named(features)?;
    let capture = scenario.pcap_bytes();
    rows_of(from_reader("memory", &*capture)?, features)
}

pub(crate) fn rows_of(
    mut source: impl PacketSource,
    features: FeatureSet,
) -> Result<FlowRows, Box<dyn Error>> {
    let mut packets = Vec::new();
    while let Some(packet) = source.next_packet()? {
        packets.extend(decode(&packet));
    }
    let mut extractor = Extractor::new(features.clone(), FlowConfig::default());
    extractor.push_all(&packets);
    extractor.finish();
    let mut rows = FlowRows::new(features);
    while rows.take_from(&mut extractor) {}
    Ok(rows)
}

/// The class of each flow.
pub(crate) fn classes(scenario: &Scenario, rows: &FlowRows) -> Vec<String> {
    let truth = scenario.synthesize().truth;
    let nanos = |time: Timestamp| time.as_nanos() as u64;
    let class = |flow: &nettraffic_flow::Flow| {
        let key = &flow.key;
        let rule = truth.rules.iter().find(|rule| {
            rule.matches(
                (nanos(flow.first), nanos(flow.last)),
                (key.initiator, key.initiator_port),
                (key.responder, key.responder_port),
                key.protocol.0,
            )
        });
        rule.map_or(BENIGN, |rule| rule.label).to_owned()
    };
    rows.flows().iter().map(class).collect()
}

/// A detector of each kind that this build can train, a tenth of whose training flows may alert.
pub(crate) fn detectors(features: &str) -> Result<Vec<Detector>, Box<dyn Error>> {
    let usual = rows(&office(1), features)?;
    let flows = rows(&attacked(2), features)?;
    let classes = classes(&attacked(2), &flows);
    let labelled = Labelled {
        flows: &flows,
        classes: &classes,
    };
    let mut detectors = Vec::new();
    for kind in ModelKind::ALL {
        let training = Training::new(kind).goal(FalseAlarmGoal::Rate(0.1));
        match training.fit(&usual, Some(labelled)) {
            Err(DetectError::NotCompiled { .. }) => {}
            fitted => detectors.push(fitted?),
        }
    }
    Ok(detectors)
}

pub(crate) fn saved(detector: &Detector) -> Result<Vec<u8>, DetectError> {
    let mut bytes = Vec::new();
    detector.save(&mut bytes)?;
    Ok(bytes)
}

/// Random numbers that are the same in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// SplitMix64 (Steele, Lea and Flood 2014).
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, or 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}
