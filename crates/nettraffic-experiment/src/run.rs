//! Runs a plan.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::rc::Rc;

use nettraffic_detect::{Detector, FalseAlarmGoal, FlowRows, Labelled, ModelKind, Training};
use nettraffic_eval::{Evaluation, Truth, group_split};

use crate::captures::Account;
use crate::leave_out::{LoadedTest, attacks_of_others};
use crate::library::Library;
use crate::outcome::{Outcome, Row, Run, StudyOutcome};
use crate::plan::{Plan, Study};
use crate::tables;
use crate::unit::Judged;
use crate::{ExperimentError, Unit};

/// Runs a plan; `progress` is told each step before it is done.
///
/// Every model of a study is trained on the study's benign captures alone, but for the forest,
/// which needs attacks: for each test it learns those of the study's *other* tests, never the
/// capture that it is tested on.
///
/// The same plan and captures give the same outcome.
///
/// # Errors
/// A plan that is not sound, a capture that is both trained and tested on, a file that cannot be
/// read, or training that is refused.
pub fn run(plan: &Plan, mut progress: impl FnMut(&str)) -> Result<Outcome, ExperimentError> {
    plan.check()?;
    let models = plan.models()?;
    // Before anything is trained, not hours later.
    for study in &plan.tables {
        if let Some(model) = study.left_out(&plan.table_models) {
            return Err(ExperimentError::Plan(format!(
                "table {:?}: the model {model:?} needs an autoencoder, which this build leaves out",
                study.name
            )));
        }
    }
    let mut studies = Vec::new();
    // Captures are read once for every set of features.
    let mut libraries: Vec<Library> = Vec::new();
    for study in &plan.studies {
        let features = study.feature_set(plan)?;
        if !libraries.iter().any(|library| library.holds(&features)) {
            libraries.push(Library::new(features.clone()));
        }
        for library in libraries
            .iter_mut()
            .filter(|library| library.holds(&features))
        {
            studies.push(run_study(plan, &models, study, library, &mut progress)?);
        }
    }
    let tables = plan
        .tables
        .iter()
        .map(|study| tables::run_study(study, &plan.table_models, &plan.seeds, &mut progress))
        .collect::<Result<_, _>>()?;
    Ok(Outcome {
        title: plan.title.clone(),
        note: plan.note.clone(),
        seeds: plan.seeds.clone(),
        false_alarm_rate: plan.false_alarm_rate,
        studies,
        tables,
        captures: accounts(libraries),
    })
}

/// What became of the packets of every capture, in the order of first reading.
fn accounts(libraries: Vec<Library>) -> Vec<(PathBuf, Account)> {
    let mut seen = BTreeSet::new();
    (libraries.into_iter())
        .flat_map(Library::into_accounts)
        .filter(|(path, _)| seen.insert(path.clone()))
        .collect()
}

fn run_study(
    plan: &Plan,
    models: &[ModelKind],
    study: &Study,
    library: &mut Library,
    progress: &mut impl FnMut(&str),
) -> Result<StudyOutcome, ExperimentError> {
    progress(&format!("{}: reading captures", study.name));
    let (benign, tests) = library.load(study)?;
    let mut rows: Vec<Row> = tests
        .iter()
        .flat_map(|test| {
            models
                .iter()
                .map(|model| Row::new(&test.name, model.name()))
        })
        .collect();
    let mut trained_on = Vec::new();
    for seed in &plan.seeds {
        let (train, pool) = held_out(&benign, study, *seed, library)?;
        trained_on.push(train.len() as u64);
        for (column, model) in models.iter().enumerate() {
            let context = format!("{}, {}, seed {seed}", study.name, model.name());
            progress(&context);
            let training = Training::new(*model)
                .seed(*seed)
                .goal(FalseAlarmGoal::Rate(plan.false_alarm_rate));
            let shared = match model {
                ModelKind::Forest => None,
                _ => Some(training.fit(&train, None).map_err(failed(&context))?),
            };
            for (index, test) in tests.iter().enumerate() {
                let context = format!("{context}, {}", test.name);
                let own;
                let detector = match &shared {
                    Some(shared) => shared,
                    None => {
                        let (flows, classes) = attacks_of_others(&tests, test, library.no_flows());
                        let attacks = Labelled {
                            flows: &flows,
                            classes: &classes,
                        };
                        own = (training.fit(&train, Some(attacks))).map_err(failed(&context))?;
                        &own
                    }
                };
                let run = judge(detector, test, &pool, study.unit, *seed, &context)?;
                rows[index * models.len() + column].runs.push(run);
            }
        }
    }
    Ok(StudyOutcome {
        name: study.name.clone(),
        note: study.note.clone(),
        features: library.features().name().to_owned(),
        unit: study.unit,
        trained_on,
        rows,
    })
}

