//! Which rows are trained and which are tested on.

use std::collections::BTreeMap;
use std::rc::Rc;

use nettraffic_eval::{Split, Splitter, Truth, group_split, stratified_split};

use crate::ExperimentError;
use crate::data::{Loaded, Rows};
use crate::plan::{Attacks, Duplicates, GroupKind, SplitRule, Study};

/// Flows of one attack in one data set that are learned for other tests at most.
const MOST_OF_ONE: usize = 500;

/// Rows to train on, and rows to test on what was learned.
#[derive(Clone, Debug)]
pub(crate) struct Fold {
    /// What is tested.
    pub(crate) name: String,
    pub(crate) split: Split,
}

/// The rows of a study.
pub(crate) fn pool(study: &Study, sets: &[Rc<Loaded>]) -> Result<Rows, ExperimentError> {
    let rows: Vec<&Rows> = sets.iter().map(|set| &set.rows).collect();
    let pool = Rows::together(&rows).ok_or_else(|| {
        ExperimentError::Plan(format!(
            "study {:?}: its data sets have different features",
            study.name
        ))
    })?;
    Ok(pool)
}

/// The folds of a study, as one seed has them.
pub(crate) fn folds(
    study: &Study,
    sets: &[Rc<Loaded>],
    rows: &Rows,
    seed: u64,
) -> Result<Vec<Fold>, ExperimentError> {
    match &study.split {
        Some(rule) => parted(study, rule, rows),
        None => tests(study, sets, rows, seed),
    }
}

/// One fold for each data set to test on.
fn tests(
    study: &Study,
    sets: &[Rc<Loaded>],
    rows: &Rows,
    seed: u64,
) -> Result<Vec<Fold>, ExperimentError> {
    let of_set = |wanted: usize| -> Vec<usize> {
        (0..rows.len())
            .filter(|row| rows.sets()[*row] == wanted)
            .collect()
    };
    let trained = study.train.len();
    let usual: Vec<usize> = (0..trained).flat_map(of_set).collect();
    let (train, pool) = held_out(study, rows, &usual, seed)?;
    let learnable: Vec<Vec<usize>> = (trained..sets.len())
        .map(|set| attacks(rows, &of_set(set)))
        .collect();
    let fold = |tested: usize| {
        let mut train = train.clone();
        if study.attacks == Attacks::OfOtherTests {
            let others = (trained..sets.len())
                .filter(|set| !sets[*set].shares_a_file(&sets[tested]) && *set != tested);
            train.extend(others.flat_map(|set| &learnable[set - trained]));
        }
        let test = of_set(tested).into_iter().chain(pool.iter().copied());
        Fold {
            name: sets[tested].name.clone(),
            split: Split::new(train, test.collect()),
        }
    };
    Ok((trained..sets.len()).map(fold).collect())
}

/// The rows to train on, and the benign rows of files that were drawn to be held out.
fn held_out(
    study: &Study,
    rows: &Rows,
    usual: &[usize],
    seed: u64,
) -> Result<(Vec<usize>, Vec<usize>), ExperimentError> {
    let usual = rows.where_truth(usual, |truth| truth != Truth::Unknown);
    let files = usual
        .iter()
        .map(|row| rows.files()[*row])
        .max()
        .map_or(0, |last| last + 1);
    let files: Vec<usize> = (0..files).collect();
    let drawn = group_split(&files, 1.0 - study.held_out, seed)?;
    let (train, pool): (Vec<usize>, Vec<usize>) =
        (usual.into_iter()).partition(|row| drawn.train.binary_search(&rows.files()[*row]).is_ok());
    Ok((
        train,
        rows.where_truth(&pool, |truth| truth == Truth::Benign),
    ))
}

