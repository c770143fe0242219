//! Whether false alarms are as many as a threshold says they will be, in 1,000 random splits.

use std::{error::Error, fs::File, path::PathBuf};

use flate2::read::MultiGzDecoder;
use nettraffic_features::{Preprocessor, TableOptions};
use nettraffic_models::{AnomalyModel, KMeans, Metric, Threshold};
use rand::{Rng, SeedableRng, seq::SliceRandom};
use rand_xoshiro::Xoshiro256Plus;

const SPLITS: u32 = 1_000;
const RATE: f64 = 0.01;

/// In how many of the splits of `scores` in two halves, a threshold set on one and alarms counted
/// in the other, these are within the interval that the threshold predicts; beside it, in
/// how many their share is within the narrower one of the true rate; and the mean share.
fn covered(scores: &mut [f32]) -> Result<(f64, f64, f64), Box<dyn Error>> {
    let mut rng = Xoshiro256Plus::seed_from_u64(42);
    let (mut predicted, mut in_true, mut mean) = (0, 0, 0.0);
    for _ in 0..SPLITS {
        scores.shuffle(&mut rng);
        let (held_out, further) = scores.split_at(scores.len() / 2);
        let threshold = Threshold::at_rate(held_out, RATE)?;
        let found = further.iter().filter(|s| threshold.is_alert(**s)).count();
        let alarms = threshold.alarms_among(further.len() as u64);
        predicted += u32::from((alarms.low..=alarms.high).contains(&(found as u64)));
        let share = found as f64 / further.len() as f64;
        let (low, high) = threshold.interval();
        in_true += u32::from((low..=high).contains(&share));
        mean += share / f64::from(SPLITS);
    }
    let of_splits = |count: u32| f64::from(count) / f64::from(SPLITS);
    Ok((of_splits(predicted), of_splits(in_true), mean))
}

fn check(what: &str, scores: &mut [f32]) -> Result<(), Box<dyn Error>> {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    sorted.dedup();
    let (predicted, in_true, mean) = covered(scores)?;
    println!(
        "{what}: {} scores, {} different; false alarms as predicted in {predicted:.3} of the \
         splits (within the interval of the true rate in {in_true:.3}), mean rate {mean:.5}",
        scores.len(),
        sorted.len()
    );
    assert!((0.93..=0.97).contains(&predicted), "{what}: {predicted}");
    // The promise is about means; a thousand overlapping splits know theirs to about a twentieth.
    assert!(mean <= RATE * 1.05, "{what}: {mean}");
    // Halves vary as much as each other: without the chance of the draw the interval is too narrow.
    assert!(in_true < 0.9, "{what}: {in_true}");
    Ok(())
}

#[test]
fn false_alarms_are_as_many_as_predicted() -> Result<(), Box<dyn Error>> {
    let mut rng = Xoshiro256Plus::seed_from_u64(1);
    let mut continuous: Vec<f32> = (0..20_000).map(|_| rng.r#gen()).collect();
    check("uniform", &mut continuous)?;
    let mut heavy: Vec<f32> = (0..20_000).map(|_| 1.0 / rng.r#gen::<f32>()).collect();
    check("power law", &mut heavy)?;
    let mut tied: Vec<f32> = (0..20_000)
        .map(|_| rng.gen_range(0..2_000) as f32)
        .collect();
    check("2,000 equally likely scores", &mut tied)?;
    Ok(())
}

#[test]
fn false_alarms_of_k_means_are_as_many_as_predicted() -> Result<(), Box<dyn Error>> {
    let Some(corpus) = std::env::var_os("NETTRAFFIC_CORPUS") else {
        println!("skipped: NETTRAFFIC_CORPUS is not set");
        return Ok(());
    };
    let path = PathBuf::from(corpus).join("flows/nsl-kdd/KDDTrain+.txt.gz");
    let table = TableOptions::default().read(MultiGzDecoder::new(File::open(path)?))?;
    let mut benign: Vec<usize> = (0..table.rows())
        .filter(|row| table.is_attack(*row) == Some(false))
        .collect();
    benign.shuffle(&mut Xoshiro256Plus::seed_from_u64(42));
    let (fit, held_out) = benign.split_at(benign.len() / 2);
    let preprocessor = Preprocessor::params().fit(&table.matrix.select(fit))?;
    let train = preprocessor.apply(&table.matrix.select(fit))?;
    let held_out = preprocessor.apply(&table.matrix.select(held_out))?;
    for metric in [Metric::Covariance, Metric::Euclidean] {
        let model = KMeans::params(8).metric(metric).fit(&train)?;
        let mut scores = model.score(held_out.view())?.to_vec();
        check(&format!("k-means, {metric:?}"), &mut scores)?;
    }
    Ok(())
}
