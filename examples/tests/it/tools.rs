//! The tools, run as a user runs them.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use crate::run::{Folder, Ran, command};

/// A synthetic capture with its label rules, in `folder`.
fn synthesize(folder: &Folder, scenario: &str, seed: u64, name: &str) {
    let (capture, labels) = (format!("{name}.pcap"), format!("{name}.csv"));
    let seed = seed.to_string();
    folder
        .run(
            "synth",
            &[
                scenario, "--seed", &seed, "-o", &capture, "--labels", &labels,
            ],
        )
        .expect(0);
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Records of a CSV text, each as its fields by name.
fn records(text: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .map(Result::unwrap)
        .collect()
}

#[test]
fn the_main_job_names_the_built_in_attacks_and_writes_a_report() {
    let folder = Folder::new();
    let ran = folder.run("detect", &[]).expect(0);
    let told = ran.stdout();
    for attack in [
        "scan_syn",
        "scan_connect",
        "scan_udp",
        "dos_synflood",
        "dos_udpflood",
        "dos_slowloris",
        "bruteforce_ssh",
        "bruteforce_ftp",
        "tunnel_dns",
        "exfiltration",
    ] {
        assert!(
            told.contains(&format!("\n  {attack} (")),
            "{attack} is not named:\n{told}"
        );
    }
    assert!(told.contains(" of the alert"), "{told}");
    let report = std::fs::read_to_string(folder.file("nettraffic-report.html")).unwrap();
    assert!(report.starts_with("<!DOCTYPE html>"));
    assert!(report.contains("scan_syn"));

    let again = folder.run("detect", &["--report", "again.html"]).expect(0);
    let without_path = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with("report:"));
        lines.map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(without_path(&told), without_path(&again.stdout()));
    assert!(std::fs::read_to_string(folder.file("again.html")).unwrap() == report);
}

#[test]
fn flows_are_the_same_from_a_file_a_compressed_one_and_standard_input() {
    let folder = Folder::new();
    synthesize(&folder, "syn-scan", 5, "scan");
    let capture = std::fs::read(folder.file("scan.pcap")).unwrap();
    let file = std::fs::File::create(folder.file("scan.dat")).unwrap();
    let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    packer.write_all(&capture).unwrap();
    packer.finish().unwrap();

    let plain = folder.run("flows", &["scan.pcap"]).expect(0).stdout();
    assert_eq!(folder.run("flows", &["scan.dat"]).expect(0).stdout(), plain);
    let mut piped = command("flows")
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = piped.stdin.take().unwrap();
    let feeder = std::thread::spawn(move || input.write_all(&capture));
    let output = piped.wait_with_output().unwrap();
    feeder.join().unwrap().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), plain);
}

#[test]
fn csv_and_ndjson_hold_the_same_records() {
    let folder = Folder::new();
    synthesize(&folder, "ssh-bruteforce", 5, "ssh");
    let table = records(&folder.run("flows", &["ssh.pcap"]).expect(0).stdout());
    let objects = lines(
        &folder
            .run("flows", &["ssh.pcap", "--json"])
            .expect(0)
            .stdout(),
    );
    assert!(table.len() > 50);
    assert_eq!(table.len(), objects.len());
    for (record, object) in table.iter().zip(&objects) {
        let object = object.as_object().unwrap();
        assert_eq!(record.len(), object.len());
        for (name, text) in record {
            match &object[name] {
                Value::String(value) => assert_eq!(value, text, "{name}"),
                Value::Null => assert_eq!(text, "", "{name}"),
                number => {
                    // The JSON reader of this test rounds in the last digit.
                    let (a, b) = (number.as_f64().unwrap(), text.parse::<f64>().unwrap());
                    assert!((a - b).abs() <= b.abs() * 1e-15, "{name}: {a} {b}");
                }
            }
        }
    }
}

#[test]
fn records_begin_with_the_columns_that_scripts_rely_on() {
    let folder = Folder::new();
    synthesize(&folder, "syn-scan", 5, "scan");
    let text = folder
        .run("flows", &["scan.pcap", "--features", "basic"])
        .expect(0)
        .stdout();
    assert!(text.starts_with(
        "ts,uid,id.orig_h,id.orig_p,id.resp_h,id.resp_p,proto,duration,orig_bytes,resp_bytes,\
         conn_state,history,orig_pkts,orig_ip_bytes,resp_pkts,resp_ip_bytes,"
    ));
    let records = records(&text);
    let uids: BTreeSet<&String> = records.iter().map(|record| &record["uid"]).collect();
    assert_eq!(uids.len(), records.len());
    assert!(
        records
            .iter()
            .all(|r| r["ts"].split_once('.').unwrap().1.len() == 9)
    );
}

