//! Runs a plan.

use std::rc::Rc;

use crate::data::{Library, Loaded};
use crate::outcome::{DataOutcome, Outcome};
use crate::plan::Plan;
use crate::ready::Ready;
use crate::store::Store;
use crate::{ExperimentError, VERSION};

/// What a comparison is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A data set is being read.
    Reading(&'a str),
    /// All data are read; so many units of work are to come.
    Planned(usize),
    /// A model is being fitted and asked for its scores.
    Began(&'a str),
    /// Its rows are prepared, and it is fitted on so many of them. A unit that is kept tells neither this nor the next
    /// two; a fusion tells them once for each member that was not fitted yet, then for itself.
    Fitting(u64),
    /// It is fitted, and is asked for the scores of so many rows.
    Scoring(u64),
    /// It gave them; what follows until it is done is judging.
    Scored,
    /// It is done; or its scores were kept from an earlier run.
    Done {
        /// As in [`Event::Began`].
        unit: &'a str,
        /// The study.
        study: &'a str,
        /// The model.
        model: &'a str,
        /// Whether its scores were kept.
        is_kept: bool,
    },
}

/// Runs a plan; `progress` is told what it is at. With a store, finished units are kept there, and what
/// an earlier run has kept is taken from it.
///
/// The same plan and data give the same outcome, on any number of threads and whether units were kept or not.
///
/// # Errors
/// A plan that is not sound, a file that is both trained and tested on, a file that cannot be
/// read, or fitting that is refused.
pub fn run(
    plan: &Plan,
    store: Option<&Store>,
    mut progress: impl FnMut(Event<'_>),
) -> Result<Outcome, ExperimentError> {
    plan.check()?;
    let mut library = Library::default();
    let mut ready = Vec::new();
    for study in &plan.studies {
        let sets = library.load(plan, study, &mut |name| progress(Event::Reading(name)))?;
        ready.push(Ready::new(plan, study, &sets)?);
    }
    progress(Event::Planned(ready.iter().map(Ready::units).sum()));
    let mut studies = Vec::new();
    for study in ready {
        studies.push(study.run(plan, store, &mut progress)?);
    }
    let (sets, captures) = library.into_parts();
    Ok(Outcome {
        title: plan.title.clone(),
        note: plan.note.clone(),
        version: VERSION,
        seeds: plan.seeds.clone(),
        data: described(&sets),
        studies,
        metrics: plan.metrics.clone(),
        captures,
    })
}

fn described(sets: &[Rc<Loaded>]) -> Vec<DataOutcome> {
    let mut data: Vec<DataOutcome> = Vec::new();
    for set in sets {
        let [benign, attacks, unknown] = set.rows.counts();
        let outcome = DataOutcome {
            name: set.name.clone(),
            kind: set.kind,
            sha256: set.sha256.clone(),
            benign,
            attacks,
            unknown,
        };
        // Read with several sets of features, the flows are the same.
        if data.last() != Some(&outcome) {
            data.push(outcome);
        }
    }
    data
}