/// The flows to train on, and those of the captures that were drawn to be held out.
fn held_out(
    benign: &[Rc<FlowRows>],
    study: &Study,
    seed: u64,
    library: &Library,
) -> Result<(FlowRows, FlowRows), ExperimentError> {
    let captures: Vec<usize> = (0..benign.len()).collect();
    let split = group_split(&captures, 1.0 - study.held_out, seed)?;
    let together = |captures: Vec<usize>| {
        let mut flows = library.no_flows();
        for index in captures {
            flows.extend_from(&benign[index]);
        }
        flows
    };
    Ok((together(split.train), together(split.test)))
}

fn judge(
    detector: &Detector,
    test: &LoadedTest,
    pool: &FlowRows,
    unit: Unit,
    seed: u64,
    context: &str,
) -> Result<Run, ExperimentError> {
    let mut scores = detector.scores(&test.flows).map_err(failed(context))?;
    scores.extend(detector.scores(pool).map_err(failed(context))?);
    let is_alert = |score: &f32| detector.threshold().is_alert(*score);
    let mut judged = Judged {
        alerts: scores.iter().map(is_alert).collect(),
        scores,
        truths: (test.truths())
            .chain(std::iter::repeat_n(Truth::Benign, pool.len()))
            .collect(),
    };
    if unit == Unit::Conversation {
        let own = test.flows.flows().iter().map(|flow| (flow, 0));
        let pooled = pool.flows().iter().zip(pool.origins());
        let pooled = pooled.map(|(flow, origin)| (flow, origin.saturating_add(1)));
        judged = judged.by_conversation(own.chain(pooled));
    }
    let evaluation = Evaluation::new(&judged.scores, &judged.alerts, &judged.truths)?;
    Ok(Run::of(seed, &evaluation))
}

