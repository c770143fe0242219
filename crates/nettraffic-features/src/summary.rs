//! What the columns of a matrix look like.

use ndarray::ArrayView1;

use crate::sorted::{quantile, sorted};
use crate::{Column, ColumnKind, FeatureMatrix, Missing};

/// A summary of each column of a matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    columns: Vec<ColumnSummary>,
}

/// A summary of one column.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ColumnSummary {
    /// Of a quantity or an indicator.
    Number(NumberSummary),
    /// Of a category: the share of rows of each name, and last that of another one.
    Category {
        /// Name of the column.
        name: String,
        /// One share per category and one for "another": they sum to 1.
        shares: Vec<f64>,
    },
}

/// A summary of a quantity, in the unit of its column.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NumberSummary {
    /// Name of the column.
    pub name: String,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Mean.
    pub mean: f64,
    /// Population standard deviation.
    pub std: f64,
    /// The values at [`Summary::QUANTILES`].
    pub quantiles: [f64; Summary::QUANTILES.len()],
    /// Share of rows where the feature was undefined; `None` where no indicator tells.
    pub missing: Option<f64>,
}

impl Summary {
    /// The shares at which quantiles are given.
    pub const QUANTILES: [f64; 7] = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

    /// The summary of `rows`; `None` without any.
    #[must_use]
    pub fn of(rows: &FeatureMatrix) -> Option<Self> {
        let columns = rows.schema().columns().iter().enumerate();
        let summaries = columns.map(|(index, column)| {
            let values = rows.view().column(index).to_owned();
            match &column.kind {
                ColumnKind::Category(names) => Some(shares(column, names.len(), values.view())),
                _ => number(column, values.view(), missing_share(rows, index)),
            }
        });
        (rows.rows() > 0).then_some(())?;
        Some(Self {
            columns: summaries.collect::<Option<_>>()?,
        })
    }

    /// One summary per column, in their order.
    #[must_use]
    pub fn columns(&self) -> &[ColumnSummary] {
        &self.columns
    }
}

fn number(
    column: &Column,
    values: ArrayView1<'_, f64>,
    missing: Option<f64>,
) -> Option<ColumnSummary> {
    let sorted = sorted(values);
    let at = |share| quantile(&sorted, share);
    Some(ColumnSummary::Number(NumberSummary {
        name: column.name.to_string(),
        min: at(0.0)?,
        max: at(1.0)?,
        mean: values.mean()?,
        std: values.std(0.0),
        quantiles: Summary::QUANTILES.map(|share| at(share).unwrap_or_default()),
        missing,
    }))
}

fn shares(column: &Column, known: usize, values: ArrayView1<'_, f64>) -> ColumnSummary {
    let mut counts = vec![0_u64; known + 1];
    for value in values {
        counts[(*value as usize).min(known)] += 1;
    }
    let rows = values.len() as f64;
    ColumnSummary::Category {
        name: column.name.to_string(),
        shares: counts.iter().map(|count| *count as f64 / rows).collect(),
    }
}

fn missing_share(rows: &FeatureMatrix, index: usize) -> Option<f64> {
    let columns = rows.schema().columns();
    match (columns[index].missing, columns.get(index + 1)) {
        (Missing::Never, _) => Some(0.0),
        (Missing::Indicated(_), Some(next)) if next.kind == ColumnKind::Indicator => {
            rows.view().column(index + 1).mean()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ndarray::array;

    use super::*;
    use crate::{Schema, Unit};

    #[test]
    fn columns_are_summed_up() {
        let delay = Column::number("delay", Unit::Seconds).with_missing(Missing::Indicated(0.0));
        let columns = vec![
            delay.clone(),
            delay.indicator(),
            Column::category("protocol", ["tcp", "udp"]),
            Column::number("bytes", Unit::Bytes).with_missing(Missing::Zero),
        ];
        let schema = Arc::new(Schema::new(columns).unwrap());
        let values = array![
            [0.0, 1.0, 0.0, 4.0],
            [2.0, 0.0, 2.0, 4.0],
            [4.0, 0.0, 0.0, 4.0],
            [6.0, 0.0, 1.0, 4.0],
        ];
        let rows = FeatureMatrix::new(Arc::clone(&schema), values).unwrap();
        let summary = Summary::of(&rows).unwrap();
        let [
            ColumnSummary::Number(delay),
            _,
            ColumnSummary::Category { shares, .. },
            ColumnSummary::Number(bytes),
        ] = summary.columns()
        else {
            panic!("{summary:?}")
        };
        assert_eq!((delay.min, delay.max, delay.mean), (0.0, 6.0, 3.0));
        assert_eq!(delay.std, 5.0_f64.sqrt());
        assert_eq!(delay.quantiles[3], 3.0);
        assert_eq!(delay.missing, Some(0.25));
        assert_eq!(*shares, [0.5, 0.25, 0.25]);
        assert_eq!((bytes.std, bytes.missing), (0.0, None));

        let empty = FeatureMatrix::from_rows(schema, Vec::new()).unwrap();
        assert_eq!(Summary::of(&empty), None);
    }
}