/// What one detector says of one capture.
fn judged(folder: &Folder, detector: &str) -> (String, Ran) {
    let ran = folder
        .run(
            "detect",
            &[
                "--model",
                detector,
                "test.pcap",
                "--labels",
                "test.csv",
                "--scores",
                "scores.csv",
                "--json",
            ],
        )
        .expect(0);
    (
        std::fs::read_to_string(folder.file("scores.csv")).unwrap(),
        ran,
    )
}

fn train_and_judge(model: &str) {
    let folder = Folder::new();
    synthesize(&folder, "demo", 11, "train");
    synthesize(&folder, "demo", 12, "test");
    let train = |output: &str| {
        folder
            .run(
                "train",
                &[
                    "--labelled",
                    "train.pcap",
                    "--labels",
                    "train.csv",
                    "--model",
                    model,
                    "--false-alarm-rate",
                    "0.01",
                    "-o",
                    output,
                ],
            )
            .expect(0);
        std::fs::read(folder.file(output)).unwrap()
    };
    // The same training gives the same bundle, byte for byte.
    assert!(train("one.ntm") == train("two.ntm"));

    let (scores, ran) = judged(&folder, "one.ntm");
    let (again, ran_again) = judged(&folder, "two.ntm");
    assert!(scores == again && ran.stdout() == ran_again.stdout());

    let rows = records(&scores);
    let alerts = lines(&ran.stdout());
    assert_eq!(
        rows.iter().filter(|row| row["alert"] == "1").count(),
        alerts.len()
    );
    let share = |attack: bool| {
        let of: Vec<_> = rows
            .iter()
            .filter(|r| (r["label"] != "benign") == attack)
            .collect();
        let alerted = of.iter().filter(|row| row["alert"] == "1").count();
        alerted as f64 / of.len() as f64
    };
    assert!(share(true) > 0.5, "recall {}", share(true));
    assert!(share(false) < 0.05, "false alarms {}", share(false));
    assert_holds_no_address(&std::fs::read(folder.file("one.ntm")).unwrap(), &rows);
    for alert in &alerts {
        let reasons = alert["reasons"].as_array().unwrap();
        assert!(!reasons.is_empty(), "{alert}");
        let unusual = alert["score"].as_f64() > alert["threshold"].as_f64();
        assert_eq!(alert["evidence"], if unusual { "unusual" } else { "known" });
    }
}

/// A detector knows how traffic behaves, not whose it is.
fn assert_holds_no_address(bundle: &[u8], rows: &[std::collections::BTreeMap<String, String>]) {
    let addresses: BTreeSet<&String> = rows
        .iter()
        .flat_map(|row| [&row["id.orig_h"], &row["id.resp_h"]])
        .collect();
    assert!(addresses.len() > 20);
    let holds = |part: &[u8]| bundle.windows(part.len()).any(|window| window == part);
    for text in addresses {
        assert!(!holds(text.as_bytes()), "{text}");
        match text.parse().unwrap() {
            std::net::IpAddr::V4(address) => assert!(!holds(&address.octets()), "{text}"),
            std::net::IpAddr::V6(address) => assert!(!holds(&address.octets()), "{text}"),
        }
    }
}

#[test]
fn an_output_never_overwrites_an_input() {
    let folder = Folder::new();
    synthesize(&folder, "syn-scan", 5, "scan");
    let whole = std::fs::read(folder.file("scan.pcap")).unwrap();
    for (tool, arguments) in [
        ("flows", &["scan.pcap", "-o", "./scan.pcap"][..]),
        ("flows", &["scan.pcap", "-o", "out", "--summary", "out"]),
        ("train", &["--benign", "scan.pcap", "-o", "scan.pcap"]),
        ("detect", &["scan.pcap", "--scores", "scan.pcap"]),
        (
            "detect",
            &["scan.pcap", "--labels", "scan.csv", "--report", "scan.csv"],
        ),
    ] {
        let ran = folder.run(tool, arguments).expect(2);
        assert!(ran.stderr().contains("already"), "{}", ran.stderr());
    }
    assert!(std::fs::read(folder.file("scan.pcap")).unwrap() == whole);
}

