//! Runs a study on a table.

use std::collections::BTreeMap;
use std::rc::Rc;

use nettraffic_features::{FeatureMatrix, PreparedMatrix, PreprocessorParams};
use nettraffic_models::{AnomalyModel, Calibration, Fusion};

use super::fit::{forest, one_class};
use super::{
    Duplicates, Fit, FusionFit, OneClass, TableCounts, TableModel, TableOutcome, TableRow,
    TableRun, TableSplit, TableStudy, load_table, load_tables,
};
use crate::ExperimentError;

/// Runs a study; `progress` is told each step before it is done.
pub(crate) fn run_study(
    study: &TableStudy,
    models: &[TableModel],
    seeds: &[u64],
    progress: &mut impl FnMut(&str),
) -> Result<TableOutcome, ExperimentError> {
    progress(&format!("{}: reading tables", study.name));
    let split = load(study)?;
    let names = study.models(models);
    let shares = &study.contamination;
    let mut rows: Vec<TableRow> = (names.iter())
        .flat_map(|name| {
            shares.iter().map(|share| TableRow {
                model: (*name).to_owned(),
                contamination: *share,
                runs: Vec::new(),
            })
        })
        .collect();
    for seed in seeds {
        for (at, share) in shares.iter().enumerate() {
            let mut bench = Bench::new(&split, models, *share, *seed)?;
            for (index, name) in names.iter().enumerate() {
                let mut context = format!("{}, {name}, seed {seed}", study.name);
                if *share > 0.0 {
                    context += &format!(", {} % attacks", share * 100.0);
                }
                progress(&context);
                let judged = (bench.scores(name)).and_then(|scores| {
                    split.judge(&scores.test, &scores.calibration, &study.rates)
                });
                let judgement = judged.map_err(|error| ExperimentError::OnTable {
                    context,
                    error: Box::new(error),
                })?;
                let seed = *seed;
                rows[index * shares.len() + at]
                    .runs
                    .push(TableRun { seed, judgement });
            }
        }
    }
    Ok(TableOutcome {
        name: study.name.clone(),
        note: study.note.clone(),
        rates: study.rates.clone(),
        counts: TableCounts::of(&split),
        rows,
    })
}

fn load(study: &TableStudy) -> Result<TableSplit, ExperimentError> {
    if let Some(test) = &study.test {
        return load_tables(&study.train, test);
    }
    let rows = load_table(&study.train)?;
    match study.duplicates {
        Duplicates::Keep => rows.halves(super::HALVES),
        Duplicates::Drop => rows.without_duplicates().halves(super::HALVES),
    }
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

/// Fits models on the rows of one seed. Rows that several models share are prepared once, and a
/// model that stands in the table and in a fusion is fitted once.
struct Bench<'a> {
    split: &'a TableSplit,
    models: &'a [TableModel],
    seed: u64,
    rows: OneClass,
    prepared: Vec<(PreprocessorParams, Rc<Prepared>)>,
    scored: BTreeMap<&'a str, Rc<Scores>>,
}

impl<'a> Bench<'a> {
    fn new(
        split: &'a TableSplit,
        models: &'a [TableModel],
        contamination: f64,
        seed: u64,
    ) -> Result<Self, ExperimentError> {
        Ok(Self {
            split,
            models,
            seed,
            rows: split.contaminated(contamination, seed)?,
            prepared: Vec::new(),
            scored: BTreeMap::new(),
        })
    }

    fn scores(&mut self, name: &str) -> Result<Rc<Scores>, ExperimentError> {
        if let Some(scores) = self.scored.get(name) {
            return Ok(Rc::clone(scores));
        }
        let Some(model) = self.models.iter().find(|model| model.name == name) else {
            return Err(ExperimentError::Plan(format!("there is no model {name:?}")));
        };
        let scores = Rc::new(match &model.fit {
            Fit::Fusion(fusion) => self.fused(fusion)?,
            Fit::Forest(params) => {
                let rows = self.split.supervised(self.seed)?;
                let prepared = self.prepare(model, rows.fit.features(), &rows.calibration)?;
                let labels = rows.fit.labels();
                let fitted = forest(params, &prepared.fit, labels, self.seed)?;
                scores(&*fitted, &prepared)?
            }
            fit => {
                let prepared = self.shared(model)?;
                scores(&*one_class(fit, &prepared.fit, self.seed)?, &prepared)?
            }
        });
        self.scored.insert(&model.name, Rc::clone(&scores));
        Ok(scores)
    }

    /// The one-class rows as this model takes them.
    fn shared(&mut self, model: &TableModel) -> Result<Rc<Prepared>, ExperimentError> {
        let params = model.preprocessor();
        if let Some((_, prepared)) = self.prepared.iter().find(|(of, _)| *of == params) {
            return Ok(Rc::clone(prepared));
        }
        let prepared = Rc::new(self.prepare(model, &self.rows.fit, &self.rows.calibration)?);
        self.prepared.push((params, Rc::clone(&prepared)));
        Ok(prepared)
    }

    fn prepare(
        &self,
        model: &TableModel,
        fit: &FeatureMatrix,
        calibration: &FeatureMatrix,
    ) -> Result<Prepared, ExperimentError> {
        let preprocessor = model.preprocessor().fit(fit)?;
        Ok(Prepared {
            fit: preprocessor.apply(fit)?,
            calibration: preprocessor.apply(calibration)?,
            test: preprocessor.apply(self.split.test().features())?,
        })
    }

