//! Comparisons on small tables: what is compared, resumed, and told.

// The unit tests read such tables too.
#[path = "../src/tables/kdd.rs"]
mod kdd;

use std::error::Error;
use std::fs;
use std::path::Path;

use kdd::{kdd_row, kdd_table};
use nettraffic_experiment::{Event, Outcome, Plan, Store, StudyOutcome, run};

type TestResult = Result<(), Box<dyn Error>>;

const PLAN: &str = r#"
    title = "t"
    seeds = [1, 2]

    [[data]]
    name = "train"
    from.table = { path = "train" }

    [[data]]
    name = "test"
    from.table = { path = "test" }

    [[model]]
    name = "near"
    scale = "quantile"
    fit.kmeans = { clusters = 4, metric = "euclidean" }

    [[model]]
    name = "trees"
    fit.isolation = { trees = 20 }

    [[model]]
    name = "both"
    fit.fusion = { of = ["near", "trees"] }

    [[model]]
    name = "forest"
    fit.forest = { trees = 10, classes = "attacks" }

    [[study]]
    name = "one"
    train = ["train"]
    test = ["test"]
"#;

fn tables() -> Result<tempfile::TempDir, std::io::Error> {
    let folder = tempfile::tempdir()?;
    fs::write(
        folder.path().join("train"),
        kdd_table(400, &["smurf", "nmap"]),
    )?;
    fs::write(
        folder.path().join("test"),
        kdd_table(200, &["smurf", "mscan"]),
    )?;
    Ok(folder)
}

fn outcome(plan: &str) -> Result<Outcome, Box<dyn Error>> {
    let folder = tables()?;
    Ok(run(
        &Plan::parse(plan)?.rooted(folder.path()),
        None,
        |_| {},
    )?)
}

/// All files of an outcome.
fn bytes(outcome: &Outcome) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    Ok(vec![
        serde_json::to_vec(outcome)?,
        outcome.results_csv(),
        outcome.classes_csv(),
        outcome.pairs_csv(),
        outcome.importance_csv(),
        outcome.to_markdown().into_bytes(),
        outcome.to_text().into_bytes(),
    ])
}

fn models(study: &StudyOutcome) -> Vec<&str> {
    study.results.iter().map(|result| &*result.model).collect()
}

/// Runs with a store, and stops for good after so many units were fitted. Gives the units that were fitted and kept.
fn resumed(
    plan: &Plan,
    folder: &Path,
    most: usize,
) -> Result<(Option<Outcome>, usize, usize), Box<dyn Error>> {
    let store = Store::open(folder, "this program")?;
    let (mut fitted, mut kept) = (0, 0);
    let whole = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        run(plan, Some(&store), |event| match event {
            Event::Began(_) if fitted == most => std::panic::resume_unwind(Box::new("stopped")),
            Event::Done { is_kept: true, .. } => kept += 1,
            Event::Done { .. } => fitted += 1,
            _ => {}
        })
    }));
    match whole {
        Ok(outcome) => Ok((Some(outcome?), fitted, kept)),
        Err(_) => Ok((None, fitted, kept)),
    }
}

#[test]
fn every_model_is_judged_once_per_seed_beside_trivial_ones() -> TestResult {
    let found = outcome(PLAN)?;
    let study = &found.studies[0];
    assert_eq!(
        models(study),
        [
            "histogram",
            "single-feature",
            "near",
            "trees",
            "both",
            "forest"
        ]
    );
    let fold = &study.folds[0];
    assert_eq!((fold.train_benign, fold.train_attacks), (400, 200));
    assert_eq!(
        (fold.test_benign, fold.test_attacks, fold.unseen_attacks),
        (200, 100, 50)
    );
    for result in &study.results {
        assert_eq!(result.test, "test");
        assert_eq!(
            result.runs.iter().map(|run| run.seed).collect::<Vec<_>>(),
            [1, 2]
        );
        for run in &result.runs {
            assert_eq!((run.benign, run.attacks, run.at.len()), (200, 100, 2));
            assert!(
                run.at[1].false_alarm_rate.value < Some(0.1),
                "{}",
                result.model
            );
            let classes: Vec<_> = run
                .classes
                .iter()
                .map(|class| (&*class.class, class.is_unseen))
                .collect();
            assert_eq!(classes, [("mscan", true), ("smurf", false)]);
            // An isolation forest tells nothing beyond the training rows from the outermost of
            // these: with such few values that are benign rows enough to tie with all attacks.
            if ["near", "forest", "single-feature"].contains(&&*result.model) {
                assert_eq!(run.roc_auc.value, Some(1.0), "{}", result.model);
                assert_eq!(run.at[1].unseen_recall, Some(1.0), "{}", result.model);
            }
        }
    }
    // Six models, every two of them.
    assert_eq!(study.pairs.len(), 15);
    assert_eq!(
        found
            .data
            .iter()
            .map(|data| (data.benign, data.attacks))
            .collect::<Vec<_>>(),
        [(200, 100), (400, 200)]
    );
    assert_eq!(bytes(&outcome(PLAN)?)?, bytes(&found)?);
    Ok(())
}

