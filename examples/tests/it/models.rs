//! Detectors over time: cards, drift, successors, going back.

use std::time::{Duration, UNIX_EPOCH};

use serde_json::Value;

use crate::run::Folder;

/// Synthetic captures, a detector trained on one of them.
fn office() -> Folder {
    let folder = Folder::new();
    for (scenario, seed, name) in [
        ("benign", "1", "usual"),
        ("benign", "2", "today"),
        ("mixed", "3", "lab"),
    ] {
        let (capture, labels) = (format!("{name}.pcap"), format!("{name}.csv"));
        let arguments = [
            scenario, "--seed", seed, "-o", &capture, "--labels", &labels,
        ];
        folder.run("synth", &arguments).expect(0);
    }
    let arguments = [
        "--benign",
        "usual.pcap",
        "--false-alarm-rate",
        "0.02",
        "-o",
        "office.ntm",
    ];
    folder.run("train", &arguments).expect(0);
    folder
}

fn json(folder: &Folder, arguments: &[&str]) -> Value {
    let mut all = arguments.to_vec();
    all.extend(["--json", "--quiet"]);
    serde_json::from_str(&folder.run("models", &all).expect(0).stdout()).unwrap()
}

#[test]
fn a_card_and_the_drift_since_can_be_looked_at() {
    let folder = office();
    let page = |arguments: &[&str]| {
        folder.run("models", arguments).expect(0);
        std::fs::read_to_string(folder.file("page.html")).unwrap()
    };
    let card = page(&["card", "office.ntm", "--report", "page.html"]);
    assert!(card.contains("<h1>office.ntm</h1>") && card.contains("time to the first answer"));
    assert!(!card.contains("Whether it still fits"));
    let drift = page(&[
        "check",
        "office.ntm",
        "--benign",
        "today.pcap",
        "--report",
        "page.html",
    ]);
    assert!(drift.contains("Whether it still fits") && drift.contains("What it promises"));
    // A page does not take the place of the detector.
    folder
        .run("models", &["card", "office.ntm", "--report", "office.ntm"])
        .expect(2);
}

