//! Anonymised captures: their flows are those of the originals, and the tool keeps its word.

use std::io::Read;
use std::path::PathBuf;

use nettraffic_capture::{
    AnonymizeOptions, Anonymizer, CaptureFormat, CaptureWriter, PacketSource, PseudonymKey,
    from_reader,
};
use nettraffic_features::{FeatureSet, FlowFormat, FlowStatistics, FlowWriter};
use nettraffic_flow::{FlowConfig, FlowMeter};
use nettraffic_synth::Scenario;

/// Captures of many kinds: link types, tunnels, fragments, both IP versions, damage, attacks.
const KINDS: &[&str] = &[];

#[test]
fn flows_of_synthetic_traffic_keep_their_features() {
    for name in ["demo", "syn-scan"] {
        let scenario = Scenario::named(name, 11).unwrap().packets(40_000);
        let mut capture = Vec::new();
        scenario.write_pcap(&mut capture).unwrap();
        let flows = assert_same_flows(name, || Box::new(&capture[..]));
        assert!(flows > 100, "{name}: {flows}");
    }
}

#[test]
fn flows_of_real_captures_keep_their_features() {
    let Some(corpus) = std::env::var_os("NETTRAFFIC_CORPUS").map(PathBuf::from) else {
        eprintln!("skipped: NETTRAFFIC_CORPUS is not set");
        return;
    };
    let mut flows = 0;
    for name in KINDS {
        let capture = std::fs::read(corpus.join(name)).unwrap();
        flows += assert_same_flows(name, || Box::new(&capture[..]));
    }
    assert!(flows > 1_000, "{flows}");
}

/// Compares the flow records of a capture with those of the anonymised one: all but addresses and
/// what is made of them. Gives their number.
#[track_caller]
fn assert_same_flows<'a>(name: &str, capture: impl Fn() -> Box<dyn Read + Send + 'a>) -> usize {
    let before = flows(from_reader(name, capture()).unwrap());
    let shown = anonymized(from_reader(name, capture()).unwrap());
    let after = flows(from_reader(name, &shown[..]).unwrap());
    assert_eq!(before.len(), after.len(), "{name}: records");
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after, "{name}");
    }
    before.len()
}

/// The flow records of a capture with all features, as CSV lines without what tells of addresses.
fn flows(source: Box<dyn PacketSource + Send + '_>) -> Vec<String> {
    const OF_ADDRESSES: [&str; 3] = ["uid", "id.orig_h", "id.resp_h"];
    let mut writer = FlowWriter::new(FeatureSet::all(), FlowFormat::Csv);
    let header = String::from_utf8(writer.header().to_vec()).unwrap();
    let is_kept: Vec<bool> = (header.trim().split(','))
        .map(|column| !OF_ADDRESSES.contains(&column))
        .collect();
    assert_eq!(is_kept.iter().filter(|kept| !**kept).count(), 3, "{header}");

    let mut meter = FlowMeter::<_, FlowStatistics>::new(source, FlowConfig::default());
    let mut flows = Vec::new();
    loop {
        let flow = match meter.next_flow() {
            Ok(Some(flow)) => flow,
            Ok(None) => break,
            Err(_) => continue,
        };
        let record = std::str::from_utf8(writer.record(&flow)).unwrap();
        let fields = record.trim_end().split(',').zip(&is_kept);
        let fields: Vec<&str> = fields.filter(|(_, kept)| **kept).map(|(field, _)| field).collect();
        flows.push(fields.join(","));
    }
    // What went into no flow is the same as well.
    flows.push(format!("{:?}", meter.decode_counters()));
    flows.push(format!("{:?}", meter.flow_counters()));
    flows
}

fn anonymized(mut source: Box<dyn PacketSource + Send + '_>) -> Vec<u8> {
    let key = PseudonymKey::from_hex(&("5a".repeat(16) + &"c3".repeat(16))).unwrap();
    let mut anonymizer = Anonymizer::new(&key, AnonymizeOptions::default());
    let mut writer = CaptureWriter::new(Vec::new(), CaptureFormat::PcapNg).unwrap();
    let mut buffer = Vec::new();
    loop {
        match source.next_packet() {
            Ok(Some(packet)) => {
                let shown = anonymizer.anonymize(&packet, &mut buffer);
                writer.write(&shown).unwrap();
            }
            Ok(None) => break,
            Err(_) => {}
        }
    }
    writer.finish().unwrap()
}
