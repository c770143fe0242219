//! Drift on synthetic traffic: how often it is seen where there is none, and how soon where there is.

mod traffic;

use std::time::Duration;

use nettraffic_detect::{
    Detector, DriftLevel, DriftMonitor, FalseAlarmGoal, FlowRows, ModelKind, Training,
};
use nettraffic_eval::time_split;
use nettraffic_synth::Scenario;
use traffic::{Outcome, rows};

const FEATURES: &str = "basic,length,timing,tcp";
const SEEDS: u64 = 5;

/// A detector that learned from the first half of an hour of an office, and the flows of the second half:
/// the same network. Another seed would be another network, which is drift.
fn halves(seed: u64) -> Result<(Detector, FlowRows), Box<dyn std::error::Error>> {
    let office = Scenario::new(seed)
        .hosts(16)
        .duration(Duration::from_secs(1_800));
    let all = rows(&office, FEATURES)?;
    let times: Vec<_> = all.flows().iter().map(|flow| flow.last).collect();
    let split = time_split(&times, 0.5)?;
    let training = Training::new(ModelKind::KMeans).goal(FalseAlarmGoal::Rate(0.02));
    let detector = training.fit(&all.select(&split.train), None)?;
    Ok((detector, all.select(&split.test)))
}

/// The same flows as another network would show them: everything that counts bytes or time is larger.
fn scaled(flows: &FlowRows, factor: f64) -> FlowRows {
    let schema = flows.features().schema();
    let mut other = FlowRows::new(flows.features().clone());
    for (index, flow) in flows.flows().iter().enumerate() {
        let columns = schema.columns().iter().zip(flows.row(index));
        let row: Vec<f64> = columns
            .map(|(column, value)| match column.unit.name() {
                "bytes" | "seconds" => value * factor,
                _ => *value,
            })
            .collect();
        other.push(flow.clone(), &row);
    }
    other
}

#[test]
fn traffic_that_did_not_change_is_left_alone() -> Outcome {
    let (mut drifted, mut moderate, mut large, mut features, mut changes) = (0, 0, 0, 0, 0);
    let mut sizes = (0, 0);
    for seed in 1..=SEEDS {
        let (detector, recent) = halves(seed)?;
        let trained_on = detector.training().fitted;
        let mut monitor = DriftMonitor::new(detector);
        monitor.push(&recent)?;
        let report = monitor.report();
        sizes = (trained_on, recent.len());
        drifted += u32::from(report.has_drifted());
        changes += report.scores.changes;
        moderate += report.moved(DriftLevel::Moderate).count();
        large += report.moved(DriftLevel::Large).count();
        features += report.features.len();
        if let Some(most) = report.features.first() {
            println!("seed {seed}: {most}; alarms {}", report.scores.alarms);
        }
    }
    println!(
        "{SEEDS} seeds, {} training and {} recent rows: {drifted} drifted, {changes} score changes, of {features} \
         features {moderate} moved, {large} of them far",
        sizes.0, sizes.1
    );
    assert!(drifted <= 1, "{drifted} of {SEEDS}");
    Ok(())
}

#[test]
fn what_moved_is_named_soon() -> Outcome {
    for factor in [1.5, 3.0] {
        let (mut by_features, mut by_scores, mut named) = (Vec::new(), Vec::new(), 0);
        for seed in 1..=SEEDS {
            let (detector, recent) = halves(seed)?;
            let mut monitor = DriftMonitor::new(detector);
            let half = recent.len() / 2;
            monitor.push(&recent.select(&(0..half).collect::<Vec<_>>()))?;
            let later: Vec<usize> = (half..recent.len()).collect();
            let (mut seen, mut changed) = (None, None);
            for (chunk, indices) in later.chunks(25).enumerate() {
                monitor.push(&scaled(&recent.select(indices), factor))?;
                let report = monitor.report();
                let rows = (chunk + 1) * 25;
                if seen.is_none()
                    && let Some(first) = report.moved(DriftLevel::Moderate).next()
                {
                    seen = Some(rows);
                    named += u32::from(is_scaled(&recent, &first.feature));
                }
                if report.scores.changes > 0 {
                    changed = changed.or(Some(rows));
                }
            }
            by_features.push(seen);
            by_scores.push(changed);
        }
        println!("{factor} times: features {by_features:?}, scores {by_scores:?}");
        if factor > 2.0 {
            let found = by_features.iter().flatten().count();
            assert!(found as u64 >= SEEDS - 1, "{found} of {SEEDS}");
            assert!(u64::from(named) >= SEEDS - 1, "{named} of {SEEDS}");
        }
    }
    Ok(())
}

/// Whether it counts bytes or time.
fn is_scaled(rows: &FlowRows, name: &str) -> bool {
    let schema = rows.features().schema();
    let mut columns = schema.columns().iter();
    columns.any(|column| column.name == name && ["bytes", "seconds"].contains(&column.unit.name()))
}

#[test]
fn the_window_forgets_and_the_order_of_pushes_does_not_matter() -> Outcome {
    let (detector, recent) = halves(1)?;
    let mut once = DriftMonitor::new(detector.clone());
    once.push(&recent)?;
    let mut parts = DriftMonitor::new(detector.clone());
    for indices in (0..recent.len()).collect::<Vec<_>>().chunks(7) {
        parts.push(&recent.select(indices))?;
    }
    assert_eq!(once.report(), parts.report());

    let mut monitor = DriftMonitor::new(detector);
    for _ in 0..3 {
        monitor.push(&scaled(&recent, 10.0))?;
    }
    assert!(monitor.report().has_drifted());
    for _ in 0..3 {
        monitor.push(&recent)?;
    }
    let report = monitor.report();
    assert!(report.rows <= 2_000);
    assert_eq!(report.moved(DriftLevel::Large).count(), 0);
    Ok(())
}
