//! What the training rows looked like, so that a reason can say what was expected.

use ndarray::ArrayView1;
use nettraffic_features::{ColumnKind, FeatureMatrix};
use serde::{Deserialize, Serialize};

use crate::drift::Reference;

/// The central share of benign training rows that an expected range covers.
const COVERED: f64 = 0.98;

/// Per raw column, the usual values of benign training rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredBaseline")]
pub(crate) struct Baseline {
    pub(crate) columns: Vec<Usual>,
    /// What recent rows are compared with.
    pub(crate) reference: Reference,
}

#[derive(Deserialize)]
struct StoredBaseline {
    columns: Vec<Usual>,
    reference: Reference,
}

impl TryFrom<StoredBaseline> for Baseline {
    type Error = &'static str;

    fn try_from(stored: StoredBaseline) -> Result<Self, Self::Error> {
        let StoredBaseline { columns, reference } = stored;
        if columns.len() != reference.columns.len() {
            return Err("the baseline does not fit its bins");
        }
        Ok(Self { columns, reference })
    }
}

/// The usual values of one column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Usual {
    /// 98 % of the rows lie in it.
    Range {
        /// 1 % lie below.
        low: f64,
        /// 1 % lie above.
        high: f64,
    },
    /// Share of each category, the unnamed rest last.
    Shares(Vec<f64>),
}

impl Baseline {
    pub(crate) fn of(rows: &FeatureMatrix) -> Self {
        let columns = rows
            .schema()
            .columns()
            .iter()
            .zip(rows.view().columns())
            .map(|(column, values)| match &column.kind {
                ColumnKind::Category(names) => Usual::Shares(shares(values, names.len() + 1)),
                _ => range(values),
            })
            .collect();
        let reference = Reference::of(rows);
        Self { columns, reference }
    }
}

fn range(values: ArrayView1<'_, f64>) -> Usual {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else {
        return Usual::Range {
            low: 0.0,
            high: 0.0,
        };
    };
    let tail = (last as f64 * (1.0 - COVERED) / 2.0).floor() as usize;
    Usual::Range {
        low: sorted[tail],
        high: sorted[last - tail],
    }
}

fn shares(values: ArrayView1<'_, f64>, categories: usize) -> Vec<f64> {
    let mut counts = vec![0_u64; categories];
    for value in values {
        counts[(*value as usize).min(categories - 1)] += 1;
    }
    let total = values.len().max(1) as f64;
    counts.iter().map(|count| *count as f64 / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nettraffic_features::{Column, Schema, Unit};
    use std::sync::Arc;

    #[test]
    fn covers_the_central_98_percent_and_counts_categories() {
        let schema = Schema::new(vec![
            Column::number("bytes", Unit::Bytes),
            Column::category("protocol", ["tcp", "udp"]),
        ])
        .unwrap();
        let values = (0..1000)
            .flat_map(|i| [f64::from(i), f64::from(i % 4)])
            .collect();
        let rows = FeatureMatrix::from_rows(Arc::new(schema), values).unwrap();
        let baseline = Baseline::of(&rows);
        assert_eq!(
            baseline.columns,
            [
                Usual::Range {
                    low: 9.0,
                    high: 990.0
                },
                Usual::Shares(vec![0.25, 0.25, 0.5]),
            ]
        );
    }
}