fn failed(context: &str) -> impl Fn(nettraffic_detect::DetectError) -> ExperimentError {
    move |error| ExperimentError::Detect {
        context: context.to_owned(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Test;
    use nettraffic_synth::{Attack, AttackKind, Scenario};
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    /// Two benign captures, two attack captures with their rules.
    fn captures() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let office = |seed| {
            Scenario::new(seed)
                .hosts(3)
                .duration(Duration::from_secs(300))
        };
        let attack = |kind| {
            let at = Duration::from_secs(100);
            Attack::new(kind).at(at).lasting(Duration::from_secs(3))
        };
        std::fs::create_dir(folder.path().join("benign")).unwrap();
        for (name, scenario) in [
            ("benign/b", office(2)),
            ("benign/a", office(1)),
            ("scan", office(3).attack(attack(AttackKind::SynScan))),
            ("flood", office(4).attack(attack(AttackKind::UdpFlood))),
        ] {
            let made = scenario.synthesize();
            let path = folder.path().join(name);
            std::fs::write(path.with_extension("pcap"), made.pcap).unwrap();
            if !made.truth.rules.is_empty() {
                std::fs::write(path.with_extension("csv"), made.truth.rules_csv()).unwrap();
            }
        }
        folder
    }

    fn plan(root: &Path) -> Plan {
        let test =
            |name: &str| Test::new(format!("{name}.pcap").into(), format!("{name}.csv").into());
        let benign = vec![PathBuf::from("benign")];
        let mut plan = Plan::of(
            "t",
            Study::new("s", benign, vec![test("scan"), test("flood")]),
        );
        plan.seeds = vec![1, 2];
        plan.models = vec!["kmeans".into(), "forest".into()];
        plan.rooted(root)
    }

    fn json(outcome: &Outcome) -> String {
        serde_json::to_string(outcome).unwrap()
    }

    #[test]
    fn every_test_has_a_row_per_model_and_every_row_a_run_per_seed() {
        let folder = captures();
        let plan = plan(folder.path());
        let mut steps = Vec::new();
        let outcome = run(&plan, |step| steps.push(step.to_owned())).unwrap();
        assert_eq!(steps.len(), plan.steps());
        assert_eq!(steps[0], "s: reading captures");
        assert_eq!(
            steps[1..],
            [
                "s, kmeans, seed 1",
                "s, forest, seed 1",
                "s, kmeans, seed 2",
                "s, forest, seed 2"
            ]
        );
        let study = &outcome.studies[0];
        let rows: Vec<_> = study
            .rows
            .iter()
            .map(|row| (&*row.test, &*row.model))
            .collect();
        let expected = [
            ("scan", "kmeans"),
            ("scan", "forest"),
            ("flood", "kmeans"),
            ("flood", "forest"),
        ];
        assert_eq!(rows, expected);
        for row in &study.rows {
            assert_eq!(
                row.runs.iter().map(|run| run.seed).collect::<Vec<_>>(),
                [1, 2]
            );
            for run in &row.runs {
                let class = if row.test == "scan" {
                    "scan_syn"
                } else {
                    "dos_udpflood"
                };
                assert_eq!(run.classes.len(), 1);
                assert_eq!(
                    (&*run.classes[0].class, run.classes[0].flows),
                    (class, run.attacks)
                );
                assert!(run.attacks > 10 && run.benign > 50, "{run:?}");
            }
        }
        // The same once more, to the last digit.
        assert_eq!(json(&run(&plan, |_| {}).unwrap()), json(&outcome));
    }

    #[test]
    fn held_out_captures_are_tested_on_and_not_trained_on() {
        let folder = captures();
        let mut plan = plan(folder.path());
        plan.models.truncate(1);
        let whole = run(&plan, |_| {}).unwrap();
        plan.studies[0].held_out = 0.5;
        let parted = run(&plan, |_| {}).unwrap();
        for (index, all) in whole.studies[0].trained_on.iter().enumerate() {
            let pool = all - parted.studies[0].trained_on[index];
            assert!(pool > 0 && pool < *all);
            for (row, before) in parted.studies[0].rows.iter().zip(&whole.studies[0].rows) {
                assert_eq!(row.runs[index].benign, before.runs[index].benign + pool);
                assert_eq!(row.runs[index].attacks, before.runs[index].attacks);
            }
        }
        // Naming a capture twice changes nothing.
        let again = folder.path().join("benign/../benign/a.pcap");
        plan.studies[0].benign.push(again);
        assert_eq!(json(&run(&plan, |_| {}).unwrap()), json(&parted));
    }

    #[test]
    fn a_capture_that_is_trained_and_tested_on_is_an_error() {
        let folder = captures();
        for path in ["scan.pcap", "benign/../scan.pcap"] {
            let mut plan = plan(folder.path());
            plan.studies[0].benign.push(folder.path().join(path));
            let error = run(&plan, |_| {}).unwrap_err();
            assert!(matches!(error, ExperimentError::Leak { .. }), "{error}");
            assert!(
                error
                    .to_string()
                    .contains("scan.pcap as benign and tests on it"),
                "{error}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let folder = captures();
        let spoilt = |spoil: &dyn Fn(&mut Study)| {
            let mut plan = plan(folder.path());
            spoil(&mut plan.studies[0]);
            run(&plan, |_| {}).unwrap_err().to_string()
        };
        let missing = folder.path().join("missing");
        let named = |error: String| assert!(error.contains(&*missing.to_string_lossy()), "{error}");
        named(spoilt(&|study| study.benign.push(missing.clone())));
        named(spoilt(&|study| study.tests[0].capture = missing.clone()));
        named(spoilt(&|study| study.tests[0].labels = missing.clone()));
        let no_rules = folder.path().join("scan.pcap");
        let error = spoilt(&|study| study.tests[0].labels = no_rules.clone());
        assert!(error.contains("scan.pcap: "), "{error}");
        let error = spoilt(&|study| study.tests.truncate(1));
        assert!(
            error.starts_with("s, forest, seed 1, scan: the model forest learns from"),
            "{error}"
        );
    }
}
