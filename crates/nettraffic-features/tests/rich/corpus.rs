//! Every feature of every set on real captures, when the corpus is there (`NETTRAFFIC_CORPUS`).

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use nettraffic_capture::open;
use nettraffic_features::{FeatureMeter, FeatureSet};
use nettraffic_flow::FlowConfig;

const FOLDERS: [&str; 5] = ["attack", "benign", "mixed", "formats", "malformed"];

fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("NETTRAFFIC_CORPUS").map(PathBuf::from);
    if corpus.is_none() {
        println!("skipped: NETTRAFFIC_CORPUS is not set");
    }
    corpus
}

/// The number of flows of a capture, of which every value was looked at; 0 of what is no capture.
fn flows(path: &Path, features: &FeatureSet) -> usize {
    let Ok(source) = open(path) else {
        return 0;
    };
    let schema = features.schema();
    let mut meter = FeatureMeter::new(source, features.clone(), FlowConfig::default());
    let (mut flows, mut row) = (0, Vec::new());
    loop {
        match meter.next_flow(&mut row) {
            Ok(None) => return flows,
            Ok(Some(_)) => flows += 1,
            // Damage in the capture: reading goes on behind it.
            Err(_) => continue,
        }
        assert_eq!(row.len(), schema.len());
        for (column, value) in schema.columns().iter().zip(row.drain(..)) {
            let is_sound = value.is_finite() && !(column.name.ends_with("_share") && value > 1.0);
            assert!(is_sound, "{}: {} is {value}", path.display(), column.name);
        }
    }
}

#[test]
fn every_value_of_every_capture_is_sound() -> Result<(), Box<dyn Error>> {
    let Some(corpus) = corpus() else {
        return Ok(());
    };
    let features = FeatureSet::all();
    let mut total = 0;
    for folder in FOLDERS {
        for entry in fs::read_dir(corpus.join(folder))? {
            let path = entry?.path();
            if path.is_file() {
                total += flows(&path, &features);
            }
        }
    }
    println!("{total} flows, {} columns", features.schema().len());
    assert!(total > 50_000, "{total}");
    Ok(())
}

#[test]
fn encrypted_payloads_have_a_high_entropy_and_text_a_low_one() -> Result<(), Box<dyn Error>> {
    let Some(corpus) = corpus() else {
        return Ok(());
    };
    for (name, column, range) in [
        (
            "attack/id2t_ssh_hydra.pcap",
            "forward_entropy_max",
            6.0..=8.0,
        ),
        ("attack/ftp_crack.pcap", "forward_entropy_max", 2.0..=5.0),
    ] {
        let features = FeatureSet::named("rich")?;
        let position = features.schema().position(column).ok_or(column)?;
        let mut meter =
            FeatureMeter::new(open(corpus.join(name))?, features, FlowConfig::default());
        let (mut row, mut values) = (Vec::new(), Vec::new());
        while meter.next_flow(&mut row)?.is_some() {
            values.push(row.get(position).copied().ok_or(column)?);
            row.clear();
        }
        values.retain(|value| *value > 0.0);
        values.sort_by(f64::total_cmp);
        let median = values.get(values.len() / 2).copied().ok_or(name)?;
        assert!(range.contains(&median), "{name}: {median}");
    }
    Ok(())
}
