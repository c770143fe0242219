//! The tools on real captures: those that `NETTRAFFIC_CORPUS` names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::run::Folder;

/// A line of the corpus's manifest.
struct Entry {
    path: PathBuf,
    packets: u64,
    wire_bytes: u64,
}

/// Damaged captures whose whole packets are not all delivered, and why.
const NOT_DELIVERED: &[(&str, &str)] = &[(
    "syn_pcapng_epb_no_idb.pcapng",
    "its one packet names an interface that the file does not describe: nobody knows its link type",
)];

/// The captures of these folders, or `None` (which is said) without a corpus.
fn captures(folders: &[&str]) -> Option<Vec<Entry>> {
    let Some(corpus) = std::env::var_os("NETTRAFFIC_CORPUS").map(PathBuf::from) else {
        eprintln!("skipped: NETTRAFFIC_CORPUS is not set");
        return None;
    };
    let mut manifest = csv::Reader::from_path(corpus.join("manifest.csv")).unwrap();
    let entries: Vec<Entry> = manifest
        .deserialize::<BTreeMap<String, String>>()
        .map(Result::unwrap)
        .filter(|row| {
            folders
                .iter()
                .any(|f| row["path"].starts_with(&format!("{f}/")))
        })
        .filter_map(|row| {
            Some(Entry {
                path: corpus.join(&row["path"]),
                packets: row["packets"].parse().ok()?,
                wire_bytes: row["wire_bytes"].parse().ok()?,
            })
        })
        .collect();
    assert!(entries.len() > 100, "{}", entries.len());
    Some(entries)
}

/// The summary of one run of `nettraffic-flows`, with its exit code and time.
fn flows(folder: &Folder, capture: &Path) -> (Value, i32, Duration) {
    let summary = folder.file("summary.json");
    let _ = std::fs::remove_file(&summary);
    let start = Instant::now();
    let ran = folder.run(
        "flows",
        &[
            capture.to_str().unwrap(),
            "-o",
            "flows.csv",
            "--summary",
            "summary.json",
        ],
    );
    let took = start.elapsed();
    let summary = std::fs::read(&summary).unwrap_or_else(|error| {
        panic!("{}: {error}\n{}", capture.display(), ran.stderr());
    });
    (serde_json::from_slice(&summary).unwrap(), ran.code(), took)
}

fn count(summary: &Value, name: &str) -> u64 {
    summary[name].as_u64().unwrap()
}

fn sum(summary: &Value, name: &str) -> u64 {
    summary[name]
        .as_object()
        .unwrap()
        .values()
        .map(|v| v.as_u64().unwrap())
        .sum()
}

#[track_caller]
fn assert_account_closes(summary: &Value, capture: &Path) {
    let place = capture.display();
    assert_eq!(
        count(summary, "packets_read"),
        count(summary, "packets_decoded") + sum(summary, "skipped"),
        "{place}: read = decoded + skipped"
    );
    assert_eq!(
        count(summary, "packets_in_flows") + sum(summary, "not_a_flow"),
        count(summary, "packets_decoded"),
        "{place}: in flows + not a flow = decoded"
    );
    assert_eq!(
        count(summary, "flows"),
        sum(summary, "flow_ends"),
        "{place}: flows by end"
    );
}

#[test]
fn every_sound_capture_is_read_to_its_end_and_the_account_closes() {
    let Some(entries) = captures(&["benign", "attack", "mixed", "formats"]) else {
        return;
    };
    let folder = Folder::new();
    let mut differences = Vec::new();
    for entry in entries {
        let (summary, code, _) = flows(&folder, &entry.path);
        let name = entry.path.display();
        if entry
            .path
            .extension()
            .is_some_and(|extension| extension == "erf")
        {
            let refused = summary["errors"][0]["message"].as_str();
            if code != 1 || !refused.is_some_and(|message| message.contains("ERF")) {
                differences.push(format!("{name}: ERF is refused: {code} {refused:?}"));
            }
            continue;
        }
        assert_account_closes(&summary, &entry.path);
        let (packets, bytes) = (
            count(&summary, "packets_read"),
            count(&summary, "wire_bytes"),
        );
        if (packets, bytes) != (entry.packets, entry.wire_bytes) || code != 0 {
            differences.push(format!(
                "{name}: {packets} packets, {bytes} bytes, exit code {code}; expected {} and {}: {}",
                entry.packets, entry.wire_bytes, summary["errors"]
            ));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn damaged_captures_neither_panic_nor_hang_and_the_damage_is_placed() {
    let Some(entries) = captures(&["malformed"]) else {
        return;
    };
    let folder = Folder::new();
    let mut differences = Vec::new();
    for entry in entries {
        let (summary, code, mut took) = flows(&folder, &entry.path);
        // Other tests share the processors: a slow run is tried again.
        for _ in 0..2 {
            if took > Duration::from_secs(1) {
                took = flows(&folder, &entry.path).2;
            }
        }
        let name = entry.path.display();
        assert_account_closes(&summary, &entry.path);
        let errors = summary["errors"].as_array().unwrap();
        if code != i32::from(!errors.is_empty()) {
            differences.push(format!(
                "{name}: exit code {code} with {} errors",
                errors.len()
            ));
        }
        for error in errors {
            let message = error["message"].as_str().unwrap_or_default();
            let placed = error["file"].as_str() == entry.path.to_str()
                && error["offset"].is_u64()
                // What is refused at its begin is refused as a whole.
                && (error["offset"] == 0 || message.contains("byte"));
            if !placed {
                differences.push(format!("{name}: {error}"));
            }
        }
        if took > Duration::from_secs(1) {
            differences.push(format!("{name}: {took:?}"));
        }
        let delivered = count(&summary, "packets_read");
        let explained = NOT_DELIVERED
            .iter()
            .any(|(file, _)| entry.path.ends_with(file));
        if (delivered < entry.packets) != explained {
            differences.push(format!(
                "{name}: {} packets of {}: {}",
                count(&summary, "packets_read"),
                entry.packets,
                summary["errors"]
            ));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
