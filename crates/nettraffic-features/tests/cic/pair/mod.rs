//! CICFlowMeter's own output for a real capture beside ours, column by column.

mod cut;
mod page;
mod theirs;

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::read::GzDecoder;
use nettraffic_capture::{PacketMeta, open};
use nettraffic_features::{FeatureNames, FeatureSet, Projection, Table, TableOptions};
use nettraffic_flow::{Flow, FlowConfig, FlowTable, PacketBatches};

use self::cut::{Cut, cut};
use self::page::{Comparison, Summary};
use self::theirs::reason;
use crate::Outcome;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// All that is known of one row of that program: its record and the row's number.
struct Pair {
    theirs: usize,
    cut: Cut,
}

/// Every column is equal, or becomes equal when the error is put in; `docs/CICFLOWMETER.md` tells which.
/// After a change, run this test with `NETTRAFFIC_REFRESH=1` and read the difference.
#[test]
fn every_difference_from_cicflowmeter_is_one_of_its_errors() -> Outcome {
    let Some(corpus) = corpus() else {
        return Ok(());
    };
    let packets = packets(&corpus.join("benign/cicflowmeter_pair.pcap"))?;
    let table = table(&corpus.join("flows/cicflowmeter_pair/cicflowmeter_pair.csv.gz"))?;
    let pairs = join(&table, cut(&packets))?;
    let set = FeatureSet::named("cic")?;
    let projection = Projection::of(&set.schema(), FeatureNames::Cic2017)?;
    let rows: Vec<Vec<f64>> = pairs
        .iter()
        .map(|pair| pair.cut.row(&set, &projection))
        .collect();

    let mut comparisons = Vec::new();
    for (column, name) in projection
        .schema()
        .columns()
        .iter()
        .map(|c| &*c.name)
        .enumerate()
    {
        // The doubled column is one for the reader.
        let Some(at) = table.matrix.schema().position(name) else {
            assert_eq!(name, "Fwd Header Length.1");
            continue;
        };
        let theirs = |pair: &Pair| table.matrix.row(pair.theirs)[at];
        let equal = |(pair, row): &(&Pair, &Vec<f64>)| is_equal(row[column], theirs(pair));
        let equal = pairs.iter().zip(&rows).filter(equal).count();
        let reason = reason(name);
        match &reason {
            Some(reason) => {
                for pair in &pairs {
                    let (wrong, theirs) = ((reason.value)(&pair.cut), theirs(pair));
                    assert!(is_equal(wrong, theirs), "{name}: {wrong}, not {theirs}");
                }
            }
            None => assert_eq!(equal, pairs.len(), "{name} differs for no reason"),
        }
        comparisons.push(Comparison {
            name: name.to_owned(),
            equal,
            reason: reason.filter(|_| equal < pairs.len()),
        });
    }
    let summary = summary(&packets, &pairs);
    compare_page(&page::page(&summary, &comparisons))
}

/// Their sums were rounded at every step, ours at the end.
fn is_equal(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

fn compare_page(made: &str) -> Outcome {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/CICFLOWMETER.md");
    if env::var_os("NETTRAFFIC_REFRESH").is_some() {
        fs::write(&path, made)?;
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "docs/CICFLOWMETER.md is out of date");
    Ok(())
}

fn corpus() -> Option<PathBuf> {
    let corpus = env::var_os("NETTRAFFIC_CORPUS").map(PathBuf::from);
    if corpus.is_none() {
        println!("NETTRAFFIC_CORPUS is not set: skipped");
    }
    corpus
}

fn packets(capture: &Path) -> Result<Vec<PacketMeta>> {
    let mut batches = PacketBatches::new(open(capture)?);
    let mut packets = Vec::new();
    while let Some(batch) = batches.next_batch()? {
        packets.extend_from_slice(batch);
    }
    Ok(packets)
}

fn table(path: &Path) -> Result<Table> {
    let table = TableOptions::default().read(GzDecoder::new(File::open(path)?))?;
    assert_eq!(table.account.refused, 0, "{}", table.account);
    Ok(table)
}

/// Their rows and the records that are cut as theirs: both ends and the duration tell which is which.
fn join(table: &Table, cuts: Vec<Cut>) -> Result<Vec<Pair>> {
    assert_eq!(table.rows(), cuts.len());
    let mut by_ends: HashMap<String, Vec<Cut>> = HashMap::new();
    for cut in cuts {
        let ((source, source_port), (destination, port)) = (cut.source, cut.destination);
        let key = format!(
            "{source} {source_port} {destination} {port} {}",
            cut.duration()
        );
        by_ends.entry(key).or_default().push(cut);
    }
    let duration = table
        .matrix
        .schema()
        .position("Flow Duration")
        .ok_or("no duration")?;
    let ends = [
        "Source IP",
        "Source Port",
        "Destination IP",
        "Destination Port",
    ];
    let mut pairs = Vec::new();
    for row in 0..table.rows() {
        let mut key = String::new();
        for name in ends {
            let column = table.identity_column(name).ok_or(name)?;
            key += column.get(row).ok_or(name)?;
            key.push(' ');
        }
        key += &format!("{}", table.matrix.row(row)[duration]);
        let found = by_ends.get_mut(&key).map(|cuts| cuts.remove(0));
        let cut = found.ok_or(format!("row {row} is no record: {key}"))?;
        pairs.push(Pair { theirs: row, cut });
    }
    Ok(pairs)
}

/// How their records lie in our flows.
fn summary(packets: &[PacketMeta], pairs: &[Pair]) -> Summary {
    let flows = flows(packets);
    let flow_of = |pair: &Pair| flows.iter().find(|flow| holds(flow, &pair.cut));
    let is_whole = |flow: &Flow, cut: &Cut| {
        let ends = (flow.key.initiator, flow.key.initiator_port);
        ends == cut.source && flow.packets() == cut.packets.len() as u64
    };
    let (mut whole, mut turned) = (0, 0);
    for pair in pairs {
        let flow = flow_of(pair);
        assert!(
            flow.is_some(),
            "row {} lies in no flow of ours",
            pair.theirs
        );
        whole += usize::from(flow.is_some_and(|flow| is_whole(flow, &pair.cut)));
        turned += usize::from(flow.is_some_and(|flow| flow.key.initiator != pair.cut.source.0));
    }
    Summary {
        packets: packets.len(),
        flows: flows.len(),
        rows: pairs.len(),
        whole,
        turned,
    }
}

/// Whether all packets of the record are of the flow.
fn holds(flow: &Flow, cut: &Cut) -> bool {
    let key = &flow.key;
    let mut ours = [
        (key.initiator, key.initiator_port),
        (key.responder, key.responder_port),
    ];
    let mut theirs = [cut.source, cut.destination];
    ours.sort_unstable();
    theirs.sort_unstable();
    let within =
        |packet: &PacketMeta| flow.first <= packet.timestamp && packet.timestamp <= flow.last;
    ours == theirs && cut.packets.iter().all(within)
}

fn flows(packets: &[PacketMeta]) -> Vec<Flow> {
    let mut table: FlowTable = FlowTable::new(FlowConfig::default());
    table.push_all(packets);
    table.finish();
    std::iter::from_fn(|| table.pop()).collect()
}