#[test]
fn models_are_promoted_watched_replaced_and_taken_back() {
    let folder = office();
    let card = json(
        &folder,
        &[
            "card",
            "office.ntm",
            "--labelled",
            "lab.pcap",
            "--labels",
            "lab.csv",
        ],
    );
    assert!(card["model"].is_string());
    assert!(card["metrics"][0]["recall"]["rows"].as_u64().unwrap() > 10);
    let page = folder
        .run("models", &["card", "office.ntm"])
        .expect(0)
        .stdout();
    assert!(
        page.starts_with("# Detector ") && page.contains("## Features"),
        "{page}"
    );

    folder
        .run("models", &["update", "models", "--benign", "today.pcap"])
        .expect(2);
    let arguments = [
        "promote",
        "models",
        "office.ntm",
        "--labelled",
        "lab.pcap",
        "--labels",
        "lab.csv",
    ];
    assert_eq!(json(&folder, &arguments)["number"], 1);

    let report = json(
        &folder,
        &["check", "models/current.ntm", "--benign", "today.pcap"],
    );
    assert!(report["rows"].as_u64().unwrap() > 50);
    assert!(report["features"].as_array().unwrap().len() > 10);

    let update = ["update", "models", "--benign", "today.pcap", "usual.pcap"];
    let tried = json(&folder, &[&update[..], &["--dry-run"]].concat());
    assert!(!tried["canaries"].as_array().unwrap().is_empty());
    assert_eq!(
        json(&folder, &["history", "models"])
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let told = folder.run("models", &update).expect(0).stdout();
    let replaced = tried["decision"] == "replace";
    assert_eq!(told.contains("serves from now on"), replaced, "{told}");

    // Whatever was decided, a second release can be taken back.
    json(&folder, &["promote", "models", "office.ntm"]);
    let history = json(&folder, &["history", "models"]);
    let last = history.as_array().unwrap().last().unwrap()["number"].as_u64();
    let back = json(&folder, &["rollback", "models"]);
    assert!(back["number"].as_u64() < last);
    let history = folder
        .run("models", &["history", "models"])
        .expect(0)
        .stdout();
    assert!(
        history.contains("serves") && history.contains("withdrawn"),
        "{history}"
    );

    let rules = json(&folder, &["rules", "office.ntm", "--traffic", "lab.pcap"]);
    assert!(rules["alarms"].as_u64() > Some(100), "{rules}");
    assert!(rules["rules"].as_array().unwrap().len() > 1, "{rules}");

    std::fs::write(folder.file("models/current.ntm"), "damage").unwrap();
    let ran = folder.run("models", &["history", "models"]).expect(1);
    assert!(ran.stderr().contains("rollback puts the latest release"));
    json(&folder, &["rollback", "models"]);
    folder
        .run("models", &["card", "models/current.ntm"])
        .expect(0);
}

#[test]
fn a_detector_that_finds_fewer_canaries_is_not_promoted_unasked() {
    let folder = office();
    // What learned the attacks as usual finds none of them.
    let blind = "--benign lab.pcap --model kmeans --false-alarm-rate 0.02 -q -o blind.ntm";
    folder
        .run("train", &blind.split(' ').collect::<Vec<_>>())
        .expect(0);
    let labels = ["--labelled", "lab.pcap", "--labels", "lab.csv"];
    let promote = [&["promote", "models", "office.ntm"][..], &labels].concat();
    let found = json(&folder, &promote);
    assert!(found["canaries"].as_array().unwrap().len() > 5, "{found}");
    let again = ["promote", "models", "blind.ntm"];
    let message = folder.run("models", &again).expect(2).stderr();
    assert!(
        message.contains("fewer attacks than the serving one"),
        "{message}"
    );
    let history = |folder: &Folder| json(folder, &["history", "models"]);
    assert_eq!(history(&folder).as_array().unwrap().len(), 1);
    json(&folder, &[&again[..], &["--even-if-worse"]].concat());
    assert_eq!(history(&folder).as_array().unwrap().len(), 2);
}

#[test]
fn releases_are_dated_by_their_files_in_utc() -> Result<(), Box<dyn std::error::Error>> {
    let folder = office();
    for (seconds, date) in [
        (951_782_399, "2000-02-28 23:59:59 UTC"),
        (1_709_164_800, "2024-02-29 00:00:00 UTC"),
    ] {
        let promoted = json(&folder, &["promote", "models", "office.ntm"]);
        let path = promoted["path"].as_str().ok_or("a path")?;
        let file = std::fs::File::options()
            .write(true)
            .open(folder.file(path))?;
        file.set_modified(UNIX_EPOCH + Duration::from_secs(seconds))?;
        let history = json(&folder, &["history", "models"]);
        let last = history.as_array().and_then(|releases| releases.last());
        assert_eq!(last.map(|last| &last["released"]), Some(&date.into()));
        let told = folder.run("models", &["history", "models"]).expect(0);
        let line = format!("{date}  {path}");
        assert!(told.stdout().contains(&line), "{line} in {}", told.stdout());
    }
    Ok(())
}

#[test]
fn what_is_no_model_is_refused() {
    let folder = Folder::new();
    std::fs::write(folder.file("text.ntm"), "no model").unwrap();
    for arguments in [
        &["card", "text.ntm"][..],
        &["card", "none.ntm"],
        &["rollback", "models"],
        &["promote", "models", "text.ntm"],
    ] {
        let ran = folder.run("models", arguments).expect(2);
        assert!(
            ran.stderr().starts_with("nettraffic-models: "),
            "{}",
            ran.stderr()
        );
    }
}

#[test]
fn what_tells_nothing_is_refused_and_changes_nothing() {
    let folder = office();
    let promote = |labels: &str, code| {
        let arguments = ["promote", "models", "office.ntm", "--labelled", "lab.pcap"];
        let all = [&arguments[..], &["--labels", labels]].concat();
        folder.run("models", &all).expect(code).stderr()
    };
    promote("lab.csv", 0);
    let kept = std::fs::read(folder.file("models/canaries.ntc")).unwrap();
    let none = "start,end,src,dst,proto,sport,dport,label\n,,192.0.2.1,192.0.2.2,tcp,1,1,scan\n";
    std::fs::write(folder.file("none.csv"), none).unwrap();
    assert!(promote("none.csv", 2).contains("no flow of the labelled captures is an attack"));
    assert_eq!(
        std::fs::read(folder.file("models/canaries.ntc")).unwrap(),
        kept
    );

    let few = ["benign", "--packets", "60", "-o", "few.pcap"];
    folder.run("synth", &few).expect(0);
    let check = ["check", "office.ntm", "--benign", "few.pcap"];
    let message = folder.run("models", &check).expect(2).stderr();
    assert!(
        message.contains("too few to tell drift from chance"),
        "{message}"
    );
}
