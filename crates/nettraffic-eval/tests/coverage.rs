//! Intervals that claim to hold the truth in 95 of 100 samples are asked about 1,000 samples whose truth
//! is known.

use std::time::Duration;

use nettraffic_eval::{
    AlarmLoad, AreaDifference, Bootstrap, Confidence, RankedRows, RocCurve, wilson,
};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

const SAMPLES: u32 = 1000;
const ROWS: usize = 500;
const CONFIDENCE: Confidence = Confidence::PERCENT_95;
/// Distance of the two normal distributions whose area is .8, that is √2·Φ⁻¹(.8).
const APART: f64 = 1.190_232_246_4;

/// A standard normal number (Box and Muller 1958).
fn normal(rng: &mut Xoshiro256PlusPlus) -> f64 {
    let (radius, angle): (f64, f64) = (1.0 - rng.r#gen::<f64>(), rng.r#gen());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

/// 150 attacks and 350 benign rows.
fn labels() -> Vec<bool> {
    (0..ROWS).map(|row| row % 10 < 3).collect()
}

/// How many of 1,000 samples have an interval that holds the truth.
fn assert_covers(what: &str, mut holds: impl FnMut(u32) -> Option<bool>) {
    let held = (0..SAMPLES).filter(|sample| holds(*sample) == Some(true));
    let share = held.count() as f64 / f64::from(SAMPLES);
    println!("{what}: {share}");
    assert!((0.93..=0.97).contains(&share), "{what}: {share}");
}

fn scores(rng: &mut Xoshiro256PlusPlus, labels: &[bool]) -> Vec<f64> {
    let shift = |label: &bool| if *label { APART } else { 0.0 };
    labels
        .iter()
        .map(|label| normal(rng) + shift(label))
        .collect()
}

#[test]
fn delong_holds_the_area() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let labels = labels();
    assert_covers("DeLong", |_| {
        let roc = RocCurve::new(&scores(&mut rng, &labels), &labels).ok()?;
        Some(roc.area_interval(CONFIDENCE)?.contains(0.8))
    });
}

#[test]
fn stratified_bootstrap_holds_the_area() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
    let labels = labels();
    assert_covers("stratified bootstrap", |sample| {
        let rows = RankedRows::new(&scores(&mut rng, &labels), &labels).ok()?;
        let bootstrap = Bootstrap::new(sample.into()).replicates(300);
        let found = bootstrap.stratified(&labels, |drawn| rows.draw(drawn).roc().area())?;
        Some(found.interval.contains(0.8))
    });
}

#[test]
fn paired_delong_holds_the_difference() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
    let labels = labels();
    assert_covers("paired DeLong", |_| {
        let first = scores(&mut rng, &labels);
        // The first with as much noise again, moved so far that its area is .8 too: the truth is
        // no difference.
        let noise: Vec<f64> = first.iter().map(|_| normal(&mut rng)).collect();
        let shift = APART * (2.0_f64.sqrt() - 1.0);
        let second: Vec<f64> = (first.iter().zip(&noise).zip(&labels))
            .map(|((score, noise), label)| score + noise + if *label { shift } else { 0.0 })
            .collect();
        let found = AreaDifference::new(&first, &second, &labels, CONFIDENCE).ok()?;
        Some(found.interval?.contains(0.0))
    });
}

#[test]
fn clustered_bootstrap_holds_the_area_of_rows_that_move_together() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(4);
    // Each host has two rows of one kind that are alike.
    let kinds: Vec<bool> = (0..ROWS / 2).map(|host| host % 10 < 3).collect();
    let hosts: Vec<usize> = (0..ROWS).map(|row| row / 2).collect();
    let labels: Vec<bool> = hosts.iter().map(|host| kinds[*host]).collect();
    let mut too_narrow = 0;
    assert_covers("bootstrap of hosts", |sample| {
        let shared: Vec<f64> = kinds.iter().map(|_| normal(&mut rng)).collect();
        let half = 0.5_f64.sqrt();
        let drawn = |host: &usize| {
            let shift = if kinds[*host] { APART } else { 0.0 };
            half * (shared[*host] + normal(&mut rng)) + shift
        };
        let scores: Vec<f64> = hosts.iter().map(drawn).collect();
        let rows = RankedRows::new(&scores, &labels).ok()?;
        let naive = rows.ranking().roc().area_interval(CONFIDENCE)?;
        too_narrow += u32::from(!naive.contains(0.8));
        let bootstrap = Bootstrap::new(sample.into()).replicates(300);
        let found = bootstrap.grouped(&hosts, |drawn| rows.draw(drawn).roc().area())?;
        Some(found.interval.contains(0.8))
    });
    // Rows taken for independent would have claimed far too much.
    assert!(too_narrow > 80, "{too_narrow}");
}

#[test]
fn wilson_holds_the_rate_and_the_load_holds_the_pace() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
    assert_covers("Wilson", |_| {
        let found = (0..ROWS).filter(|_| rng.gen_bool(0.8)).count();
        Some(wilson(found as u64, ROWS as u64, CONFIDENCE)?.contains(0.8))
    });
    assert_covers("alarms an hour", |_| {
        // 40 an hour for an hour: waits are exponential.
        let (mut time, mut alarms) = (0.0, 0);
        loop {
            time -= (1.0 - rng.r#gen::<f64>()).ln() / 40.0;
            if time > 1.0 {
                break;
            }
            alarms += 1;
        }
        let load = AlarmLoad::new(alarms, Duration::from_secs(3600));
        Some(load.per_hour_interval(CONFIDENCE)?.contains(40.0))
    });
}
