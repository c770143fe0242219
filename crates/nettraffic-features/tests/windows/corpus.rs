//! Real captures, when the corpus is there (`NETTRAFFIC_CORPUS`).

use std::collections::HashMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use nettraffic_capture::open;
use nettraffic_features::{FeatureMeter, FeatureSet};
use nettraffic_flow::{Flow, FlowConfig};

/// Every record of a capture with its row, by column.
type Rows = Vec<(Flow, HashMap<String, f64>)>;

fn rows(path: &Path) -> Result<Rows, Box<dyn Error>> {
    let features = FeatureSet::named("window")?;
    let schema = features.schema();
    let mut meter = FeatureMeter::new(open(path)?, features, FlowConfig::default());
    let (mut rows, mut row) = (Vec::new(), Vec::new());
    while let Some(flow) = meter.next_flow(&mut row)? {
        assert!(row.iter().all(|value| value.is_finite()), "{row:?}");
        let names = schema
            .columns()
            .iter()
            .map(|column| column.name.to_string());
        rows.push((flow, names.zip(row.drain(..)).collect()));
    }
    Ok(rows)
}

fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("NETTRAFFIC_CORPUS").map(PathBuf::from);
    if corpus.is_none() {
        println!("skipped: NETTRAFFIC_CORPUS is not set");
    }
    corpus
}

#[test]
fn scans_and_beacons_stand_out() -> Result<(), Box<dyn Error>> {
    let Some(corpus) = corpus() else {
        return Ok(());
    };
    // A capture, a column, the least value in its last records, and of how many of them.
    for (name, column, least, share) in CASES {
        let rows = rows(&corpus.join("attack").join(name))?;
        let late = &rows[rows.len() / 2..];
        let high = late.iter().filter(|(_, row)| row[column] >= least).count();
        let found = high as f64 / late.len() as f64;
        println!(
            "{name}: {column} of {} is {least} in {found:.2}",
            late.len()
        );
        assert!(found >= share, "{name}: {column} >= {least} in {found}");
    }
    Ok(())
}

const CASES: [(&str, &str, f64, f64); 5] = [
    ("nmap_syn.pcap", "source_services_100", 90.0, 0.9),
    ("nmap_connect.pcap", "source_failed_share_100", 0.9, 0.9),
    ("nmap_udp.pcap", "destination_services_100", 90.0, 0.8),
    ("nmap_xmas.pcap", "source_failed_share_60s", 0.9, 0.9),
    ("slips_c2_beacon_2s.pcap", "channel_regular_share", 0.8, 0.5),
];
