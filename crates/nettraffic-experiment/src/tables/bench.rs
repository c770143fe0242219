//! Fits models on the rows of a fold.

use std::collections::BTreeMap;
use std::rc::Rc;

use nettraffic_detect::{FalseAlarmGoal, Labelled, Training};
use nettraffic_eval::Truth;
use nettraffic_features::{FeatureMatrix, PreparedMatrix, Preprocessor, PreprocessorParams};
use nettraffic_models::{AnomalyModel, Calibration, Fusion, Threshold};

use super::attribute;
use super::fit::{forest, one_class};
use super::single::SingleFeature;
use super::{DetectorFit, Fit, FusionFit, OneClass, TableModel, TableSplit};
use crate::data::Rows;
use crate::digest::of_indices;
use crate::importance::{Importance, ImportanceKind};
use crate::run::Event;
use crate::store::{Scored, Store};
use crate::{ExperimentError, VERSION};

/// Of what is kept of a unit; another one is another unit.
const FORMAT: u32 = 2;

/// What models are fitted on and judged by, for one seed.
#[derive(Clone, Debug)]
pub(crate) struct Job<'a> {
    pub(crate) rows: &'a Rows,
    /// Tells the rows from others: the data and the features.
    pub(crate) data: &'a str,
    pub(crate) train: Vec<usize>,
    pub(crate) test: Vec<usize>,
    /// Attacks whose scores are explained, by their places in `test`; for each fold that is tested.
    pub(crate) explained: Vec<Vec<usize>>,
    pub(crate) rates: &'a [f64],
    pub(crate) contamination: f64,
    pub(crate) seed: u64,
    /// All models by name, members of fusions too.
    pub(crate) models: &'a [TableModel],
    pub(crate) store: Option<&'a Store>,
}

/// Fits models on the rows of one job. Rows that several models share are prepared once, and a
/// model that stands in the table and in a fusion is fitted once.
pub(crate) struct Bench<'a> {
    job: Job<'a>,
    /// What all units of the job have in common.
    unit: String,
    made: Option<Made>,
    prepared: Vec<(PreprocessorParams, Rc<Prepared>)>,
    scored: BTreeMap<&'a str, Rc<Scored>>,
}

/// Rows as they are, made when the first model is fitted.
struct Made {
    split: TableSplit,
    one_class: OneClass,
}

/// Scores of one model, and what they come from in each fold.
struct Scores {
    calibration: Vec<f32>,
    test: Vec<f32>,
    importance: Vec<Option<Importance>>,
}

/// Rows in the form that models take.
pub(super) struct Prepared {
    pub(super) preprocessor: Preprocessor,
    fit: PreparedMatrix,
    calibration: PreparedMatrix,
    pub(super) test: PreparedMatrix,
}

/// What is told while a model is fitted.
type Progress<'p> = dyn FnMut(Event<'_>) + 'p;

impl<'a> Bench<'a> {
    pub(crate) fn new(job: Job<'a>) -> Self {
        let unit = format!(
            "nettraffic {VERSION}\nformat {FORMAT}\ndata {}\ntrain {}\ntest {}\nexplained {:?}\nrates {:?}\ncontamination {}\nseed {}\n",
            job.data,
            of_indices(&job.train),
            of_indices(&job.test),
            job.explained
                .iter()
                .map(|rows| of_indices(rows))
                .collect::<Vec<_>>(),
            job.rates,
            job.contamination,
            job.seed,
        );
        Self {
            job,
            unit,
            made: None,
            prepared: Vec::new(),
            scored: BTreeMap::new(),
        }
    }

    /// The rows that are tested on.
    pub(crate) fn test(&self) -> &[usize] {
        &self.job.test
    }

    /// Whether these are its rows.
    pub(crate) fn is_of(&self, train: &[usize], test: &[usize], explained: &[Vec<usize>]) -> bool {
        self.job.train == train && self.job.test == test && self.job.explained == explained
    }

    /// The scores of a model, and whether they were kept from an earlier run. `progress` is told when it
    /// is being fitted, and when it is asked for scores.
    pub(crate) fn score(
        &mut self,
        name: &str,
        progress: &mut Progress<'_>,
    ) -> Result<(Rc<Scored>, bool), ExperimentError> {
        if let Some(scored) = self.scored.get(name) {
            return Ok((Rc::clone(scored), true));
        }
        let models = self.job.models;
        let Some(model) = models.iter().find(|model| model.name == name) else {
            return Err(ExperimentError::Plan(format!("there is no model {name:?}")));
        };
        let unit = format!("{}{}", self.unit, self.words(model));
        let kept = (self.job.store).and_then(|store| store.get(&unit, self.job.test.len()));
        let is_kept = kept.is_some();
        let scored = match kept {
            Some(scored) => scored,
            None => {
                let scored = self.fit(model, progress)?;
                if let Some(store) = self.job.store {
                    store.put(&unit, &scored)?;
                }
                scored
            }
        };
        let scored = Rc::new(scored);
        self.scored.insert(&model.name, Rc::clone(&scored));
        Ok((scored, is_kept))
    }

