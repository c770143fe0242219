//! From a model's contributions to reasons in the features' own units.

use nettraffic_features::{Column, ColumnKind, Schema};

use crate::alert::{Expected, Observed, Reason};
use crate::baseline::{Baseline, Usual};

/// An unusual value that counts less than this part of the strongest one comes after usual values
/// that count more. A part, not a share: some models blame all columns a little.
const LEAST_PART: f64 = 0.25;

/// The strongest `most` features of a row, by what its raw columns contributed to the score.
///
/// Only what raised the score is a reason: shares are parts of the sum of the positive
/// contributions, an indicator column's added to its feature's. Of these, the ones that lie outside
/// what is usual come first if they count for something: a usual value can count too, in combination
/// with others, but says less to a reader.
pub(crate) fn reasons(
    schema: &Schema,
    baseline: &Baseline,
    row: &[f64],
    contributions: &[f64],
    most: usize,
) -> Vec<Reason> {
    let columns = schema.columns();
    let mut by_feature = vec![0.0_f64; columns.len()];
    for (column, contribution) in contributions.iter().enumerate() {
        // An indicator stands right after its feature.
        let feature = match columns[column].kind {
            ColumnKind::Indicator => column.saturating_sub(1),
            _ => column,
        };
        by_feature[feature] += contribution;
    }
    if by_feature.iter().all(|part| *part <= 0.0) {
        // Nothing raised the score above where the model starts: what moved it most is the reason.
        by_feature.iter_mut().for_each(|part| *part = part.abs());
    }
    let total: f64 = by_feature.iter().filter(|part| **part > 0.0).sum();
    let mut order: Vec<usize> = (0..columns.len())
        .filter(|feature| by_feature[*feature] > 0.0)
        .collect();
    // Equal parts stay in the schema's order: the sort is stable.
    order.sort_by(|a, b| by_feature[*b].total_cmp(&by_feature[*a]));
    let strongest = order.first().map_or(0.0, |first| by_feature[*first]);
    let strong = order.partition_point(|feature| by_feature[*feature] >= LEAST_PART * strongest);
    order.truncate(strong.max(most));
    let reason = |(rank, feature): (usize, usize)| {
        let reason = Reason {
            feature: columns[feature].name.to_string(),
            unit: columns[feature].unit,
            observed: observed(columns, feature, row),
            expected: expected(&columns[feature], &baseline.columns[feature]),
            share: (by_feature[feature] / total) as f32,
        };
        (rank >= strong || reason.is_usual(), reason)
    };
    let mut reasons: Vec<(bool, Reason)> = order.into_iter().enumerate().map(reason).collect();
    reasons.sort_by_key(|(behind, _)| *behind);
    reasons.truncate(most);
    reasons.into_iter().map(|(_, reason)| reason).collect()
}

fn observed(columns: &[Column], feature: usize, row: &[f64]) -> Observed {
    let undefined = columns
        .get(feature + 1)
        .is_some_and(|next| next.kind == ColumnKind::Indicator)
        && row[feature + 1] > 0.0;
    match columns[feature].category_name(row[feature]) {
        _ if undefined => Observed::Undefined,
        Some(name) => Observed::Category(name.to_owned()),
        None => Observed::Number(row[feature]),
    }
}

fn expected(column: &Column, usual: &Usual) -> Expected {
    match usual {
        Usual::Range { low, high } => Expected::Range {
            low: *low,
            high: *high,
        },
        Usual::Shares(shares) => Expected::Categories(ranked(column, shares)),
    }
}

fn ranked(column: &Column, shares: &[f64]) -> Vec<(String, f64)> {
    let mut ranked: Vec<(String, f64)> = shares
        .iter()
        .enumerate()
        .filter(|(_, share)| **share > 0.0)
        .filter_map(|(index, share)| Some((column.category_name(index as f64)?.to_owned(), *share)))
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;
    use nettraffic_features::{FeatureMatrix, Missing, Schema, Unit};
    use std::sync::Arc;

    fn training() -> FeatureMatrix {
        let gap = Column::number("gap", Unit::Seconds).with_missing(Missing::Indicated(0.0));
        let schema = Schema::new(vec![
            Column::number("bytes", Unit::Bytes),
            gap.clone(),
            gap.indicator(),
            Column::category("protocol", ["tcp", "udp"]),
        ]);
        let rows =
            (0..100).flat_map(|i| [f64::from(i), 0.5, f64::from(i % 2), f64::from(i % 4 / 3)]);
        FeatureMatrix::from_rows(Arc::new(schema.unwrap()), rows.collect()).unwrap()
    }

    /// Reasons of a row whose columns (bytes, gap, its indicator, protocol) contributed so much.
    fn check(row: [f64; 4], contributions: [f64; 4], expected: &[&str]) {
        let training = training();
        let baseline = Baseline::of(&training);
        let reasons = reasons(training.schema(), &baseline, &row, &contributions, 2);
        let words: Vec<String> = reasons.iter().map(ToString::to_string).collect();
        assert_eq!(words, expected);
    }

    #[test]
    fn contributions_become_shares_of_features() {
        let row = [900.0, 0.5, 0.0, 1.0];
        let bytes = "bytes 900 B (usually 0 B to 99 B), 75 % of the alert";
        let protocol = "protocol udp (usually tcp 75 %, udp 25 %), 25 % of the alert";
        // What lowers the score does not count.
        check(row, [3.0, -5.0, 0.0, 1.0], &[bytes, protocol]);
        // No more than were asked for, and unusual ones before others.
        let half = "bytes 900 B (usually 0 B to 99 B), 50 % of the alert";
        check(row, [2.0, 0.5, 0.5, 1.0], &[half, protocol]);
        // Where nothing raised the score, what moved it most is the reason.
        let gap = "gap 0.500 s (usual by itself: 0.500 s), 100 % of the alert";
        check(row, [0.0, -1.0, 0.0, 0.0], &[gap]);
        check(row, [0.0; 4], &[]);
    }

    #[test]
    fn unusual_values_come_before_usual_ones_that_count_more() {
        let protocol = "protocol udp (usually tcp 75 %, udp 25 %), 25 % of the alert";
        let bytes = "bytes 5 B (usual by itself: 0 B to 99 B), 75 % of the alert";
        check(
            [5.0, 0.5, 0.0, 1.0],
            [3.0, 0.0, 0.0, 1.0],
            &[protocol, bytes],
        );
    }

    #[test]
    fn an_unusual_value_is_named_unless_it_counts_for_little() {
        let row = [5.0, 0.5, 0.0, 1.0];
        let bytes =
            |share| format!("bytes 5 B (usual by itself: 0 B to 99 B), {share} % of the alert");
        let protocol = "protocol udp (usually tcp 75 %, udp 25 %), 14 % of the alert";
        check(row, [3.0, 3.0, 0.0, 1.0], &[protocol, &bytes(43)]);
        let gap = "gap 0.500 s (usual by itself: 0.500 s), 45 % of the alert";
        check(row, [3.0, 3.0, 0.0, 0.7], &[&bytes(45), gap]);
    }

    #[test]
    fn an_indicator_speaks_for_its_feature() {
        let gap = "gap undefined (usually 0.500 s), 100 % of the alert";
        check([5.0, 0.0, 1.0, 0.0], [0.0, 0.0, 2.0, 0.0], &[gap]);
    }
}
