//! What `nettraffic-flows` can be told: threads, times, names, labels.

use std::collections::BTreeMap;

use nettraffic_features::{FeatureSet, TableFormat, TableOptions};
use serde_json::Value;

use crate::run::Folder;

type Record = BTreeMap<String, String>;

/// A synthetic office under attack, `mixed.pcap`, with its label rules, `mixed.csv`.
fn mixed() -> Folder {
    let folder = Folder::new();
    let arguments = [
        "mixed",
        "--packets",
        "20000",
        "-o",
        "mixed.pcap",
        "--labels",
        "mixed.csv",
    ];
    folder.run("synth", &arguments).expect(0);
    folder
}

fn flows(folder: &Folder, arguments: &[&str]) -> String {
    folder.run("flows", arguments).expect(0).stdout()
}

fn records(text: &str) -> Vec<Record> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .map(Result::unwrap)
        .collect()
}

#[test]
fn any_number_of_threads_writes_the_same_bytes() {
    let folder = mixed();
    let all = FeatureSet::names().collect::<Vec<_>>().join(",");
    for arguments in [
        &["mixed.pcap"][..],
        &["mixed.pcap", "--features", &all, "--community-id"],
        &["mixed.pcap", "--features", "cic", "--names", "cic2018"],
        &[
            "mixed.pcap",
            "--features",
            "basic,window",
            "--format",
            "zeek",
            "--early-packets",
            "3",
            "--idle-timeout",
            "20",
            "--max-flows",
            "5000",
            "--max-memory",
            "1",
        ],
        &[
            "mixed.pcap",
            "--json",
            "--label",
            "mixed.csv",
            "--statistics",
        ],
    ] {
        let one = folder.run("flows", arguments).expect(0);
        for threads in ["2", "3", "8"] {
            let many = [arguments, &["--threads", threads]].concat();
            let many = folder.run("flows", &many).expect(0);
            assert!(many.stdout() == one.stdout(), "{arguments:?} on {threads}");
            assert_eq!(many.stderr(), one.stderr(), "{arguments:?} on {threads}");
        }
    }
}

#[test]
fn a_capture_in_pieces_gives_the_flows_of_the_whole() {
    let folder = mixed();
    let whole = flows(&folder, &["mixed.pcap"]);
    let bytes = std::fs::read(folder.file("mixed.pcap")).unwrap();
    let (header, mut rest) = bytes.split_at(24);
    for piece in 0..4 {
        let mut part = header.to_vec();
        // Every piece ends where a record ends.
        let goal = if piece == 3 {
            usize::MAX
        } else {
            bytes.len() / 4
        };
        while part.len() < goal && !rest.is_empty() {
            let len = 16 + u32::from_le_bytes(rest[8..12].try_into().unwrap()) as usize;
            let (record, behind) = rest.split_at(len);
            part.extend_from_slice(record);
            rest = behind;
        }
        std::fs::create_dir_all(folder.file("pieces")).unwrap();
        std::fs::write(folder.file(&format!("pieces/{piece}.pcap")), part).unwrap();
    }
    for threads in ["1", "2"] {
        let pieces = flows(&folder, &["pieces", "--threads", threads]);
        assert!(pieces == whole, "{threads} threads");
    }
}

#[test]
fn flows_bear_the_class_that_the_rules_say() {
    let folder = mixed();
    let labelled = records(&flows(&folder, &["mixed.pcap", "--label", "mixed.csv"]));
    let plain = records(&flows(&folder, &["mixed.pcap"]));
    let mut classes = BTreeMap::<_, u64>::new();
    for (labelled, plain) in labelled.iter().zip(&plain) {
        *classes.entry(labelled["label"].clone()).or_default() += 1;
        let mut without = labelled.clone();
        without.remove("label");
        assert_eq!(&without, plain);
    }
    assert_eq!(labelled.len(), plain.len());
    assert!(classes["benign"] > 100, "{classes:?}");
    assert!(classes["scan_syn"] > 50, "{classes:?}");
    let unknown = [
        "mixed.pcap",
        "--label",
        "mixed.csv",
        "--unmatched",
        "unknown",
    ];
    let unknown = records(&flows(&folder, &unknown));
    let of = |class: &str| {
        unknown
            .iter()
            .filter(|record| record["label"] == class)
            .count()
    };
    assert_eq!(of("unknown") as u64, classes["benign"]);
}

