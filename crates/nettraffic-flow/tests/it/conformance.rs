//! Tiny captures whose answers were worked out by hand, and all the others for their account.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use nettraffic_capture::{DecodeConfig, Decoder, TcpFlags, open};
use nettraffic_flow::{Flow, FlowConfig, FlowCounters, FlowTable, TcpFlagCounts, TcpSequence};
use serde_json::{Map, Value, json};

use crate::corpus::{corpus, files};

type Records = Vec<Flow<(TcpFlagCounts, TcpSequence)>>;

#[test]
fn answers_are_those_worked_out_by_hand() -> Result<(), Box<dyn Error>> {
    let Some(captures) = captures("conformance") else {
        return Ok(());
    };
    assert_eq!(captures.len(), 12);
    for path in captures {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let worked_out = fs::read_to_string(path.with_extension("pcap.json"))?;
        let expected: Map<String, Value> = serde_json::from_str(&worked_out)?;
        let (records, counters) = meter(&path)?;
        let found = summary(&records, &counters);
        for (what, value) in &expected {
            if let Some(found) = found.get(what) {
                // Some answers begin with the number and go on with words.
                let words = value.as_str().and_then(|text| text.split(' ').next());
                let number = words.and_then(|word| serde_json::from_str(word).ok());
                assert_eq!(found, number.as_ref().unwrap_or(value), "{name}: {what}");
            } else {
                assert!(matches!(&**what, "note" | "bytes_file"), "{name}: {what}");
            }
        }
    }
    Ok(())
}

#[test]
fn the_well_known_port_is_the_responder_midstream() -> Result<(), Box<dyn Error>> {
    let Some(captures) = captures("conformance") else {
        return Ok(());
    };
    let path = captures
        .iter()
        .find(|path| path.ends_with("midstream.pcap"));
    let (records, _) = meter(path.ok_or("midstream.pcap")?)?;
    let ports: Vec<_> = records
        .iter()
        .map(|flow| (flow.key.initiator_port, flow.key.responder_port))
        .collect();
    assert_eq!(ports, [(40000, 80)]);
    Ok(())
}

#[test]
fn the_account_of_every_capture_closes() -> Result<(), Box<dyn Error>> {
    let Some(captures) = captures("benign") else {
        return Ok(());
    };
    assert!(!captures.is_empty());
    for path in captures {
        let (records, counters) = meter(&path)?;
        let name = path.display();
        let packets = |flow: &Flow<_>| flow.packets() + u64::from(flow.icmp_errors.packets);
        let in_records: u64 = records.iter().map(packets).sum();
        assert_eq!(in_records, counters.packets_in_flows, "{name}");
        let due = counters.opened + counters.continuations;
        assert_eq!(records.len() as u64, due, "{name}");
        // Out of order only where the capture's own clock steps back for more than a day.
        let is_sorted = records.is_sorted_by_key(|flow| flow.ended);
        assert!(is_sorted || counters.clock_resets > 0, "{name}");
        let mut uids: Vec<_> = records.iter().map(Flow::uid).collect();
        uids.sort_unstable();
        uids.dedup();
        assert_eq!(
            uids.len(),
            records.len(),
            "{name}: two records with one uid"
        );
    }
    Ok(())
}

/// The captures of a folder of the corpus, sorted; `None` when there is no corpus.
fn captures(folder: &str) -> Option<Vec<PathBuf>> {
    let mut paths = files(&corpus()?.join(folder)).ok()?;
    paths.retain(|path| {
        path.extension()
            .is_some_and(|name| name != "json" && name != "md")
    });
    Some(paths)
}

fn meter(path: &Path) -> Result<(Records, FlowCounters), Box<dyn Error>> {
    let mut source = open(path)?;
    let mut decoder = Decoder::new(DecodeConfig::default());
    let mut table = FlowTable::new(FlowConfig::default());
    while let Some(packet) = source.next_packet()? {
        if let Ok(packet) = decoder.decode(&packet) {
            table.push(&packet);
        }
    }
    table.finish();
    let records = std::iter::from_fn(|| table.pop()).collect();
    Ok((records, table.counters()))
}

/// What was found, under the names of the answers.
fn summary(records: &Records, counters: &FlowCounters) -> Map<String, Value> {
    let sum = |count: fn(&Flow<(TcpFlagCounts, TcpSequence)>) -> u64| -> Value {
        records.iter().map(count).sum::<u64>().into()
    };
    let found = json!({
        "packets": counters.packets(),
        "flows": records.len(),
        "fwd": sum(|flow| flow.forward.packets),
        "bwd": sum(|flow| flow.backward.packets),
        "fwd_payload": sum(|flow| flow.forward.payload_bytes),
        "bwd_payload": sum(|flow| flow.backward.payload_bytes),
        "dur": sum(|flow| flow.duration().as_secs()),
        "fin": sum(|flow| flow.state.0.of_both_sides(TcpFlags::FIN)),
        "syn": sum(|flow| flow.state.0.of_both_sides(TcpFlags::SYN)),
        "rst": sum(|flow| flow.state.0.of_both_sides(TcpFlags::RST)),
        "psh": sum(|flow| flow.state.0.of_both_sides(TcpFlags::PSH)),
        "ack": sum(|flow| flow.state.0.of_both_sides(TcpFlags::ACK)),
        "retrans_fwd": sum(|flow| flow.state.1.sides.forward.repeated()),
    });
    match found {
        Value::Object(found) => found,
        _ => Map::new(),
    }
}
