//! From a model's contributions to reasons in the features' own units.

use nettraffic_features::{ColumnKind, Preprocessor, Schema};

use crate::alert::{Expected, Observed, Reason};
use crate::baseline::{Baseline, Usual};

/// The strongest `most` features of a row, by what its prepared columns contributed.
///
/// Only what raised the score is a reason: shares are parts of the sum of the positive
/// contributions, added up over the prepared columns that a feature was turned into.
pub(crate) fn reasons(
    schema: &Schema,
    preprocessor: &Preprocessor,
    baseline: &Baseline,
    row: &[f64],
    contributions: &[f32],
    most: usize,
) -> Vec<Reason> {
    let mut by_feature = vec![0.0_f64; schema.len()];
    for (column, contribution) in contributions.iter().enumerate() {
        by_feature[preprocessor.source_of(column)] += f64::from(*contribution);
    }
    let total: f64 = by_feature.iter().filter(|part| **part > 0.0).sum();
    let mut order: Vec<usize> = (0..schema.len())
        .filter(|feature| by_feature[*feature] > 0.0)
        .collect();
    // Equal parts stay in the schema's order: the sort is stable.
    order.sort_by(|a, b| by_feature[*b].total_cmp(&by_feature[*a]));
    order
        .into_iter()
        .take(most)
        .map(|feature| {
            let column = &schema.columns()[feature];
            let (observed, expected) = match (&column.kind, &baseline.columns[feature]) {
                (ColumnKind::Category(names), Usual::Shares(shares)) => (
                    Observed::Category(category(names, row[feature])),
                    Expected::Categories(ranked(names, shares)),
                ),
                (_, Usual::Range { low, high }) => (
                    Observed::Number(row[feature]),
                    Expected::Range {
                        low: *low,
                        high: *high,
                    },
                ),
                // A detector whose baseline does not fit its schema is refused at loading.
                (_, Usual::Shares(_)) => (
                    Observed::Number(row[feature]),
                    Expected::Categories(Vec::new()),
                ),
            };
            Reason {
                feature: column.name.to_string(),
                unit: column.unit,
                observed,
                expected,
                share: (by_feature[feature] / total) as f32,
            }
        })
        .collect()
}

type Names = [std::borrow::Cow<'static, str>];

fn category(names: &Names, value: f64) -> String {
    names
        .get(value as usize)
        .map_or_else(|| "another".to_owned(), ToString::to_string)
}

fn ranked(names: &Names, shares: &[f64]) -> Vec<(String, f64)> {
    let mut ranked: Vec<(String, f64)> = shares
        .iter()
        .enumerate()
        .filter(|(_, share)| **share > 0.0)
        .map(|(index, share)| (category(names, index as f64), *share))
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked
}