    /// Everything that a model is, members included: what a derived `Debug` shows, floats to the last digit.
    fn words(&self, model: &TableModel) -> String {
        let mut words = format!("{model:?}\n");
        if let Fit::Fusion(fusion) = &model.fit {
            let named = |name: &String| self.job.models.iter().find(|other| other.name == *name);
            for member in fusion.of.iter().filter_map(named) {
                words += &format!("{member:?}\n");
            }
        }
        words
    }

    fn fit(
        &mut self,
        model: &TableModel,
        progress: &mut Progress<'_>,
    ) -> Result<Scored, ExperimentError> {
        let seed = self.job.seed;
        let scores = match &model.fit {
            Fit::Detector(detector) => return self.detector(detector, progress),
            Fit::Fusion(fusion) => self.fused(fusion, progress)?,
            Fit::Forest(params) => {
                let split = &self.made()?.split;
                let rows = split.supervised(seed)?;
                let test = split.test().features();
                let prepared = prepare(model, rows.fit.features(), &rows.calibration, test)?;
                progress(Event::Fitting(prepared.fit.rows() as u64));
                let forest = forest(params, &prepared.fit, rows.fit.labels(), seed)?;
                let importance = attribute::impurity(&forest, &prepared.preprocessor);
                Scores {
                    importance: vec![importance; self.job.explained.len()],
                    ..scores(&forest, &prepared, progress)?
                }
            }
            Fit::SingleFeature(_) => {
                let folds = self.job.explained.len();
                let split = &self.made()?.split;
                let rows = split.supervised(seed)?;
                progress(Event::Fitting(rows.fit.len() as u64));
                let feature = SingleFeature::choose(&rows.fit)?;
                let test = split.test().features();
                progress(Event::Scoring(
                    (rows.calibration.rows() + test.rows()) as u64,
                ));
                let mut shares = vec![0.0; test.schema().len()];
                shares[feature.column()] = 1.0;
                let scores = Scores {
                    calibration: feature.scores(&rows.calibration),
                    test: feature.scores(test),
                    importance: vec![Importance::of(ImportanceKind::Single, &shares); folds],
                };
                progress(Event::Scored);
                scores
            }
            fit => {
                let prepared = self.shared(model)?;
                progress(Event::Fitting(prepared.fit.rows() as u64));
                let model = one_class(fit, &prepared.fit, seed)?;
                let scores = scores(&*model, &prepared, progress)?;
                Scores {
                    importance: attribute::contributions(&*model, &prepared, &self.job.explained)?,
                    ..scores
                }
            }
        };
        let thresholds = self
            .job
            .rates
            .iter()
            .map(|rate| Threshold::at_rate(&scores.calibration, *rate));
        Ok(Scored {
            thresholds: thresholds.collect::<Result<_, _>>()?,
            calibration: scores.calibration,
            test: scores.test,
            importance: scores.importance,
        })
    }

    /// A detector as users train it, once for every rate.
    fn detector(
        &self,
        params: &DetectorFit,
        progress: &mut Progress<'_>,
    ) -> Result<Scored, ExperimentError> {
        let Job {
            rows,
            train,
            test,
            rates,
            seed,
            ..
        } = &self.job;
        let benign = rows.where_truth(train, |truth| truth == Truth::Benign);
        let attacks = rows.where_truth(train, |truth| truth.is_attack() == Some(true));
        let flows = |of: &[usize]| rows.flows(of).ok_or(ExperimentError::NoFlows);
        let (usual, tested, attacked) = (flows(&benign)?, flows(test)?, flows(&attacks)?);
        let classes: Vec<String> = attacks
            .iter()
            .map(|row| rows.labels()[*row].clone())
            .collect();
        let labelled = (params.model == nettraffic_detect::ModelKind::Forest).then_some(Labelled {
            flows: &attacked,
            classes: &classes,
        });
        let mut scored = Scored {
            calibration: Vec::new(),
            test: Vec::new(),
            thresholds: Vec::new(),
            importance: Vec::new(),
        };
        for rate in *rates {
            let training = Training::new(params.model)
                .seed(*seed)
                .goal(FalseAlarmGoal::Rate(*rate));
            // The scores do not depend on the threshold.
            let is_first = scored.thresholds.is_empty();
            if is_first {
                progress(Event::Fitting((usual.len() + attacked.len()) as u64));
            }
            let detector = training.fit(&usual, labelled)?;
            if is_first {
                progress(Event::Scoring(tested.len() as u64));
                scored.test = detector.scores(&tested)?;
                progress(Event::Scored);
                scored.importance =
                    attribute::of_detector(&detector, &tested, &self.job.explained)?;
            }
            scored.thresholds.push(detector.threshold().clone());
        }
        Ok(scored)
    }

