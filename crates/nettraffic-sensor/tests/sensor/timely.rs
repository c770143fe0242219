//! How soon each attack raises an alert, and how many false ones there are meanwhile.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use nettraffic_capture::{DecodeConfig, Decoder, PacketSource};
use nettraffic_detect::{Detector, FalseAlarmGoal, FlowRows, Verdict};
use nettraffic_features::{Extractor, FeatureSet};
use nettraffic_flow::FlowConfig;
use nettraffic_sensor::{Learning, Sensor};
use nettraffic_synth::{AttackKind, Scenario};

use crate::common::{Seen, Tested, label, replay, source};

/// An hour of usual traffic.
fn hour(seed: u64) -> Scenario {
    Scenario::new(seed).duration(Duration::from_secs(3_600))
}

/// How a sensor that knows attacks by name is trained here.
fn learning() -> Learning {
    let mut learning = Learning::over(Duration::from_secs(3_600));
    learning.goal = FalseAlarmGoal::Rate(0.005);
    let mut attacks = FlowRows::new(FeatureSet::default());
    let mut classes = Vec::new();
    for (kind, seed) in AttackKind::ALL.into_iter().zip(500..) {
        let scenario = Scenario::named(kind.scenario_name(), seed).expect("a scenario");
        let rows = rows(&scenario, &learning.flow);
        let rules = scenario.synthesize().truth.rules;
        classes.extend(
            rows.flows()
                .iter()
                .map(|flow| label(flow, &rules).to_owned()),
        );
        attacks.extend_from(&rows);
    }
    learning.attacks = Some((attacks, classes));
    learning
}

fn rows(scenario: &Scenario, flow: &FlowConfig) -> FlowRows {
    let mut extractor = Extractor::new(FeatureSet::default(), flow.clone());
    let mut rows = FlowRows::new(FeatureSet::default());
    let (mut source, mut decoder) = (source(scenario), Decoder::new(DecodeConfig::default()));
    while let Some(packet) = source.next_packet().expect("a sound capture") {
        if let Ok(packet) = decoder.decode(&packet) {
            extractor.push(&packet);
        }
    }
    extractor.finish();
    while rows.take_from(&mut extractor) {}
    rows
}

fn detector() -> Arc<Detector> {
    static TRAINED: LazyLock<Arc<Detector>> = LazyLock::new(|| {
        let learning = learning();
        let rows = rows(&hour(100), &learning.flow);
        Arc::new(learning.fit(&rows).expect("enough to learn from"))
    });
    Arc::clone(&TRAINED)
}

fn judged(scenario: &Scenario) -> Result<Vec<Verdict>, Box<dyn std::error::Error>> {
    let seen = Seen::default();
    let sensor = Sensor::detecting(detector()).observer(seen.clone());
    let _status = sensor.input(replay(scenario)).start()?.wait();
    let verdicts = std::mem::take(&mut seen.parts().verdicts);
    Ok(verdicts)
}

/// Seconds from its start after which an attack must have raised an alert.
const fn deadline(kind: AttackKind) -> f64 {
    match kind {
        // Behind its third report: one comes every 15 s, and a flow is judged two seconds after it began.
        AttackKind::Beacon => 60.0,
        AttackKind::Slowloris | AttackKind::DnsTunnel | AttackKind::Exfiltration => 60.0,
        _ => 5.0,
    }
}

#[test]
fn every_attack_is_told_of_in_time() -> Tested {
    for kind in AttackKind::ALL {
        let scenario = Scenario::named(kind.scenario_name(), 7)?;
        let rules = scenario.synthesize().truth.rules;
        let verdicts = judged(&scenario)?;
        let attack = || {
            verdicts
                .iter()
                .filter(|verdict| label(&verdict.flow, &rules) != "benign")
        };
        let start = attack()
            .map(|verdict| verdict.flow.first)
            .min()
            .ok_or("an attack")?;
        let first = attack().find(|verdict| verdict.alert.is_some());
        let first = first.ok_or_else(|| format!("{kind:?} raises no alert"))?;
        let after = first.flow.ended.saturating_since(start).as_secs_f64();
        let found = attack().filter(|verdict| verdict.alert.is_some()).count();
        println!(
            "{:15} after {after:.1} s, {found} of {} records",
            kind.scenario_name(),
            attack().count()
        );
        assert!(after <= deadline(kind), "{kind:?} only after {after} s");
    }
    Ok(())
}

#[test]
fn false_alarms_of_an_hour_are_within_what_the_detector_promises() -> Tested {
    let verdicts = judged(&hour(7))?;
    let alarms = verdicts
        .iter()
        .filter(|verdict| verdict.alert.is_some())
        .count() as u64;
    let detector = detector();
    let flows = verdicts.len() as u64;
    // Of each of the two ways to raise one, the upper end of what is promised of as many flows.
    let known = detector.known_attack_threshold();
    let known = known.map_or(0, |threshold| threshold.alarms_among(flows).high);
    let promised = detector.threshold().alarms_among(flows).high + known;
    println!("{alarms} alarms of {flows} flows, {promised} at most are promised");
    assert!(
        alarms <= promised,
        "{alarms} of {flows}, {promised} promised"
    );
    Ok(())
}
