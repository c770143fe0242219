//! Every two models held against each other on the same rows.

use nettraffic_eval::{AreaDifference, Confidence, McNemar, holm};

use crate::ExperimentError;
use crate::judge::Judged;
use crate::outcome::Pair;

/// Every two of the models that judged the rows of a fold, uncorrected.
pub(crate) fn of_fold(
    name: &str,
    models: &[(&str, Judged)],
    is_cross_validation: bool,
) -> Result<Vec<Pair>, ExperimentError> {
    let (test, fold) = match is_cross_validation {
        true => ("", Some(name)),
        false => (name, None),
    };
    let mut pairs = Vec::new();
    for (place, (first, a)) in models.iter().enumerate() {
        for (second, b) in &models[place + 1..] {
            let (Some(a_alerts), Some(b_alerts)) = (a.alerts.first(), b.alerts.first()) else {
                continue;
            };
            let alerts = McNemar::new(a_alerts, b_alerts, &a.attacks)?;
            pairs.push(Pair {
                test: test.to_owned(),
                fold: fold.map(str::to_owned),
                first: (*first).to_owned(),
                second: (*second).to_owned(),
                areas: AreaDifference::new(
                    &a.scores,
                    &b.scores,
                    &a.attacks,
                    Confidence::PERCENT_95,
                )?,
                alerts_p: alerts.exact_p(),
                alerts,
                areas_holm_p: None,
                alerts_holm_p: None,
            });
        }
    }
    Ok(pairs)
}

/// Corrects the tests of all pairs of a study for their number.
pub(crate) fn correct(pairs: &mut [Pair]) {
    let areas: Vec<Option<f64>> = pairs.iter().map(|pair| pair.areas.p_value).collect();
    let alerts: Vec<Option<f64>> = pairs.iter().map(|pair| Some(pair.alerts_p)).collect();
    let corrected = holm(&areas).into_iter().zip(holm(&alerts));
    for (pair, (areas, alerts)) in pairs.iter_mut().zip(corrected) {
        (pair.areas_holm_p, pair.alerts_holm_p) = (areas, alerts);
    }
}
