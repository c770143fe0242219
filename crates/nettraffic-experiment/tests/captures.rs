//! Comparisons on captures and scenarios.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nettraffic_experiment::{
    Attacks, Data, EachCapture, GroupKind, GroupSplit, Outcome, Plan, SplitRule, Study, TimeSplit,
    run,
};
use nettraffic_synth::{Attack, AttackKind, Scenario};

type TestResult = Result<(), Box<dyn Error>>;

/// Two benign captures, two attack captures with their rules.
fn captures() -> Result<tempfile::TempDir, std::io::Error> {
    let folder = tempfile::tempdir()?;
    let office = |seed| {
        Scenario::new(seed)
            .hosts(3)
            .duration(Duration::from_secs(300))
    };
    let attack = |kind| {
        let at = Duration::from_secs(100);
        Attack::new(kind).at(at).lasting(Duration::from_secs(3))
    };
    fs::create_dir(folder.path().join("benign"))?;
    for (name, scenario) in [
        ("benign/b", office(2)),
        ("benign/a", office(1)),
        ("scan", office(3).attack(attack(AttackKind::SynScan))),
        ("flood", office(4).attack(attack(AttackKind::UdpFlood))),
    ] {
        let made = scenario.synthesize();
        let path = folder.path().join(name);
        fs::write(path.with_extension("pcap"), made.pcap)?;
        if !made.truth.rules.is_empty() {
            fs::write(path.with_extension("csv"), made.truth.rules_csv())?;
        }
    }
    Ok(folder)
}

fn plan(root: &Path) -> Plan {
    let test = |name: &str| {
        Data::labelled(
            name,
            format!("{name}.pcap").into(),
            format!("{name}.csv").into(),
        )
    };
    let data = vec![
        Data::benign("usual", vec![PathBuf::from("benign")]),
        test("scan"),
        test("flood"),
    ];
    let mut study = Study::new(
        "s",
        vec!["usual".into()],
        vec!["scan".into(), "flood".into()],
    );
    study.attacks = Attacks::OfOtherTests;
    study.models = vec!["kmeans".into(), "forest".into()];
    let mut plan = Plan::of("t", data, study);
    plan.seeds = vec![1, 2];
    plan.rooted(root)
}

fn json(outcome: &Outcome) -> Result<String, serde_json::Error> {
    serde_json::to_string(outcome)
}

/// The plan, whose study is parted by a rule instead, on the one data set of that name.
fn parted(root: &Path, data: &[&str], rule: SplitRule) -> Plan {
    let mut plan = plan(root);
    let study = &mut plan.studies[0];
    study.train = data.iter().map(|name| (*name).to_owned()).collect();
    study.test.clear();
    study.attacks = Attacks::OfTraining;
    study.models = vec!["kmeans".into()];
    study.split = Some(rule);
    plan.seeds = vec![1];
    plan
}

#[test]
fn a_forest_learns_the_attacks_of_the_other_tests_and_each_test_is_judged_by_itself() -> TestResult
{
    let folder = captures()?;
    let plan = plan(folder.path());
    let mut units = Vec::new();
    let outcome = run(&plan, None, |event| {
        if let nettraffic_experiment::Event::Began(unit) = event {
            units.push(unit.to_owned());
        }
    })?;
    let study = &outcome.studies[0];
    // What learns from benign flows alone is fitted once for both tests.
    assert_eq!(units.len(), 2 * (1 + 2 + 1 + 2));
    assert!(units.contains(&"s, kmeans, seed 2".to_owned()), "{units:?}");
    assert!(
        units.contains(&"s, forest, seed 1, flood".to_owned()),
        "{units:?}"
    );
    let results: Vec<_> = study
        .results
        .iter()
        .map(|result| (&*result.test, &*result.model))
        .collect();
    let models = ["histogram", "single-feature", "kmeans", "forest"];
    let expected: Vec<_> = ["scan", "flood"]
        .iter()
        .flat_map(|test| models.map(|model| (*test, model)))
        .collect();
    assert_eq!(results, expected);
    for result in &study.results {
        assert_eq!(
            result.runs.iter().map(|run| run.seed).collect::<Vec<_>>(),
            [1, 2]
        );
        for run in &result.runs {
            let class = if result.test == "scan" {
                "scan_syn"
            } else {
                "dos_udpflood"
            };
            assert_eq!(run.classes.len(), 1);
            assert_eq!(
                (&*run.classes[0].class, run.classes[0].rows),
                (class, run.attacks)
            );
            assert!(run.classes[0].is_unseen);
            assert!(run.attacks > 10 && run.benign > 50, "{run:?}");
        }
    }
    let flood = study
        .folds
        .iter()
        .find(|fold| fold.test == "flood")
        .ok_or("a fold")?;
    let scans = study.results[0].runs[0].attacks;
    assert_eq!(flood.train_attacks, scans);
    // The same once more, to the last digit.
    assert_eq!(json(&run(&plan, None, |_| {})?)?, json(&outcome)?);
    Ok(())
}

#[test]
fn held_out_captures_are_tested_on_and_not_trained_on() -> TestResult {
    let folder = captures()?;
    let mut plan = plan(folder.path());
    plan.studies[0].models.truncate(1);
    let whole = run(&plan, None, |_| {})?;
    plan.studies[0].held_out = 0.5;
    let parted = run(&plan, None, |_| {})?;
    assert_eq!(whole.studies[0].folds.len(), 2);
    assert_eq!(parted.studies[0].folds.len(), 4);
    for fold in &parted.studies[0].folds {
        let before = whole.studies[0]
            .folds
            .iter()
            .find(|whole| whole.test == fold.test)
            .ok_or("a fold")?;
        let pool = before.train_benign - fold.train_benign;
        assert!(pool > 0 && pool < before.train_benign);
        assert_eq!(fold.test_benign, before.test_benign + pool);
        assert_eq!(fold.test_attacks, before.test_attacks);
    }
    // Naming a capture twice changes nothing.
    let again = folder.path().join("benign/../benign/a.pcap");
    plan.data[0] = Data::benign("usual", vec![folder.path().join("benign"), again]);
    assert_eq!(json(&run(&plan, None, |_| {})?)?, json(&parted)?);
    Ok(())
}

