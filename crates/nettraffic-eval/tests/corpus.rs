//! Label files of real captures, when the corpus is there (`NETTRAFFIC_CORPUS`).

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use nettraffic_eval::{Conversation, LabelRules, Truth, Unmatched};

fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("NETTRAFFIC_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: NETTRAFFIC_CORPUS is not set");
    }
    folder
}

fn read(path: &Path) -> LabelRules {
    LabelRules::parse(File::open(path).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_label_file_is_read_and_written_back() {
    let Some(corpus) = corpus() else { return };
    let mut files: Vec<PathBuf> = ["attack/labels", "mixed"]
        .iter()
        .flat_map(|folder| fs::read_dir(corpus.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let rules_of_attack = path.parent().unwrap().ends_with("labels");
            name.ends_with(".labels.csv")
                || rules_of_attack && name.ends_with(".csv") && !name.ends_with(".packets.csv")
        })
        .collect();
    files.sort();
    assert!(files.len() >= 35, "{} label files", files.len());
    for path in files {
        let rules = read(&path);
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().skip(1).filter(|line| !line.is_empty());
        assert_eq!(rules.rules().len(), lines.count(), "{}", path.display());
        let mut again = Vec::new();
        rules.write(&mut again).unwrap();
        assert_eq!(
            LabelRules::parse(again.as_slice()).unwrap(),
            rules,
            "{}",
            path.display()
        );
    }
}

#[test]
fn packet_labels_are_refused_as_rules() {
    let Some(corpus) = corpus() else { return };
    let path = corpus.join("attack/labels/modbus_exploit_ms08.packets.csv");
    let error = LabelRules::parse(File::open(path).unwrap()).unwrap_err();
    assert_eq!(error.line, 1);
}

#[test]
fn published_labels_are_found_in_both_directions() {
    let Some(corpus) = corpus() else { return };
    let rules = read(&corpus.join("attack/labels/slowloris.csv"));
    let flow = |a: [u8; 4], a_port, b: [u8; 4], b_port| Conversation {
        first_ns: 0,
        last_ns: 1,
        a: a.into(),
        a_port,
        b: b.into(),
        b_port,
        proto: 6,
    };
    let (attacker, doubtful, victim) = ([172, 16, 65, 2], [172, 16, 65, 4], [172, 16, 65, 5]);
    for (conversation, expected) in [
        (
            flow(attacker, 40_000, victim, 80),
            Truth::Attack("dos_slowloris"),
        ),
        (
            flow(victim, 80, attacker, 40_000),
            Truth::Attack("dos_slowloris"),
        ),
        (flow(victim, 80, doubtful, 40_000), Truth::Unknown),
        (flow(victim, 443, attacker, 40_000), Truth::Benign),
    ] {
        assert_eq!(rules.truth(&conversation, Unmatched::Benign), expected);
    }
}
