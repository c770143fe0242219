//! Fits models on the rows of a fold.

use std::collections::BTreeMap;
use std::rc::Rc;

use nettraffic_detect::{FalseAlarmGoal, Labelled, Training};
use nettraffic_eval::Truth;
use nettraffic_features::{FeatureMatrix, PreparedMatrix, PreprocessorParams};
use nettraffic_models::{AnomalyModel, Calibration, Fusion, Threshold};

use super::fit::{forest, one_class};
use super::single::SingleFeature;
use super::{DetectorFit, Fit, FusionFit, OneClass, TableModel, TableSplit};
use crate::data::Rows;
use crate::digest::of_indices;
use crate::store::{Scored, Store};
use crate::{ExperimentError, VERSION};

/// What models are fitted on and judged by, for one seed.
#[derive(Clone, Debug)]
pub(crate) struct Job<'a> {
    pub(crate) rows: &'a Rows,
    /// Tells the rows from others: the data and the features.
    pub(crate) data: &'a str,
    pub(crate) train: Vec<usize>,
    pub(crate) test: Vec<usize>,
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

/// Scores of one model.
struct Scores {
    calibration: Vec<f32>,
    test: Vec<f32>,
}

/// Rows in the form that models take.
struct Prepared {
    fit: PreparedMatrix,
    calibration: PreparedMatrix,
    test: PreparedMatrix,
}

impl<'a> Bench<'a> {
    pub(crate) fn new(job: Job<'a>) -> Self {
        let unit = format!(
            "nettraffic {VERSION}\ndata {}\ntrain {}\ntest {}\nrates {:?}\ncontamination {}\nseed {}\n",
            job.data,
            of_indices(&job.train),
            of_indices(&job.test),
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
    pub(crate) fn is_of(&self, train: &[usize], test: &[usize]) -> bool {
        self.job.train == train && self.job.test == test
    }

    /// The scores of a model, and whether they were kept from an earlier run.
    pub(crate) fn score(&mut self, name: &str) -> Result<(Rc<Scored>, bool), ExperimentError> {
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
                let scored = self.fit(model)?;
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

    fn fit(&mut self, model: &TableModel) -> Result<Scored, ExperimentError> {
        let scores = match &model.fit {
            Fit::Detector(detector) => return self.detector(detector),
            Fit::Fusion(fusion) => self.fused(fusion)?,
            Fit::Forest(params) => {
                let seed = self.job.seed;
                let split = &self.made()?.split;
                let rows = split.supervised(seed)?;
                let test = split.test().features();
                let prepared = prepare(model, rows.fit.features(), &rows.calibration, test)?;
                let labels = rows.fit.labels();
                scores(&*forest(params, &prepared.fit, labels, seed)?, &prepared)?
            }
            Fit::SingleFeature(_) => {
                let seed = self.job.seed;
                let split = &self.made()?.split;
                let rows = split.supervised(seed)?;
                let feature = SingleFeature::choose(&rows.fit)?;
                Scores {
                    calibration: feature.scores(&rows.calibration),
                    test: feature.scores(split.test().features()),
                }
            }
            fit => {
                let prepared = self.shared(model)?;
                scores(&*one_class(fit, &prepared.fit, self.job.seed)?, &prepared)?
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
        })
    }

    /// A detector as users train it, once for every rate.
    fn detector(&self, params: &DetectorFit) -> Result<Scored, ExperimentError> {
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
        };
        for rate in *rates {
            let training = Training::new(params.model)
                .seed(*seed)
                .goal(FalseAlarmGoal::Rate(*rate));
            let detector = training.fit(&usual, labelled)?;
            // The scores do not depend on the threshold.
            if scored.test.is_empty() {
                scored.test = detector.scores(&tested)?;
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

    fn fused(&mut self, params: &FusionFit) -> Result<Scores, ExperimentError> {
        let members = (params.of.iter())
            .map(|name| self.score(name).map(|(scored, _)| scored))
            .collect::<Result<Vec<_>, _>>()?;
        let calibrations = (members.iter())
            .map(|scores| Calibration::fit(&scores.calibration))
            .collect::<Result<_, _>>()?;
        let fusion = Fusion::new(calibrations, params.rule.clone())?;
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
        Ok(Scores {
            calibration: fuse(|scores| &scores.calibration)?,
            test: fuse(|scores| &scores.test)?,
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
    })
}

fn scores(model: &dyn AnomalyModel, rows: &Prepared) -> Result<Scores, ExperimentError> {
    Ok(Scores {
        calibration: model.score(rows.calibration.view())?.to_vec(),
        test: model.score(rows.test.view())?.to_vec(),
    })
}
