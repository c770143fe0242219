//! A study, ready to be run.

use std::collections::BTreeSet;
use std::rc::Rc;

use nettraffic_eval::Truth;

use crate::data::{Loaded, Rows};
use crate::folds::{Fold, folds, pool};
use crate::groups::{Group, groups};
use crate::judge::{Bar, Judged};
use crate::leaks::leaks;
use crate::outcome::{FoldOutcome, ModelOutcome, StudyOutcome, TestHosts};
use crate::pairs;
use crate::plan::{Plan, SplitRule, Study, is_trivial};
use crate::run::Event;
use crate::store::{Scored, Store};
use crate::tables::{Bench, Job, TableModel};
use crate::unit::{by_conversation, of_first};
use crate::{ExperimentError, Unit};

/// Attacks of a test whose scores are explained.
const MOST_EXPLAINED: usize = 200;

/// A study whose data are read and parted.
pub(crate) struct Ready<'a> {
    study: &'a Study,
    rows: Rows,
    /// Tells the rows from others.
    data: String,
    features: Option<String>,
    rates: &'a [f64],
    /// In the order of the table.
    models: Vec<TableModel>,
    /// All that can be named, members of fusions too.
    known: Vec<TableModel>,
    /// One for each seed.
    draws: Vec<Draw>,
}

/// The folds of one seed, and which of them share their training rows.
struct Draw {
    seed: u64,
    folds: Vec<Fold>,
    /// For models that learn from benign rows alone.
    usual: Vec<Group>,
    /// For models that learn from all rows.
    all: Vec<Group>,
}

impl<'a> Ready<'a> {
    pub(crate) fn new(
        plan: &'a Plan,
        study: &'a Study,
        sets: &[Rc<Loaded>],
    ) -> Result<Self, ExperimentError> {
        let rows = pool(study, sets)?;
        let features = plan.feature_set(study)?;
        let features = plan.has_flows(study).then(|| features.name().to_owned());
        let mut data: String = sets.iter().map(|set| format!("{} ", set.sha256)).collect();
        data.extend(features.as_deref());
        let mut draws = Vec::new();
        for seed in &plan.seeds {
            let folds = folds(study, sets, &rows, *seed)?;
            let benign =
                |fold: &Fold| rows.where_truth(&fold.split.train, |truth| truth == Truth::Benign);
            draws.push(Draw {
                seed: *seed,
                usual: groups(&folds, benign),
                all: groups(&folds, |fold| fold.split.train.clone()),
                folds,
            });
        }
        let is_mixed = study.contamination.iter().any(|share| *share > 0.0);
        let has_attacks = |fold: &Fold| {
            fold.split
                .train
                .iter()
                .any(|row| rows.truth(*row) != Truth::Benign)
        };
        let can_learn = !is_mixed && draws.iter().flat_map(|draw| &draw.folds).all(has_attacks);
        let mut models = plan.chosen(study)?;
        models.retain(|chosen| can_learn || !chosen.is_added || !chosen.model.fit.learns_attacks());
        let models: Vec<TableModel> = models.into_iter().map(|chosen| chosen.model).collect();
        let known = models.iter().chain(&plan.defined).cloned().collect();
        Ok(Self {
            study,
            rows,
            data,
            features,
            rates: plan.rates(study),
            models,
            known,
            draws,
        })
    }

    /// How many models are fitted.
    pub(crate) fn units(&self) -> usize {
        let of = |draw: &Draw, share: f64| -> usize {
            self.models
                .iter()
                .map(|model| draw.groups(model, share).len())
                .sum()
        };
        let shares = &self.study.contamination;
        (self.draws.iter())
            .map(|draw| shares.iter().map(|share| of(draw, *share)).sum::<usize>())
            .sum()
    }