#[test]
fn kmeans_finds_attacks_with_reasons() {
    train_and_judge("kmeans");
}

#[test]
fn a_forest_finds_attacks_with_reasons() {
    train_and_judge("forest");
}

#[cfg(feature = "autoencoder")]
#[test]
fn an_autoencoder_finds_attacks_with_reasons() {
    train_and_judge("autoencoder");
}

#[test]
fn a_damaged_capture_gives_what_could_be_read_and_exit_code_1() {
    let folder = Folder::new();
    synthesize(&folder, "syn-scan", 5, "scan");
    let whole = std::fs::read(folder.file("scan.pcap")).unwrap();
    std::fs::write(folder.file("cut.pcap"), &whole[..whole.len() - 7]).unwrap();
    let ran = folder
        .run("flows", &["cut.pcap", "--summary", "summary.json"])
        .expect(1);
    assert!(records(&ran.stdout()).len() > 50);
    let summary: Value =
        serde_json::from_slice(&std::fs::read(folder.file("summary.json")).unwrap()).unwrap();
    let error = &summary["errors"][0];
    assert_eq!(error["file"], "cut.pcap");
    assert!(error["offset"].as_u64().unwrap() < whole.len() as u64);
    assert!(ran.stderr().contains("cut.pcap: "), "{}", ran.stderr());
}

#[test]
fn what_cannot_be_done_is_said_with_exit_code_2() {
    let folder = Folder::new();
    synthesize(&folder, "syn-scan", 5, "scan");
    std::fs::write(folder.file("rules.csv"), "start,end\nnever,\n").unwrap();
    std::fs::write(folder.file("no.ntm"), "no detector").unwrap();
    for (tool, arguments, said) in [
        (
            "flows",
            &["nowhere.pcap"][..],
            "nowhere.pcap: there is no such file",
        ),
        (
            "flows",
            &["scan.pcap", "--features", "magic"],
            "there is no feature set \"magic\"",
        ),
        (
            "detect",
            &["--model", "no.ntm", "scan.pcap"],
            "no.ntm: not a sound detector bundle",
        ),
        (
            "detect",
            &["scan.pcap", "--labels", "rules.csv"],
            "rules.csv: ",
        ),
        ("detect", &["--model", "no.ntm"], "<CAPTURES>"),
        (
            "train",
            &["--benign", "scan.pcap", "--model", "magic", "-o", "x.ntm"],
            "\"magic\"",
        ),
        (
            "train",
            &["--benign", "scan.pcap", "--model", "forest", "-o", "x.ntm"],
            "labelled attacks",
        ),
        ("synth", &["magic"], "magic"),
        (
            "compare",
            &["--benign", "scan.pcap", "--test", "scan.pcap"],
            "CAPTURE=RULES",
        ),
    ] {
        let ran = folder.run(tool, arguments).expect(2);
        assert!(ran.stderr().contains(said), "{tool}: {}", ran.stderr());
    }
    assert!(!folder.file("x.ntm").exists());
}

#[test]
fn too_little_traffic_to_learn_from_is_refused_with_advice() {
    let folder = Folder::new();
    folder
        .run("synth", &["benign", "--packets", "500", "-o", "few.pcap"])
        .expect(0);
    let ran = folder.run("detect", &["few.pcap"]).expect(2);
    assert!(ran.stderr().contains("--model"), "{}", ran.stderr());
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_exit_code_3() {
    let folder = Folder::new();
    synthesize(&folder, "syn-scan", 5, "scan");
    for arguments in [
        &["scan.pcap", "-o", "/dev/full"][..],
        &["scan.pcap", "-o", "no/such/folder/flows.csv"],
        &["scan.pcap", "--summary", "no/such/folder/summary.json"],
    ] {
        let ran = folder.run("flows", arguments).expect(3);
        assert!(ran.stderr().contains(arguments[2]), "{}", ran.stderr());
    }
}

#[test]
fn every_tool_has_help_with_examples_and_exit_codes() {
    let folder = Folder::new();
    for tool in ["flows", "train", "detect", "compare", "synth"] {
        let help = folder.run(tool, &["--help"]).expect(0).stdout();
        assert!(
            help.contains("Examples:") && help.contains("Exit codes:"),
            "{tool}"
        );
        assert!(help.contains("--json"), "{tool}");
    }
}
