//! Comparisons: the same bytes twice, on any number of threads, and after an interruption.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::run::{Folder, command};

type TestResult = Result<(), Box<dyn Error>>;

/// Two one-class models and a forest on three scenarios.
const PLAN: &str = r#"
title = "Small <b>&</b>"
seeds = [1, 2, 3]
rates = [0.01]
models = ["kmeans", "isolation", "forest"]

[[data]]
name = "usual"
from.scenario = { name = "benign", seed = 1 }

[[data]]
name = "scan"
from.scenario = { name = "syn-scan", seed = 2 }

[[data]]
name = "guess"
from.scenario = { name = "ssh-bruteforce", seed = 3 }

[[study]]
name = "office"
train = ["usual"]
test = ["scan", "guess"]
attacks = "of-other-tests"
"#;

/// What is in a folder of results, but for the files of times and the folder of units.
fn results(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, std::io::Error> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !["runs.jsonl", "timing.html", "timing.md", "units"].contains(&&*name) {
            files.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(files)
}

fn units(folder: &Path) -> usize {
    let is_unit = |name: &str| name.ends_with(".unit");
    let entries = fs::read_dir(folder.join("units"))
        .into_iter()
        .flatten()
        .flatten();
    entries
        .filter(|entry| is_unit(&entry.file_name().to_string_lossy()))
        .count()
}

#[test]
fn an_interrupted_comparison_ends_with_the_bytes_of_a_whole_one() -> TestResult {
    let folder = Folder::new();
    fs::write(folder.file("plan.toml"), PLAN)?;
    let compare = |output: &str, threads: &str| {
        let mut compare = command("compare");
        compare
            .args(["--plan", "plan.toml", "-o", output])
            .current_dir(folder.path());
        compare
            .env("RAYON_NUM_THREADS", threads)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        compare
    };
    assert!(compare("whole", "1").status()?.success());
    let whole = results(&folder.file("whole"))?;
    let names: Vec<&str> = whole.keys().map(String::as_str).collect();
    let expected = [
        "classes.csv",
        "importance.csv",
        "pairs.csv",
        "report.html",
        "results.csv",
        "results.json",
        "results.md",
    ];
    assert_eq!(names, expected);
    // Per seed: a forest and a single feature for each test, two detectors and a histogram for both.
    assert_eq!(units(&folder.file("whole")), 3 * (2 + 2 + 3));

    let mut stopped = compare("resumed", "2").spawn()?;
    let began = Instant::now();
    while units(&folder.file("resumed")) < 3 && began.elapsed() < Duration::from_secs(120) {
        std::thread::sleep(Duration::from_millis(2));
    }
    stopped.kill()?;
    assert!(
        !stopped.wait()?.success(),
        "it was done before it could be stopped"
    );
    let kept = units(&folder.file("resumed"));
    assert!((3..21).contains(&kept), "{kept} units");
    assert!(results(&folder.file("resumed"))?.is_empty());

    // One of them was cut short, say by a full disk.
    let one = fs::read_dir(folder.file("resumed").join("units"))?
        .next()
        .ok_or("a unit")??
        .path();
    let bytes = fs::read(&one)?;
    fs::write(&one, &bytes[..bytes.len() / 2])?;
    assert!(compare("resumed", "2").status()?.success());
    assert!(results(&folder.file("resumed"))? == whole, "other bytes");
    let log = fs::read_to_string(folder.file("resumed").join("runs.jsonl"))?;
    let lines: Vec<Value> = log
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let count = |what: &str| lines.iter().filter(|line| line["what"] == what).count();
    assert_eq!((count("began"), count("ended")), (2, 1));
    assert_eq!(
        lines.iter().filter(|line| line["is_kept"] == true).count(),
        kept - 1
    );

    // A unit that was cut down after it was kept, and before its times were written, has none.
    for run in ["whole", "resumed"] {
        let times = fs::read_to_string(folder.file(run).join("timing.md"))?;
        assert!(times.contains("\n| kmeans | "), "{times}");
    }

    // The page shows what is told elsewhere, and foreign words as text.
    let page = String::from_utf8(whole["report.html"].clone())?;
    assert!(page.contains("Small &lt;b&gt;") && !page.contains("Small <b>"));

    // What is trivial is marked as such, and what is told of it on the tables is told on the page.
    let tables = String::from_utf8(whole["results.md"].clone())?;
    for model in [
        "histogram",
        "single-feature",
        "kmeans",
        "isolation",
        "forest",
    ] {
        let is_trivial = ["histogram", "single-feature"].contains(&model);
        let row = format!("{model} <span class=\"muted\">trivial</span></th>");
        assert_eq!(page.contains(&row), is_trivial, "{model}");
        let row = format!("| {model} (*trivial*) |");
        assert_eq!(tables.contains(&row), is_trivial, "{model}");
    }
    let sentences: Vec<String> = (tables.lines())
        .filter(|line| line.contains(" not beat the trivial "))
        .filter_map(|line| line.split_once(": "))
        .map(|(_, sentence)| sentence.replace('`', ""))
        .collect();
    assert_eq!(sentences.len(), 2, "one for each test: {tables}");
    for sentence in sentences {
        assert!(page.contains(&format!("<p>{sentence}.</p>")), "{sentence}");
    }
    Ok(())
}

#[test]
fn captures_of_the_command_line_are_compared_and_told_as_data() -> TestResult {
    let folder = Folder::new();
    for (name, seed, file) in [
        ("benign", "21", "usual"),
        ("syn-scan", "22", "scan"),
        ("ssh-bruteforce", "23", "ssh"),
    ] {
        let (capture, rules) = (format!("{file}.pcap"), format!("{file}.csv"));
        folder
            .run(
                "synth",
                &[name, "--seed", seed, "-o", &capture, "--labels", &rules],
            )
            .expect(0);
    }
    let told = folder
        .run(
            "compare",
            &[
                "--benign",
                "usual.pcap",
                "--test",
                "scan.pcap=scan.csv",
                "ssh.pcap=ssh.csv",
                "--models",
                "kmeans,forest",
                "--seeds",
                "1,2",
                "--json",
            ],
        )
        .expect(0)
        .stdout();
    let outcome: Value = serde_json::from_str(&told)?;
    let results = outcome["studies"][0]["results"]
        .as_array()
        .ok_or("results")?;
    assert_eq!(results.len(), 2 * 4);
    for result in results {
        assert_eq!(result["runs"].as_array().map(Vec::len), Some(2));
        let area = result["runs"][0]["roc_auc"]["value"].as_f64();
        assert!(
            area.is_some_and(|area| (0.0..=1.0).contains(&area)),
            "{result}"
        );
    }
    assert_eq!(
        outcome["data"][0]["sha256"].as_str().map(str::len),
        Some(64)
    );
    Ok(())
}

#[test]
fn every_ready_plan_is_sound() -> TestResult {
    let mut plans = 0;
    for entry in fs::read_dir(crate::architecture::root().join("examples/compare"))? {
        let path = entry?.path();
        let plan = nettraffic_experiment::Plan::parse(&fs::read_to_string(&path)?);
        let needs_more =
            |error: &str| !cfg!(feature = "autoencoder") && error.contains("this build leaves out");
        if let Err(error) = plan {
            assert!(
                needs_more(&error.to_string()),
                "{}: {error}",
                path.display()
            );
        }
        plans += 1;
    }
    assert!(plans >= 8);
    Ok(())
}