    /// Fits and judges every model on every fold.
    pub(crate) fn run(
        self,
        plan: &Plan,
        store: Option<&Store>,
        progress: &mut impl FnMut(Event<'_>),
    ) -> Result<StudyOutcome, ExperimentError> {
        let is_cross_validation = matches!(self.study.split, Some(SplitRule::Folds(_)));
        let mut results = self.no_results(is_cross_validation);
        let mut pairs = Vec::new();
        for (at_seed, draw) in self.draws.iter().enumerate() {
            for (at_share, share) in self.study.contamination.iter().enumerate() {
                let mut benches: Vec<Bench<'_>> = Vec::new();
                // By fold, then by model.
                let mut side_by_side: Vec<Vec<(&str, Judged)>> =
                    draw.folds.iter().map(|_| Vec::new()).collect();
                for (at_model, model) in self.models.iter().enumerate() {
                    for group in draw.groups(model, *share) {
                        let unit = self.unit(model, draw, group, *share);
                        progress(Event::Began(&unit));
                        let bench = self.bench(&mut benches, draw, group, *share, store);
                        let failed = |error| ExperimentError::Unit {
                            unit: unit.clone(),
                            error: Box::new(error),
                        };
                        let (scored, is_kept) =
                            bench.score(&model.name, progress).map_err(failed)?;
                        for (place, at_fold) in group.folds.iter().enumerate() {
                            let fold = &draw.folds[*at_fold];
                            let judged = self.judge(fold, bench.test(), &scored, model, draw.seed);
                            let (mut run, judged) = judged.map_err(failed)?;
                            run.importance = scored.importance.get(place).cloned().flatten();
                            let test = if is_cross_validation { 0 } else { *at_fold };
                            run.fold = is_cross_validation.then(|| fold.name.clone());
                            let shares = self.study.contamination.len();
                            let place = (test * self.models.len() + at_model) * shares + at_share;
                            results[place].runs.push(run);
                            side_by_side[*at_fold].push((&model.name, judged));
                        }
                        progress(Event::Done {
                            unit: &unit,
                            study: &self.study.name,
                            model: &model.name,
                            is_kept,
                        });
                    }
                }
                if (at_seed, at_share) == (0, 0) {
                    for (fold, models) in draw.folds.iter().zip(&side_by_side) {
                        pairs.extend(pairs::of_fold(&fold.name, models, is_cross_validation)?);
                    }
                }
            }
        }
        pairs::correct(&mut pairs);
        let folds = self.described_folds()?;
        Ok(StudyOutcome {
            name: self.study.name.clone(),
            note: self.study.note.clone(),
            train: self.study.train.clone(),
            test: self.study.test.clone(),
            split: self
                .study
                .split
                .as_ref()
                .map_or_else(String::new, SplitRule::describe),
            features: self.features,
            columns: self.rows.columns(),
            unit: self.study.unit,
            rates: plan.rates(self.study).to_vec(),
            is_cross_validation,
            folds,
            results,
            pairs,
        })
    }

    /// A result without runs for every test, model and share, in this order.
    fn no_results(&self, is_cross_validation: bool) -> Vec<ModelOutcome> {
        let folds = self.draws.first().map_or(&[][..], |draw| &draw.folds);
        let tests: Vec<&str> = match is_cross_validation {
            true => vec![""],
            false => folds.iter().map(|fold| &*fold.name).collect(),
        };
        let mut results = Vec::new();
        for test in tests {
            for model in &self.models {
                results.extend(self.study.contamination.iter().map(|share| ModelOutcome {
                    test: test.to_owned(),
                    model: model.name.clone(),
                    is_trivial: is_trivial(model),
                    contamination: *share,
                    runs: Vec::new(),
                }));
            }
        }
        results
    }

    /// A unit of work in words.
    fn unit(&self, model: &TableModel, draw: &Draw, group: &Group, share: f64) -> String {
        let mut words = format!("{}, {}, seed {}", self.study.name, model.name, draw.seed);
        if let [fold] = group.folds[..]
            && draw.folds.len() > 1
        {
            let is_fold = matches!(self.study.split, Some(SplitRule::Folds(_)));
            words += if is_fold { ", fold " } else { ", " };
            words += &draw.folds[fold].name;
        }
        if share > 0.0 {
            words += &format!(", {} % attacks", share * 100.0);
        }
        words
    }

    /// The bench of a group, made when its first model asks for it.
    fn bench<'b, 's: 'b>(
        &'s self,
        benches: &'b mut Vec<Bench<'s>>,
        draw: &Draw,
        group: &Group,
        share: f64,
        store: Option<&'s Store>,
    ) -> &'b mut Bench<'s> {
        let explained = self.explained(draw, group);
        let known = benches
            .iter()
            .position(|bench| bench.is_of(&group.train, &group.test, &explained));
        let place = known.unwrap_or(benches.len());
        if known.is_none() {
            benches.push(Bench::new(Job {
                rows: &self.rows,
                data: &self.data,
                train: group.train.clone(),
                test: group.test.clone(),
                explained,
                rates: self.rates,
                contamination: share,
                seed: draw.seed,
                models: &self.known,
                store,
            }));
        }
        &mut benches[place]
    }

    /// Attacks of each fold of a group, by their places among all that is tested: evenly spaced, and few enough that
    /// explaining them costs little beside scoring all rows.
    fn explained(&self, draw: &Draw, group: &Group) -> Vec<Vec<usize>> {
        let of_fold = |fold: &usize| {
            let test = &draw.folds[*fold].split.test;
            let attacks = self
                .rows
                .where_truth(test, |truth| truth.is_attack() == Some(true));
            let step = attacks.len().div_ceil(MOST_EXPLAINED).max(1);
            (attacks.iter().step_by(step))
                .filter_map(|row| group.test.binary_search(row).ok())
                .collect()
        };
        group.folds.iter().map(of_fold).collect()
    }