    fn fused(&mut self, params: &FusionFit) -> Result<Scores, ExperimentError> {
        let members = (params.of.iter())
            .map(|name| self.scores(name))
            .collect::<Result<Vec<_>, _>>()?;
        let calibrations = (members.iter())
            .map(|scores| Calibration::fit(&scores.calibration))
            .collect::<Result<_, _>>()?;
        let fusion = Fusion::new(calibrations, params.rule.clone())?;
        let fuse = |of: fn(&Scores) -> &[f32]| -> Result<Vec<f32>, ExperimentError> {
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

fn scores(model: &dyn AnomalyModel, rows: &Prepared) -> Result<Scores, ExperimentError> {
    Ok(Scores {
        calibration: model.score(rows.calibration.view())?.to_vec(),
        test: model.score(rows.test.view())?.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::testing::kdd_table;
    use crate::{Plan, run};

    type TestResult = Result<(), Box<dyn std::error::Error>>;

    const PLAN: &str = r#"
        title = "t"
        seeds = [1, 2]

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

        [[table]]
        name = "one"
        train = "train"
        test = "test"
    "#;

    fn tables() -> Result<tempfile::TempDir, std::io::Error> {
        let folder = tempfile::tempdir()?;
        std::fs::write(
            folder.path().join("train"),
            kdd_table(400, &["smurf", "nmap"]),
        )?;
        std::fs::write(
            folder.path().join("test"),
            kdd_table(200, &["smurf", "mscan"]),
        )?;
        Ok(folder)
    }

    fn outcome(plan: &str) -> Result<Vec<TableOutcome>, Box<dyn std::error::Error>> {
        let folder = tables()?;
        let plan = Plan::parse(plan)?.rooted(folder.path());
        let mut steps = 0;
        let outcome = run(&plan, |_| steps += 1)?;
        assert_eq!(steps, plan.steps());
        Ok(outcome.tables)
    }

    fn json(outcome: &[TableOutcome]) -> String {
        serde_json::to_string(outcome).unwrap()
    }

    #[test]
    fn every_model_is_judged_once_per_seed() -> TestResult {
        let found = outcome(PLAN)?;
        let counts = TableCounts {
            train_benign: 400,
            train_attacks: 200,
            test_benign: 200,
            test_attacks: 100,
            unseen_attacks: 50,
            repeated: 300,
        };
        assert_eq!(found[0].counts, counts);
        let names: Vec<&str> = found[0].rows.iter().map(|row| row.model.as_str()).collect();
        assert_eq!(names, ["near", "trees", "both", "forest"]);
        for row in &found[0].rows {
            let seeds: Vec<u64> = row.runs.iter().map(|run| run.seed).collect();
            assert_eq!(seeds, [1, 2]);
            for run in &row.runs {
                let at = &run.judgement.at;
                assert_eq!((at.len(), at[1].rate), (2, 0.05));
                assert!(at[1].false_alarm_rate < Some(0.1), "{}", row.model);
                // An isolation forest tells nothing beyond the training rows from the outermost of
                // these: with such few values that are benign rows enough to tie with all attacks.
                if ["near", "forest"].contains(&row.model.as_str()) {
                    assert_eq!(run.judgement.roc_auc, Some(1.0), "{}", row.model);
                    assert_eq!(at[1].unseen_recall, Some(1.0), "{}", row.model);
                }
            }
        }
        assert_eq!(json(&outcome(PLAN)?), json(&found));
        Ok(())
    }

    #[test]
    fn a_fusion_is_the_same_whether_its_members_stand_beside_it_or_not() -> TestResult {
        let beside = outcome(PLAN)?;
        let alone =
            outcome(&PLAN.replace("test = \"test\"", "test = \"test\"\nmodels = [\"both\"]"))?;
        assert_eq!(alone[0].rows.len(), 1);
        let runs = |rows: &[TableRow], at: usize| serde_json::to_string(&rows[at].runs).unwrap();
        assert_eq!(runs(&alone[0].rows, 0), runs(&beside[0].rows, 2));
        assert_ne!(runs(&beside[0].rows, 0), runs(&beside[0].rows, 2));
        Ok(())
    }

    #[test]
    fn attacks_mixed_in_are_learned_as_usual() -> TestResult {
        let plan = PLAN.replace(
            "test = \"test\"",
            "test = \"test\"\nmodels = [\"near\"]\ncontamination = [0, 0.3]",
        );
        let found = outcome(&plan)?;
        let recall = |at: usize| found[0].rows[at].spread(|judged| judged.at[1].recall);
        let shares: Vec<f64> = found[0].rows.iter().map(|row| row.contamination).collect();
        assert_eq!(shares, [0.0, 0.3]);
        let means = [recall(0), recall(1)].map(|spread| spread.map(|spread| spread.mean));
        assert_eq!(means[0], Some(1.0));
        assert!(means[1] < Some(0.6), "{means:?}");
        Ok(())
    }

    #[test]
    fn duplicates_are_dropped_before_the_table_is_halved() -> TestResult {
        let halved = PLAN.replace("test = \"test\"", "models = [\"near\"]");
        let kept = outcome(&halved)?[0].counts;
        assert_eq!((kept.train_benign, kept.test_benign), (200, 200));
        assert!(kept.repeated > 100);
        let dropped = outcome(&(halved + "\nduplicates = \"drop\"\n"))?[0].counts;
        assert_eq!((dropped.train_benign, dropped.test_benign), (25, 25));
        assert_eq!((dropped.test_attacks, dropped.repeated), (100, 0));
        Ok(())
    }

    #[test]
    fn a_fault_names_study_model_and_seed() -> TestResult {
        let plan = PLAN.replace("clusters = 4", "clusters = 0");
        let error = outcome(&plan).map(|_| ()).unwrap_err().to_string();
        assert!(
            error.starts_with("one, near, seed 1: clusters is 0"),
            "{error}"
        );
        Ok(())
    }
}