#[test]
fn records_under_the_names_of_public_tables_are_read_as_such() {
    let folder = mixed();
    for names in ["cic2017", "cic2018"] {
        let arguments = [
            "mixed.pcap",
            "--features",
            "cic",
            "--names",
            names,
            "--label",
            "mixed.csv",
        ];
        let text = flows(&folder, &arguments);
        assert_eq!(
            TableFormat::detect(text.as_bytes()),
            Some(TableFormat::CicFlowMeter)
        );
        let table = TableOptions::default().read(text.as_bytes()).unwrap();
        assert_eq!(table.rows(), text.lines().count() - 1, "{}", table.account);
        assert!(table.account.unknown.is_empty(), "{}", table.account);
        assert!(table.labels[0].counts().contains_key("scan_syn"));
    }
    let lacking = ["mixed.pcap", "--features", "basic", "--names", "cic2017"];
    let error = folder.run("flows", &lacking).expect(2).stderr();
    assert!(error.contains("the set cic has it"), "{error}");
}

#[test]
fn early_reports_come_before_the_final_records_of_the_same_flows() {
    let folder = mixed();
    let arguments = [
        "mixed.pcap",
        "--early-packets",
        "4",
        "--summary",
        "account.json",
    ];
    let records = records(&flows(&folder, &arguments));
    let (early, last): (Vec<_>, Vec<_>) = records
        .iter()
        .partition(|record| record["flow_end_reason"] == "early");
    assert!(early.len() > 50);
    for report in &early {
        let packets = report["orig_pkts"].parse::<u64>().unwrap()
            + report["resp_pkts"].parse::<u64>().unwrap();
        assert_eq!(packets, 4);
        assert!(last.iter().any(|record| record["uid"] == report["uid"]));
    }
    let account: Value =
        serde_json::from_slice(&std::fs::read(folder.file("account.json")).unwrap()).unwrap();
    assert_eq!(account["flows"], last.len());
    assert_eq!(account["flow_ends"]["early"], early.len());
}

#[test]
fn shorter_timeouts_make_more_records() {
    let folder = mixed();
    let count = |arguments: &[&str]| {
        flows(&folder, &[&["mixed.pcap"], arguments].concat())
            .lines()
            .count()
    };
    let usual = count(&[]);
    assert!(count(&["--idle-timeout", "1"]) > usual);
    assert!(count(&["--idle-timeout", "udp=1"]) > usual);
    assert!(count(&["--active-timeout", "1"]) > usual);
    for wrong in [
        &["--idle-timeout", "never"][..],
        &["--features", "cic2"],
        &["--threads", "0"],
        &["--label", "no-such-file.csv"],
    ] {
        let ran = folder
            .run("flows", &[&["mixed.pcap"], wrong].concat())
            .expect(2);
        assert!(!ran.stderr().is_empty());
    }
}

#[test]
fn copies_are_dropped_and_accounted_for() {
    let folder = mixed();
    let bytes = std::fs::read(folder.file("mixed.pcap")).unwrap();
    let (mut twice, mut rest) = (bytes[..24].to_vec(), &bytes[24..]);
    while !rest.is_empty() {
        let len = 16 + u32::from_le_bytes(rest[8..12].try_into().unwrap()) as usize;
        let (record, behind) = rest.split_at(len);
        twice.extend_from_slice(record);
        let mut copy = record.to_vec();
        // From another port of the switch, a router further: the second byte of a MAC address, and the
        // time to live with the header checksum.
        copy[17] ^= 1;
        if copy[16 + 12..16 + 14] == [8, 0] {
            copy[16 + 22] -= 1;
        } else if copy[16 + 12..16 + 14] == [0x86, 0xdd] {
            copy[16 + 21] -= 1;
        }
        twice.extend_from_slice(&copy);
        rest = behind;
    }
    std::fs::write(folder.file("twice.pcap"), twice).unwrap();
    let once = records(&flows(&folder, &["mixed.pcap", "--features", "basic"]));
    let arguments = [
        "twice.pcap",
        "--features",
        "basic",
        "--drop-copies",
        "--summary",
        "account.json",
    ];
    let tidied = records(&flows(&folder, &arguments));
    let account: Value =
        serde_json::from_slice(&std::fs::read(folder.file("account.json")).unwrap()).unwrap();
    let number = |name: &str| account[name].as_u64().unwrap();
    let copies = account["tidied"]["copies"].as_u64().unwrap();
    assert_eq!(
        number("packets_decoded"),
        number("packets_in_flows") + copies + account["not_a_flow"]["arp"].as_u64().unwrap_or(0)
    );
    assert!(copies * 2 >= number("packets_read") * 99 / 100, "{copies}");
    assert_eq!(tidied.len(), once.len());
}