#[test]
fn trivial_models_are_marked_wherever_models_are_named() -> TestResult {
    let found = outcome(PLAN)?;
    let (text, tables) = (found.to_text(), found.to_markdown());
    for result in &found.studies[0].results {
        let name = &*result.model;
        let is_trivial = ["histogram", "single-feature"].contains(&name);
        assert_eq!(result.is_trivial, is_trivial, "{name}");
        let is_marked = text.contains(&format!("{name} (trivial) "));
        assert_eq!(is_marked, is_trivial, "{name} in {text}");
        let is_marked = tables.contains(&format!("| {name} (*trivial*) |"));
        assert_eq!(is_marked, is_trivial, "{name} in {tables}");
    }
    Ok(())
}

#[test]
fn each_unit_tells_its_steps_once_and_in_order() -> TestResult {
    let folder = tables()?;
    let mut steps = Vec::new();
    run(&Plan::parse(PLAN)?.rooted(folder.path()), None, |event| {
        steps.push(match event {
            Event::Began(_) => "began",
            Event::Fitting(1..) => "fitting",
            Event::Scoring(1..) => "scoring",
            Event::Scored => "scored",
            Event::Done { .. } => "done",
            _ => return,
        });
    })?;
    let unit = ["began", "fitting", "scoring", "scored", "done"];
    assert_eq!(steps, unit.repeat(2 * 6));
    Ok(())
}

#[test]
fn an_interrupted_comparison_goes_on_and_ends_with_the_same_bytes() -> TestResult {
    let (folder, units) = (tables()?, tempfile::tempdir()?);
    let plan = Plan::parse(PLAN)?.rooted(folder.path());
    let whole = bytes(&run(&plan, None, |_| {})?)?;
    // Twelve units; a fusion's members are the same units as these models.
    let (none, fitted, _) = resumed(&plan, units.path(), 5)?;
    assert!(none.is_none() && fitted == 5);
    let (found, fitted, kept) = resumed(&plan, units.path(), usize::MAX)?;
    assert_eq!((fitted, kept), (7, 5));
    assert_eq!(bytes(&found.ok_or("an outcome")?)?, whole);

    // Damage is noticed, and what was damaged is done again.
    let mut damaged = 0;
    for (at, unit) in fs::read_dir(units.path())?.enumerate() {
        let path = unit?.path();
        let mut kept = fs::read(&path)?;
        match at % 4 {
            0 => kept.truncate(kept.len() / 2),
            1 => kept[40] ^= 1,
            2 => kept.clear(),
            _ => continue,
        }
        damaged += 1;
        fs::write(&path, kept)?;
    }
    let (found, fitted, kept) = resumed(&plan, units.path(), usize::MAX)?;
    assert_eq!((fitted, kept), (damaged, 12 - damaged));
    assert_eq!(bytes(&found.ok_or("an outcome")?)?, whole);
    Ok(())
}

#[test]
fn what_was_kept_serves_only_where_nothing_changed() -> TestResult {
    let units = tempfile::tempdir()?;
    let folder = tables()?;
    let fitted = |plan: &str| -> Result<(usize, Option<Outcome>), Box<dyn Error>> {
        let plan = Plan::parse(plan)?.rooted(folder.path());
        let (outcome, fitted, _) = resumed(&plan, units.path(), usize::MAX)?;
        Ok((fitted, outcome))
    };
    assert_eq!(fitted(PLAN)?.0, 12);
    assert_eq!(fitted(PLAN)?.0, 0);
    for (from, to, expected) in [
        // The model, and the fusion that it is a member of.
        ("clusters = 4", "clusters = 5", 4),
        ("seeds = [1, 2]", "seeds = [1, 2, 3]", 6),
        ("seeds = [1, 2]", "seeds = [1, 2]\nrates = [0.05]", 12),
        // Words change nothing.
        ("title = \"t\"", "title = \"u\"\nnote = \"n\"", 0),
    ] {
        assert_eq!(fitted(&PLAN.replace(from, to))?.0, expected, "{to}");
    }
    let before = fitted(PLAN)?.1.ok_or("an outcome")?;
    fs::write(
        folder.path().join("test"),
        kdd_table(200, &["smurf", "mscan"]) + &kdd_row(1, "tcp", "normal"),
    )?;
    let (again, after) = fitted(PLAN)?;
    assert_eq!(again, 12);
    assert_ne!(after.ok_or("an outcome")?.data, before.data);
    Ok(())
}

#[test]
fn a_fusion_is_the_same_whether_its_members_stand_beside_it_or_not() -> TestResult {
    let beside = outcome(PLAN)?;
    let alone = outcome(&PLAN.replace(
        "test = [\"test\"]",
        "test = [\"test\"]\nmodels = [\"both\"]",
    ))?;
    let runs = |found: &Outcome, model: &str| {
        let mut results = found.studies[0].results.iter();
        results
            .find(|result| result.model == model)
            .map(|result| result.runs.clone())
    };
    assert_eq!(runs(&alone, "both"), runs(&beside, "both"));
    assert_ne!(runs(&beside, "both"), runs(&beside, "near"));
    assert_eq!(runs(&alone, "near"), None);
    Ok(())
}