    fn made(&mut self) -> Result<&Made, ExperimentError> {
        let made = match self.made.take() {
            Some(made) => made,
            None => {
                let job = &self.job;
                let split =
                    TableSplit::new(job.rows.table(&job.train)?, job.rows.table(&job.test)?)?;
                let one_class = split.contaminated(job.contamination, job.seed)?;
                Made { split, one_class }
            }
        };
        Ok(self.made.insert(made))
    }

    /// The one-class rows as this model takes them.
    fn shared(&mut self, model: &TableModel) -> Result<Rc<Prepared>, ExperimentError> {
        let params = model.preprocessor();
        if let Some((_, prepared)) = self.prepared.iter().find(|(of, _)| *of == params) {
            return Ok(Rc::clone(prepared));
        }
        let Made { split, one_class } = self.made()?;
        let test = split.test().features();
        let prepared = Rc::new(prepare(
            model,
            &one_class.fit,
            &one_class.calibration,
            test,
        )?);
        self.prepared.push((params, Rc::clone(&prepared)));
        Ok(prepared)
    }

    fn fused(
        &mut self,
        params: &FusionFit,
        progress: &mut Progress<'_>,
    ) -> Result<Scores, ExperimentError> {
        let members = (params.of.iter())
            .map(|name| self.score(name, progress).map(|(scored, _)| scored))
            .collect::<Result<Vec<_>, _>>()?;
        let rows = |of: fn(&Scored) -> &[f32]| members.first().map_or(0, |first| of(first).len());
        progress(Event::Fitting(rows(|scored| &scored.calibration) as u64));
        let calibrations = (members.iter())
            .map(|scores| Calibration::fit(&scores.calibration))
            .collect::<Result<_, _>>()?;
        let fusion = Fusion::new(calibrations, params.rule.clone())?;
        progress(Event::Scoring(
            (rows(|scored| &scored.calibration) + rows(|scored| &scored.test)) as u64,
        ));
        let fuse = |of: fn(&Scored) -> &[f32]| -> Result<Vec<f32>, ExperimentError> {
            let columns: Vec<&[f32]> = members.iter().map(|scores| of(scores)).collect();
            let rows = columns.first().map_or(0, |column| column.len());
            let row = |row| {
                columns
                    .iter()
                    .map(|column| column[row])
                    .collect::<Vec<f32>>()
            };
            (0..rows)
                .map(|index| Ok(fusion.score(&row(index)[..])?))
                .collect()
        };
        let (calibration, test) = (
            fuse(|scores| &scores.calibration)?,
            fuse(|scores| &scores.test)?,
        );
        progress(Event::Scored);
        let importance: Vec<_> = members.iter().map(|scored| &*scored.importance).collect();
        Ok(Scores {
            calibration,
            test,
            importance: attribute::of_members(&importance, self.job.explained.len()),
        })
    }
}

/// Rows as a model takes them, by what is learned from those to fit on.
fn prepare(
    model: &TableModel,
    fit: &FeatureMatrix,
    calibration: &FeatureMatrix,
    test: &FeatureMatrix,
) -> Result<Prepared, ExperimentError> {
    let preprocessor = model.preprocessor().fit(fit)?;
    Ok(Prepared {
        fit: preprocessor.apply(fit)?,
        calibration: preprocessor.apply(calibration)?,
        test: preprocessor.apply(test)?,
        preprocessor,
    })
}

fn scores(
    model: &dyn AnomalyModel,
    rows: &Prepared,
    progress: &mut Progress<'_>,
) -> Result<Scores, ExperimentError> {
    progress(Event::Scoring(
        (rows.calibration.rows() + rows.test.rows()) as u64,
    ));
    let scores = Scores {
        importance: Vec::new(),
        calibration: model.score(rows.calibration.view())?.to_vec(),
        test: model.score(rows.test.view())?.to_vec(),
    };
    progress(Event::Scored);
    Ok(scores)
}