    /// Judges the scores of a fold, among those of all rows that were tested on together.
    fn judge(
        &self,
        fold: &Fold,
        tested: &[usize],
        scored: &Scored,
        model: &TableModel,
        seed: u64,
    ) -> Result<(crate::Run, Judged), ExperimentError> {
        let places = fold
            .split
            .test
            .iter()
            .filter_map(|row| tested.binary_search(row).ok());
        let mut scores: Vec<f32> = places
            .filter_map(|place| scored.test.get(place).copied())
            .collect();
        let mut truths = self.truths(fold);
        let mut hosts = self.hosts(fold);
        if let Some(keys) = self.conversations(fold) {
            (scores, truths) = by_conversation(&scores, &truths, &keys);
            hosts = hosts.map(|hosts| of_first(&hosts, &keys));
        }
        let bar = Bar {
            truths: &truths,
            hosts: hosts.as_deref(),
            known: &self.known_classes(fold),
            rates: self.rates,
            // The highest of several probabilities is none.
            are_probabilities: self.study.unit == Unit::Flow && model.fit.gives_probabilities(),
        };
        bar.judge(&scores, &scored.thresholds, seed)
    }

    /// The hosts that began the flows of a test, where rows tell.
    fn hosts(&self, fold: &Fold) -> Option<Vec<u64>> {
        let hosts = self.rows.keys().hosts.as_ref()?;
        Some(fold.split.test.iter().map(|row| hosts[*row]).collect())
    }

    /// How many hosts attack, and how many are benign, in a test: those that intervals draw.
    fn test_hosts(&self, fold: &Fold) -> Option<TestHosts> {
        let mut hosts = self.hosts(fold)?;
        let mut truths = self.truths(fold);
        if let Some(keys) = self.conversations(fold) {
            truths = by_conversation(&vec![0.0; truths.len()], &truths, &keys).1;
            hosts = of_first(&hosts, &keys);
        }
        let count = |is_attack: bool| {
            let of = (truths.iter().zip(&hosts))
                .filter(|(truth, _)| truth.is_attack() == Some(is_attack));
            of.map(|(_, host)| host).collect::<BTreeSet<_>>().len() as u64
        };
        Some(TestHosts {
            attacking: count(true),
            benign: count(false),
        })
    }

    /// What the flows of a test are.
    fn truths(&self, fold: &Fold) -> Vec<Truth<'_>> {
        let rows = fold.split.test.iter();
        rows.map(|row| self.rows.truth(*row)).collect()
    }

    /// The conversations of the flows of a test, where these are what counts.
    fn conversations(&self, fold: &Fold) -> Option<Vec<u64>> {
        let keys = match self.study.unit {
            Unit::Conversation => self.rows.keys().conversations.as_ref()?,
            Unit::Flow => return None,
        };
        Some(fold.split.test.iter().map(|row| keys[*row]).collect())
    }

    /// The attacks that a fold trains on.
    fn known_classes(&self, fold: &Fold) -> BTreeSet<&str> {
        let classes = fold
            .split
            .train
            .iter()
            .map(|row| &*self.rows.labels()[*row]);
        classes
            .filter(|class| Truth::named(class) != Truth::Benign)
            .collect()
    }

    /// What was trained and tested on; where seeds draw the same rows, once.
    fn described_folds(&self) -> Result<Vec<FoldOutcome>, ExperimentError> {
        let draws = match self.study.held_out > 0.0 {
            true => &self.draws[..],
            false => self.draws.get(..1).unwrap_or_default(),
        };
        let mut described = Vec::new();
        for (at_seed, draw) in draws.iter().enumerate() {
            for fold in &draw.folds {
                let count = |rows: &[usize], is: fn(Truth<'_>) -> bool| {
                    self.rows.where_truth(rows, is).len() as u64
                };
                let attack = |truth: Truth<'_>| truth.is_attack() == Some(true);
                let benign = |truth: Truth<'_>| truth == Truth::Benign;
                let known = self.known_classes(fold);
                let is_unseen = |row: &&usize| matches!(self.rows.truth(**row), Truth::Attack(class) if !known.contains(class));
                described.push(FoldOutcome {
                    test: fold.name.clone(),
                    seed: draw.seed,
                    train_benign: count(&fold.split.train, benign),
                    train_attacks: count(&fold.split.train, attack),
                    test_benign: count(&fold.split.test, benign),
                    test_attacks: count(&fold.split.test, attack),
                    test_hosts: self.test_hosts(fold),
                    unseen_attacks: fold.split.test.iter().filter(is_unseen).count() as u64,
                    leaks: match at_seed {
                        0 => leaks(&self.rows, &fold.split)?,
                        _ => Vec::new(),
                    },
                });
            }
        }
        Ok(described)
    }
}

impl Draw {
    /// The folds that a model can be fitted for at once.
    fn groups(&self, model: &TableModel, share: f64) -> &[Group] {
        if share > 0.0 || model.fit.learns_attacks() {
            return &self.all;
        }
        &self.usual
    }
}