#[test]
fn a_capture_that_is_trained_and_tested_on_is_an_error() -> TestResult {
    let folder = captures()?;
    for path in ["scan.pcap", "benign/../scan.pcap"] {
        let mut plan = plan(folder.path());
        plan.data[0] = Data::benign(
            "usual",
            vec![folder.path().join("benign"), folder.path().join(path)],
        );
        let error = run(&plan, None, |_| {})
            .map(|_| ())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("\"usual\" and \"scan\" share a file"),
            "{error}"
        );
    }
    Ok(())
}

#[test]
fn what_cannot_be_read_is_named() -> TestResult {
    let folder = captures()?;
    let missing = folder.path().join("missing");
    let file = |name: &str| folder.path().join(name);
    for (place, data, said) in [
        (0, Data::benign("usual", vec![missing.clone()]), &missing),
        (
            1,
            Data::labelled("scan", missing.clone(), file("scan.csv")),
            &missing,
        ),
        (
            1,
            Data::labelled("scan", file("scan.pcap"), missing.clone()),
            &missing,
        ),
        (
            1,
            Data::labelled("scan", file("scan.pcap"), file("scan.pcap")),
            &file("scan.pcap"),
        ),
    ] {
        let mut plan = plan(folder.path());
        plan.data[place] = data;
        let error = run(&plan, None, |_| {})
            .map(|_| ())
            .unwrap_err()
            .to_string();
        assert!(error.contains(&*said.to_string_lossy()), "{error}");
    }
    let mut plan = plan(folder.path());
    plan.studies[0].attacks = Attacks::OfTraining;
    let error = run(&plan, None, |_| {})
        .map(|_| ())
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("s, forest, seed 1: the model forest learns from"),
        "{error}"
    );
    Ok(())
}

#[test]
fn the_later_part_is_tested_on_and_leaks_are_told_where_times_overlap() -> TestResult {
    let folder = captures()?;
    let overlap = |outcome: &Outcome| {
        outcome.to_text().contains("test rows") && outcome.to_text().contains("older")
    };
    let later = run(
        &parted(folder.path(), &["usual"], SplitRule::Time(time_split(0.7)?)),
        None,
        |_| {},
    )?;
    assert!(!overlap(&later), "{}", later.to_text());
    let fold = &later.studies[0].folds[0];
    let share = fold.train_benign as f64 + fold.train_attacks as f64;
    let share = share / (share + fold.test_benign as f64 + fold.test_attacks as f64);
    assert!((0.6..0.8).contains(&share), "{share}");
    let hosts = run(
        &parted(folder.path(), &["usual"], SplitRule::Group(by_host(0.5)?)),
        None,
        |_| {},
    )?;
    assert!(overlap(&hosts), "{}", hosts.to_text());
    Ok(())
}

#[test]
fn every_capture_is_tested_on_once_by_its_name() -> TestResult {
    let folder = captures()?;
    let rule = SplitRule::EachCapture(EachCapture::default());
    let outcome = run(
        &parted(folder.path(), &["usual", "scan"], rule),
        None,
        |_| {},
    )?;
    let tests: Vec<&str> = outcome.studies[0]
        .folds
        .iter()
        .map(|fold| &*fold.test)
        .collect();
    assert_eq!(tests, ["a.pcap", "b.pcap", "scan.pcap"]);
    Ok(())
}

#[test]
fn models_of_one_network_are_judged_on_another() -> TestResult {
    let plan = Plan::parse(
        r#"
        title = "cross"
        models = ["kmeans"]
        seeds = [1]
        rates = [0.01]

        [[data]]
        name = "here"
        from.scenario = { name = "benign", seed = 1 }

        [[data]]
        name = "there"
        from.scenario = { name = "syn-scan", seed = 2 }

        [[study]]
        name = "cross"
        train = ["here"]
        test = ["there"]
        unit = "conversation"
    "#,
    )?;
    let outcome = run(&plan, None, |_| {})?;
    // No attacks to learn from, so no feature to choose by.
    let models: Vec<&str> = outcome.studies[0]
        .results
        .iter()
        .map(|result| &*result.model)
        .collect();
    assert_eq!(models, ["histogram", "kmeans"]);
    let run = &outcome.studies[0].results[1].runs[0];
    let fold = &outcome.studies[0].folds[0];
    assert!(run.benign <= fold.test_benign && run.attacks <= fold.test_attacks);
    assert!(run.roc_auc.value > Some(0.9), "{run:?}");
    // Both begin at the same moment of the synthetic clock, which means nothing.
    assert!(
        !outcome.to_text().contains("older"),
        "{}",
        outcome.to_text()
    );
    Ok(())
}

fn time_split(train: f64) -> Result<TimeSplit, toml::de::Error> {
    toml::from_str(&format!("train = {train:?}"))
}

fn by_host(train: f64) -> Result<GroupSplit, toml::de::Error> {
    let split: GroupSplit = toml::from_str(&format!("by = 'host'\ntrain = {train:?}"))?;
    assert_eq!(split.by, GroupKind::Host);
    Ok(split)
}
