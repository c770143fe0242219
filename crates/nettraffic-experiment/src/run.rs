//! Runs a plan.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use nettraffic_detect::{Detector, FalseAlarmGoal, FlowRows, Labelled, ModelKind, Training};
use nettraffic_eval::{Evaluation, LabelRules, Truth, group_split};
use nettraffic_features::FeatureSet;

use crate::ExperimentError;
use crate::captures::{captures_in, read_flows};
use crate::labels::truth;
use crate::outcome::{Outcome, Row, Run, StudyOutcome};
use crate::plan::{Plan, Study, Test};

/// Attack flows of one capture that a forest learns from at most, so that one flood
/// does not outweigh all other attacks together.
const MOST_ATTACKS: usize = 2_000;

/// Runs a plan; `progress` is told each step before it is done.
///
/// Every model of a study is trained on the study's benign captures alone, but for the forest,
/// which needs attacks: for each test it learns those of the study's *other* tests, never the
/// capture that it is tested on.
///
/// # Errors
/// A file that cannot be read, or training that is refused.
pub fn run(plan: &Plan, mut progress: impl FnMut(&str)) -> Result<Outcome, ExperimentError> {
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

/// Captures that were read already.
struct Library {
    features: FeatureSet,
    read: BTreeMap<PathBuf, Rc<FlowRows>>,
}

impl Library {
    fn new(features: FeatureSet) -> Self {
        Self {
            features,
            read: BTreeMap::new(),
        }
    }

    fn flows(&mut self, path: &Path) -> Result<Rc<FlowRows>, ExperimentError> {
        if let Some(rows) = self.read.get(path) {
            return Ok(Rc::clone(rows));
        }
        // Results are not taken from half a capture.
        let (rows, errors) = read_flows(path, &self.features);
        if let Some(error) = errors.into_iter().next() {
            return Err(error.into());
        }
        let rows = Rc::new(rows);
        self.read.insert(path.to_owned(), Rc::clone(&rows));
        Ok(rows)
    }
}

/// A test with its flows and their truth.
struct LoadedTest {
    name: String,
    flows: Rc<FlowRows>,
    /// `None` is benign.
    classes: Vec<Class>,
}

#[derive(Clone, PartialEq, Eq)]
enum Class {
    Benign,
    Unknown,
    Attack(String),
}

impl Class {
    fn truth(&self) -> Truth<'_> {
        match self {
            Self::Benign => Truth::Benign,
            Self::Unknown => Truth::Unknown,
            Self::Attack(name) => Truth::Attack(name),
        }
    }
}

impl LoadedTest {
    fn read(test: &Test, library: &mut Library) -> Result<Self, ExperimentError> {
        let file = File::open(&test.labels).map_err(|error| ExperimentError::Io {
            path: test.labels.clone(),
            error,
        })?;
        let rules = LabelRules::parse(file).map_err(|error| ExperimentError::Labels {
            path: test.labels.clone(),
            error,
        })?;
        let flows = library.flows(&test.capture)?;
        let classes = flows
            .flows()
            .iter()
            .map(|flow| match truth(flow, &rules, test.unmatched) {
                Truth::Benign => Class::Benign,
                Truth::Attack(name) => Class::Attack(name.to_owned()),
                _ => Class::Unknown,
            })
            .collect();
        Ok(Self {
            name: test.title(),
            flows,
            classes,
        })
    }

    /// Attack flows with their classes, evenly thinned to the limit.
    fn attacks(&self) -> (FlowRows, Vec<String>) {
        let all: Vec<usize> = (0..self.classes.len())
            .filter(|index| matches!(self.classes[*index], Class::Attack(_)))
            .collect();
        let step = all.len().div_ceil(MOST_ATTACKS).max(1);
        let kept: Vec<usize> = all.into_iter().step_by(step).collect();
        let classes = kept
            .iter()
            .filter_map(|index| match &self.classes[*index] {
                Class::Attack(name) => Some(name.clone()),
                _ => None,
            })
            .collect();
        (self.flows.select(&kept), classes)
    }
}

fn run_study(
    plan: &Plan,
    models: &[ModelKind],
    study: &Study,
    library: &mut Library,
    progress: &mut impl FnMut(&str),
) -> Result<StudyOutcome, ExperimentError> {
    progress(&format!("{}: reading captures", study.name));
    let benign: Vec<Rc<FlowRows>> = captures_in(&study.benign)?
        .iter()
        .map(|path| library.flows(path))
        .collect::<Result<_, _>>()?;
    let tests: Vec<LoadedTest> = study
        .tests
        .iter()
        .map(|test| LoadedTest::read(test, library))
        .collect::<Result<_, _>>()?;

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
        let (train, pool) = held_out(&benign, study, *seed, library);
        trained_on.push(train.len() as u64);
        for (column, model) in models.iter().enumerate() {
            let context = format!("{}, {}, seed {seed}", study.name, model.name());
            progress(&context);
            let failed = |error| ExperimentError::Detect {
                context: context.clone(),
                error,
            };
            let training = Training::new(*model)
                .seed(*seed)
                .goal(FalseAlarmGoal::Rate(plan.false_alarm_rate));
            let shared = match model {
                ModelKind::Forest => None,
                _ => Some(training.fit(&train, None).map_err(failed)?),
            };
            for (index, test) in tests.iter().enumerate() {
                let own;
                let detector = match &shared {
                    Some(shared) => shared,
                    None => {
                        let (flows, classes) = attacks_of_others(&tests, index, library);
                        let attacks = Labelled {
                            flows: &flows,
                            classes: &classes,
                        };
                        own = training.fit(&train, Some(attacks)).map_err(failed)?;
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
) -> (FlowRows, FlowRows) {
    let (mut train, mut pool) = (
        FlowRows::new(library.features.clone()),
        FlowRows::new(library.features.clone()),
    );
    let captures: Vec<usize> = (0..benign.len()).collect();
    // The plan was checked: the share is between 0 and 1.
    let split = group_split(&captures, 1.0 - study.held_out, seed).unwrap_or_default();
    for index in split.train {
        train.extend_from(&benign[index]);
    }
    for index in split.test {
        pool.extend_from(&benign[index]);
    }
    (train, pool)
}

fn attacks_of_others(
    tests: &[LoadedTest],
    left_out: usize,
    library: &Library,
) -> (FlowRows, Vec<String>) {
    let mut flows = FlowRows::new(library.features.clone());
    let mut classes = Vec::new();
    for (index, test) in tests.iter().enumerate() {
        if index != left_out {
            let (other, names) = test.attacks();
            flows.extend_from(&other);
            classes.extend(names);
        }
    }
    (flows, classes)
}

fn judge(
    detector: &Detector,
    test: &LoadedTest,
    pool: &FlowRows,
    seed: u64,
    context: &str,
) -> Result<Run, ExperimentError> {
    let mut truths: Vec<Truth<'_>> = test.classes.iter().map(Class::truth).collect();
    truths.resize(test.classes.len() + pool.len(), Truth::Benign);
    let (mut scores, mut alerts) = (Vec::new(), Vec::new());
    for flows in [&*test.flows, pool] {
        for score in detector
            .scores(flows)
            .map_err(|error| ExperimentError::Detect {
                context: context.to_owned(),
                error,
            })?
        {
            scores.push(score);
            alerts.push(detector.threshold().is_alert(score));
        }
    }
    Ok(Run::of(seed, &Evaluation::new(&scores, &alerts, &truths)?))
}
