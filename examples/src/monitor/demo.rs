//! Built-in traffic to show a sensor with.

use std::io::Cursor;
use std::time::Duration;

use nettraffic_capture::from_reader;
use nettraffic_detect::{FalseAlarmGoal, FlowRows};
use nettraffic_eval::{LabelRules, Unmatched};
use nettraffic_experiment::truth;
use nettraffic_features::FeatureMeter;
use nettraffic_sensor::{Learning, Replay, Speed};
use nettraffic_synth::{Scenario, Synthetic};

use crate::Failure;

const SCENARIO: &str = "demo";
/// How fast it is replayed unless something else is asked for.
const SPEED: f64 = 30.0;

/// The built-in office traffic, attacked in its later three quarters.
pub(super) fn replay(seed: u64, speed: Option<f64>) -> Result<Replay, Failure> {
    let name = format!("built-in traffic (scenario {SCENARIO}, seed {seed})");
    let pcap = synthesized(seed)?.pcap;
    let source = from_reader(&name, Cursor::new(pcap)).map_err(Failure::usage)?;
    Ok(Replay::new(name, source).speed(Speed::Times(speed.unwrap_or(SPEED))))
}

/// Learns from the first quarter, and what attacks look like from synthetic traffic of another seed.
pub(super) fn learning(seed: u64) -> Result<Learning, Failure> {
    let made = synthesized(seed.wrapping_add(1))?;
    let rules = LabelRules::parse(made.truth.rules_csv().as_bytes()).map_err(Failure::usage)?;
    let source = from_reader("labelled synthetic traffic", Cursor::new(made.pcap));
    let mut learning = Learning::over(quarter());
    (learning.seed, learning.least_flows) = (seed, 200);
    learning.goal = FalseAlarmGoal::Rate(0.01);
    let features = learning.features.clone();
    let source = source.map_err(Failure::usage)?;
    let mut meter = FeatureMeter::new(source, features.clone(), learning.flow.clone());
    let (mut flows, mut row) = (FlowRows::new(features), Vec::new());
    while let Some(flow) = meter.next_flow(&mut row).map_err(Failure::usage)? {
        flows.push(flow, &row);
        row.clear();
    }
    let class = |flow| truth(flow, &rules, Unmatched::Benign).name().to_owned();
    let classes = flows.flows().iter().map(class).collect();
    learning.attacks = Some((flows, classes));
    Ok(learning)
}

fn synthesized(seed: u64) -> Result<Synthetic, Failure> {
    Ok(Scenario::named(SCENARIO, seed)
        .map_err(Failure::usage)?
        .synthesize())
}

fn quarter() -> Duration {
    Duration::from_secs(36 * 60 / 4)
}