/// The attacks among some rows, each class evenly thinned to the limit.
fn attacks(rows: &Rows, of: &[usize]) -> Vec<usize> {
    let mut by_class: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for row in of {
        if let Truth::Attack(class) = rows.truth(*row) {
            by_class.entry(class).or_default().push(*row);
        }
    }
    let thinned = by_class.into_values().flat_map(|rows| {
        let step = rows.len().div_ceil(MOST_OF_ONE);
        rows.into_iter().step_by(step)
    });
    thinned.collect()
}

/// The folds of a rule.
fn parted(study: &Study, rule: &SplitRule, all: &Rows) -> Result<Vec<Fold>, ExperimentError> {
    let kept = match study.duplicates {
        Duplicates::Keep => (0..all.len()).collect(),
        Duplicates::Drop => all.without_duplicates(),
    };
    // What nobody knows of can be neither learned nor judged.
    let kept = all.where_truth(&kept, |truth| truth != Truth::Unknown);
    let of = |keys: &Option<Vec<u64>>| {
        keys.as_ref()
            .map(|keys| kept.iter().map(|row| keys[*row]).collect::<Vec<_>>())
    };
    let conversations = of(&all.keys().conversations);
    let splitter = |seed: u64| -> Result<Splitter, ExperimentError> {
        let splitter = Splitter::new(kept.len()).seed(seed);
        Ok(match &conversations {
            Some(conversations) => splitter.together(conversations)?,
            None => splitter,
        })
    };
    let classes: Vec<&str> = kept.iter().map(|row| all.labels()[*row].as_str()).collect();
    let attacks: Vec<bool> = classes
        .iter()
        .map(|class| Truth::named(class).is_attack() == Some(true))
        .collect();
    let missing = |what: &str| {
        ExperimentError::Plan(format!("study {:?}: its rows tell no {what}", study.name))
    };
    let files: Vec<usize> = kept.iter().map(|row| all.files()[*row]).collect();
    let one = |split: Split| vec![(String::new(), split)];
    let numbered = |splits: Vec<Split>| {
        (1..)
            .map(|number: usize| number.to_string())
            .zip(splits)
            .collect()
    };
    let found: Vec<(String, Split)> = match rule {
        SplitRule::Stratified(split) => one(match &conversations {
            Some(_) => splitter(split.seed)?.stratified(&attacks, split.train)?,
            None => stratified_split(&attacks, split.train, split.seed)?,
        }),
        SplitRule::Time(split) => {
            let times = all.keys().times.as_ref().ok_or_else(|| missing("times"))?;
            let times: Vec<i64> = kept.iter().map(|row| times[*row]).collect();
            one(splitter(0)?.by_time(&times, split.train)?)
        }
        SplitRule::Group(split) => {
            let splitter = splitter(split.seed)?;
            let splitter = match split.by {
                GroupKind::Host => {
                    splitter.together(&of(&all.keys().hosts).ok_or_else(|| missing("hosts"))?)?
                }
                GroupKind::Conversation => splitter,
                GroupKind::Capture => splitter.together(&files)?,
            };
            one(splitter.random(split.train)?)
        }
        SplitRule::Folds(split) => {
            numbered(splitter(split.seed)?.stratified_folds(&classes, split.folds)?)
        }
        SplitRule::EachCapture(_) => {
            let splits = splitter(0)?.together(&files)?.each_out()?.into_iter();
            let name = |split: &Split| {
                split
                    .test
                    .first()
                    .map_or("", |row| all.file_name(kept[*row]))
                    .to_owned()
            };
            splits.map(|split| (name(&split), split)).collect()
        }
        SplitRule::UnseenAttack(split) => {
            let unseen =
                splitter(split.seed)?.unseen(&classes, &Truth::Benign.name(), split.train)?;
            unseen
                .into_iter()
                .map(|unseen| (unseen.class.to_owned(), unseen.split))
                .collect()
        }
    };
    let back = |rows: Vec<usize>| rows.into_iter().map(|row| kept[row]).collect();
    let fold = |(name, split): (String, Split)| Fold {
        name,
        split: Split::new(back(split.train), back(split.test)),
    };
    Ok(found.into_iter().map(fold).collect())
}
