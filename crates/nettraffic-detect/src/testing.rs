//! Synthetic traffic for tests.

use std::sync::LazyLock;
use std::time::Duration;

use nettraffic_capture::{PacketMeta, decode, from_reader};
use nettraffic_features::{Extractor, FeatureSet};
use nettraffic_flow::FlowConfig;
use nettraffic_synth::{Attack, AttackKind, Scenario};

use crate::{BENIGN, Detector, FalseAlarmGoal, FlowRows, Labelled, ModelKind, Training};

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
        .attack(at(AttackKind::SynScan, 60).lasting(Duration::from_secs(4)))
        .attack(at(AttackKind::UdpFlood, 200).lasting(Duration::from_secs(1)))
}

pub(crate) fn packets(scenario: &Scenario) -> Vec<PacketMeta> {
    let capture = scenario.pcap_bytes();
    let mut source = from_reader("memory", &*capture).expect("a capture");
    let mut packets = Vec::new();
    while let Some(packet) = source.next_packet().expect("a sound capture") {
        packets.extend(decode(&packet));
    }
    packets
}

pub(crate) fn rows_with(scenario: &Scenario, features: FeatureSet) -> FlowRows {
    let mut extractor = Extractor::new(features.clone(), FlowConfig::default());
    extractor.push_all(&packets(scenario));
    extractor.finish();
    let mut rows = FlowRows::new(features);
    while rows.take_from(&mut extractor) {}
    rows
}

pub(crate) fn rows(scenario: &Scenario) -> FlowRows {
    rows_with(scenario, FeatureSet::default())
}

/// The class of each flow.
pub(crate) fn classes(scenario: &Scenario, rows: &FlowRows) -> Vec<String> {
    let truth = scenario.synthesize().truth;
    let class = |flow: &nettraffic_flow::Flow| {
        let (key, nanos) = (&flow.key, |time: nettraffic_capture::Timestamp| {
            time.as_nanos() as u64
        });
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

/// k-means on usual traffic, a tenth of which may alert, with a forest beside it that knows a
/// scan and a flood.
pub(crate) fn kmeans_and_forest() -> Detector {
    static TRAINED: LazyLock<Detector> =
        LazyLock::new(|| fit_with_attacks(ModelKind::KMeans, FeatureSet::default()));
    TRAINED.clone()
}

/// Fused models on usual traffic, a tenth of which may alert.
pub(crate) fn fusion() -> Detector {
    static TRAINED: LazyLock<Detector> = LazyLock::new(|| {
        (training(ModelKind::Fusion).fit(&rows(&office(1)), None)).expect("enough to learn from")
    });
    TRAINED.clone()
}

/// A forest alone.
pub(crate) fn forest() -> Detector {
    static TRAINED: LazyLock<Detector> =
        LazyLock::new(|| fit_with_attacks(ModelKind::Forest, FeatureSet::default()));
    TRAINED.clone()
}

pub(crate) fn fit_with_attacks(model: ModelKind, features: FeatureSet) -> Detector {
    let flows = rows_with(&attacked(2), features.clone());
    let classes = classes(&attacked(2), &flows);
    let labelled = Labelled {
        flows: &flows,
        classes: &classes,
    };
    let usual = rows_with(&office(1), features);
    training(model)
        .fit(&usual, Some(labelled))
        .expect("enough to learn from")
}

pub(crate) fn training(model: ModelKind) -> Training {
    Training::new(model).goal(FalseAlarmGoal::Rate(0.1))
}

pub(crate) fn saved(detector: &Detector) -> Vec<u8> {
    let mut bytes = Vec::new();
    detector.save(&mut bytes).expect("memory takes everything");
    bytes
}