#[test]
fn attacks_mixed_in_are_learned_as_usual() -> TestResult {
    let more = "test = [\"test\"]\nmodels = [\"near\"]\ncontamination = [0, 0.3]";
    let found = outcome(&PLAN.replace("test = [\"test\"]", more))?;
    let study = &found.studies[0];
    // Nothing that learns attacks by their labels.
    assert_eq!(models(study), ["histogram", "histogram", "near", "near"]);
    let recall = |at: usize| {
        let spread = study.results[at].spread(|run| run.at[1].recall.value);
        spread.map(|spread| spread.mean)
    };
    assert_eq!(
        (
            study.results[2].contamination,
            study.results[3].contamination
        ),
        (0.0, 0.3)
    );
    assert_eq!(recall(2), Some(1.0));
    assert!(recall(3) < Some(0.6), "{:?}", recall(3));
    Ok(())
}

#[test]
fn copies_across_the_split_are_told_and_dropping_them_mends_it() -> TestResult {
    let split = PLAN.replace(
        "test = [\"test\"]",
        "split.stratified = { train = 0.5 }\nmodels = [\"near\"]",
    );
    let found = outcome(&split)?;
    let study = &found.studies[0];
    assert_eq!(
        (study.folds[0].train_benign, study.folds[0].test_benign),
        (200, 200)
    );
    for told in [
        found.to_markdown(),
        found.to_text(),
        serde_json::to_string(&found)?,
    ] {
        assert!(
            told.contains("repeat") || told.contains("duplicate_rows"),
            "{told}"
        );
    }
    let dropped = outcome(&format!("{split}\nduplicates = \"drop\"\n"))?;
    let fold = &dropped.studies[0].folds[0];
    assert_eq!(
        (fold.train_benign, fold.test_benign, fold.test_attacks),
        (25, 25, 100)
    );
    let copies =
        |leak: &nettraffic_eval::Leak| matches!(leak, nettraffic_eval::Leak::DuplicateRows { .. });
    assert!(study.leaks().any(|(_, leak)| copies(leak)));
    assert!(!dropped.studies[0].leaks().any(|(_, leak)| copies(leak)));
    Ok(())
}

#[test]
fn folds_test_every_row_once_and_are_read_together() -> TestResult {
    let folds = PLAN.replace(
        "test = [\"test\"]",
        "split.folds = { folds = 3 }\nmodels = [\"near\"]",
    );
    let found = outcome(&folds)?;
    let study = &found.studies[0];
    assert_eq!(models(study), ["histogram", "single-feature", "near"]);
    for result in &study.results {
        let runs: Vec<_> = result
            .runs
            .iter()
            .map(|run| (run.seed, run.fold.as_deref()))
            .collect();
        let expected: Vec<_> = [1, 2]
            .iter()
            .flat_map(|seed| [1, 2, 3].map(|fold| (*seed, fold)))
            .collect();
        assert_eq!(
            runs,
            expected
                .iter()
                .map(|(seed, fold)| (*seed, Some(["1", "2", "3"][fold - 1])))
                .collect::<Vec<_>>()
        );
        assert_eq!(
            result.runs[..3]
                .iter()
                .map(|run| run.benign + run.attacks)
                .sum::<u64>(),
            600
        );
    }
    Ok(())
}

#[test]
fn every_attack_is_tested_by_models_that_never_saw_it() -> TestResult {
    let unseen = "split.unseen-attack = { train = 0.5 }\nmodels = [\"near\", \"forest\"]";
    let found = outcome(&PLAN.replace("test = [\"test\"]", unseen))?;
    let study = &found.studies[0];
    let tests: Vec<&str> = study.results.iter().map(|result| &*result.test).collect();
    assert_eq!(tests, [["nmap"; 4], ["smurf"; 4]].concat());
    for result in &study.results {
        for run in &result.runs {
            let classes: Vec<_> = run
                .classes
                .iter()
                .map(|class| (&*class.class, class.is_unseen, class.rows))
                .collect();
            assert_eq!(classes, [(&*result.test, true, 100)]);
            assert_eq!(run.benign, 200);
        }
    }
    Ok(())
}

#[test]
fn a_fault_names_study_model_and_seed() -> TestResult {
    // What only the model itself can refuse.
    let error = outcome(&PLAN.replace("clusters = 4", "clusters = 4, ridge = -1.0"))
        .map(|_| ())
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("one, near, seed 1: ridge is -1"),
        "{error}"
    );
    Ok(())
}

#[test]
fn a_file_is_not_trained_and_tested_on_whatever_it_is_called() -> TestResult {
    let error = outcome(&PLAN.replace("path = \"test\"", "path = \"./train\""))
        .map(|_| ())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("\"train\" and \"test\" share a file"),
        "{error}"
    );
    Ok(())
}
