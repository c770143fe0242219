//! Which features the scores of attacks come from.

use nettraffic_detect::{Detector, FlowRows};
use nettraffic_features::Preprocessor;
use nettraffic_models::{AnomalyModel, ForestDetector};

use super::bench::Prepared;
use crate::ExperimentError;
use crate::importance::{Importance, ImportanceKind};

/// The mean share of each raw feature in what contributes to the scores of some rows; one for each `part`,
/// which names rows of the test by their place.
pub(super) fn contributions(
    model: &dyn AnomalyModel,
    rows: &Prepared,
    parts: &[Vec<usize>],
) -> Result<Vec<Option<Importance>>, ExperimentError> {
    let of_row = |row: &usize| -> Result<Vec<f64>, ExperimentError> {
        let found = model.contributions(rows.test.row(*row))?;
        // Far out, a contribution can be infinite in single precision.
        let finite = |part: &f32| f64::from(part.clamp(f32::MIN, f32::MAX));
        Ok(by_feature(
            &rows.preprocessor,
            found.iter().map(finite),
            f64::abs,
        ))
    };
    each(parts, of_row)
}

/// As [`contributions`], of a detector and flows that it tests.
pub(super) fn of_detector(
    detector: &Detector,
    tested: &FlowRows,
    parts: &[Vec<usize>],
) -> Result<Vec<Option<Importance>>, ExperimentError> {
    each(parts, |row| Ok(detector.contributions(tested.row(*row))?))
}

/// What the splits of a forest gain.
pub(super) fn impurity(forest: &ForestDetector, preprocessor: &Preprocessor) -> Option<Importance> {
    let importance = forest.forest().impurity_importance().iter().copied();
    Importance::of(
        ImportanceKind::Impurity,
        &by_feature(preprocessor, importance, |part| part),
    )
}

/// The mean over members of a fusion, part by part; none where a member has none.
pub(super) fn of_members(
    members: &[&[Option<Importance>]],
    parts: usize,
) -> Vec<Option<Importance>> {
    let of_part = |part: usize| {
        let shares = |of: &&[Option<Importance>]| Some(of.get(part)?.as_ref()?.shares.clone());
        let shares: Option<Vec<Vec<f64>>> = members.iter().map(shares).collect();
        Importance::mean(ImportanceKind::Contributions, shares?)
    };
    (0..parts).map(of_part).collect()
}

fn each(
    parts: &[Vec<usize>],
    of_row: impl Fn(&usize) -> Result<Vec<f64>, ExperimentError>,
) -> Result<Vec<Option<Importance>>, ExperimentError> {
    let of_part = |rows: &Vec<usize>| {
        let rows: Vec<Vec<f64>> = rows.iter().map(&of_row).collect::<Result<_, _>>()?;
        Ok(Importance::mean(ImportanceKind::Contributions, rows))
    };
    parts.iter().map(of_part).collect()
}

/// Values of prepared columns, summed by the raw feature that each was made from.
fn by_feature(
    preprocessor: &Preprocessor,
    values: impl Iterator<Item = f64>,
    weigh: fn(f64) -> f64,
) -> Vec<f64> {
    let mut sums = vec![0.0; preprocessor.schema().len()];
    for (column, value) in values.enumerate() {
        sums[preprocessor.source_of(column)] += weigh(value);
    }
    sums
}
