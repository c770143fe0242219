//! Which columns tell the same.

use ndarray::Array2;
use ndarray_stats::CorrelationExt;

use crate::{ColumnKind, FeatureMatrix};

/// Pearson's correlation of every two columns of a matrix.
#[derive(Clone, Debug)]
pub struct Correlations {
    /// Not a number where it is undefined.
    values: Array2<f64>,
}

impl Correlations {
    /// The correlations of `rows`.
    #[must_use]
    pub fn of(rows: &FeatureMatrix) -> Self {
        let columns = rows.schema().columns();
        let undefined = Array2::from_elem((columns.len(), columns.len()), f64::NAN);
        // Rows and columns change places: the routine takes variables by rows.
        let mut values = rows.view().t().pearson_correlation().unwrap_or(undefined);
        for (index, column) in columns.iter().enumerate() {
            // The order of categories means nothing.
            if matches!(column.kind, ColumnKind::Category(_)) {
                values.row_mut(index).fill(f64::NAN);
                values.column_mut(index).fill(f64::NAN);
            }
        }
        Self { values }
    }

    /// The correlation of two columns, −1 to 1. `None` for categories, for columns that are
    /// constant, and where there is no such column.
    #[must_use]
    pub fn between(&self, a: usize, b: usize) -> Option<f64> {
        let value = *self.values.get((a, b))?;
        value.is_finite().then(|| value.clamp(-1.0, 1.0))
    }

    /// The pairs of columns whose correlation is at least `least` in size, the strongest first,
    /// equal ones in the order of the columns.
    #[must_use]
    pub fn pairs(&self, least: f64) -> Vec<(usize, usize, f64)> {
        let columns = self.values.nrows();
        let mut pairs: Vec<_> = (0..columns)
            .flat_map(|a| (a + 1..columns).map(move |b| (a, b)))
            .filter_map(|(a, b)| Some((a, b, self.between(a, b)?)))
            .filter(|(_, _, value)| value.abs() >= least)
            .collect();
        pairs.sort_by(|x, y| y.2.abs().total_cmp(&x.2.abs()));
        pairs
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ndarray::array;

    use super::*;
    use crate::{Column, Schema, Unit};

    #[test]
    fn pairs_that_tell_the_same_are_found() {
        let columns = vec![
            Column::number("x", Unit::None),
            Column::number("minus_two_x", Unit::None),
            Column::number("constant", Unit::None),
            Column::category("category", ["a", "b"]),
            Column::number("other", Unit::None),
        ];
        let values = array![
            [1.0, -2.0, 7.0, 0.0, 1.0],
            [2.0, -4.0, 7.0, 1.0, -1.0],
            [3.0, -6.0, 7.0, 0.0, -1.0],
            [4.0, -8.0, 7.0, 1.0, 1.0],
        ];
        let rows = FeatureMatrix::new(Arc::new(Schema::new(columns).unwrap()), values).unwrap();
        let correlations = Correlations::of(&rows);
        let close = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 1e-12;
        assert!(close(correlations.between(0, 1), -1.0));
        assert!(close(correlations.between(0, 4), 0.0));
        assert_eq!(correlations.between(0, 2), None);
        assert_eq!(correlations.between(0, 3), None);
        assert_eq!(correlations.between(0, 9), None);
        let pairs = correlations.pairs(0.5);
        assert_eq!(
            pairs.iter().map(|p| (p.0, p.1)).collect::<Vec<_>>(),
            [(0, 1)]
        );

        let none = Correlations::of(&rows.select(&[]));
        assert_eq!(none.between(0, 1), None);
    }
}
