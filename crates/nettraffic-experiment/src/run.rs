//! Runs a plan.

use std::rc::Rc;

use nettraffic_detect::{Detector, FalseAlarmGoal, FlowRows, Labelled, ModelKind, Training};
use nettraffic_eval::{Evaluation, Truth, group_split};
use nettraffic_features::FeatureSet;

use crate::ExperimentError;
use crate::leave_out::{LoadedTest, attacks_of_others};
use crate::library::Library;
use crate::outcome::{Outcome, Row, Run, StudyOutcome};
use crate::plan::{Plan, Study};

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
    let features = if plan.features.is_empty() {
        FeatureSet::default()
    } else {
        FeatureSet::named(&plan.features)?
    };
    let models = plan.models()?;
    let mut library = Library::new(features);
    let studies = plan
        .studies
        .iter()
        .map(|study| run_study(plan, &models, study, &mut library, &mut progress))
        .collect::<Result<_, _>>()?;
    Ok(Outcome {
        title: plan.title.clone(),
        note: plan.note.clone(),
        seeds: plan.seeds.clone(),
        false_alarm_rate: plan.false_alarm_rate,
        studies,
    })
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
                let run = judge(detector, test, &pool, *seed, &context)?;
                rows[index * models.len() + column].runs.push(run);
            }
        }
    }
    Ok(StudyOutcome {
        name: study.name.clone(),
        note: study.note.clone(),
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
    seed: u64,
    context: &str,
) -> Result<Run, ExperimentError> {
    let truths: Vec<Truth<'_>> = (test.truths())
        .chain(std::iter::repeat_n(Truth::Benign, pool.len()))
        .collect();
    let mut scores = detector.scores(&test.flows).map_err(failed(context))?;
    scores.extend(detector.scores(pool).map_err(failed(context))?);
    let is_alert = |score: &f32| detector.threshold().is_alert(*score);
    let alerts: Vec<bool> = scores.iter().map(is_alert).collect();
    Ok(Run::of(seed, &Evaluation::new(&scores, &alerts, &truths)?))
}

fn failed(context: &str) -> impl Fn(nettraffic_detect::DetectError) -> ExperimentError {
    move |error| ExperimentError::Detect {
        context: context.to_owned(),
        error,
    }
}
