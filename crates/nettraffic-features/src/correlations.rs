//! Which columns tell the same.

use std::sync::Arc;

use ndarray::Array2;
use ndarray_stats::CorrelationExt;

use crate::{ColumnKind, FeatureMatrix, Schema};

/// Pearson's correlation of every two columns of a matrix.
///
/// ```
/// use std::sync::Arc;
/// use nettraffic_features::{Column, Correlations, FeatureMatrix, Schema, Unit};
///
/// let columns = ["packets", "bytes"].map(|name| Column::number(name, Unit::None));
/// let schema = Arc::new(Schema::new(columns.to_vec())?);
/// let rows = FeatureMatrix::from_rows(schema, vec![1.0, 60.0, 2.0, 121.0, 3.0, 180.0])?;
/// let correlations = Correlations::of(&rows);
/// let pairs = correlations.pairs(0.9);
/// assert_eq!(pairs[0].to_string(), "packets and bytes: 1.000");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Correlations {
    schema: Arc<Schema>,
    /// Not a number where it is undefined.
    values: Array2<f64>,
}

/// Two columns that move together, or against each other.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct CorrelatedPair<'a> {
    /// The column that comes first in the schema.
    pub first: usize,
    /// The other.
    pub second: usize,
    /// The names of both.
    pub names: [&'a str; 2],
    /// −1 to 1.
    pub correlation: f64,
}

impl std::fmt::Display for CorrelatedPair<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [first, second] = self.names;
        write!(f, "{first} and {second}: {:.3}", self.correlation)
    }
}

impl Correlations {
    /// The correlations of `rows`: time grows with the rows and with the square of the columns.
    #[must_use]
    pub fn of(rows: &FeatureMatrix) -> Self {
        let columns = rows.schema().columns();
        let undefined = Array2::from_elem((columns.len(), columns.len()), f64::NAN);
        // Rows and columns change places: the routine takes variables by rows.
        let mut values = rows.view().t().pearson_correlation().unwrap_or(undefined);
        let view = rows.view();
        for ((index, column), values_of) in columns.iter().enumerate().zip(view.columns()) {
            // The order of categories means nothing. The mean of equal values can be off by a
            // rounding, which would pass for a spread.
            let is_category = matches!(column.kind, ColumnKind::Category(_));
            if is_category || values_of.iter().all(|value| *value == values_of[0]) {
                values.row_mut(index).fill(f64::NAN);
                values.column_mut(index).fill(f64::NAN);
            }
        }
        Self {
            schema: Arc::clone(rows.schema()),
            values,
        }
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
    pub fn pairs(&self, least: f64) -> Vec<CorrelatedPair<'_>> {
        let columns = self.schema.columns();
        let mut pairs: Vec<_> = (0..columns.len())
            .flat_map(|first| (first + 1..columns.len()).map(move |second| (first, second)))
            .filter_map(|(first, second)| {
                Some(CorrelatedPair {
                    first,
                    second,
                    names: [first, second].map(|column| &*columns[column].name),
                    correlation: self.between(first, second)?,
                })
            })
            .filter(|pair| pair.correlation.abs() >= least)
            .collect();
        pairs.sort_by(|x, y| y.correlation.abs().total_cmp(&x.correlation.abs()));
        pairs
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::{Column, Unit};

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
        let found: Vec<_> = pairs.iter().map(|pair| (pair.first, pair.second)).collect();
        assert_eq!(found, [(0, 1)]);
        assert_eq!(pairs[0].to_string(), "x and minus_two_x: -1.000");

        let none = Correlations::of(&rows.select(&[]));
        assert_eq!(none.between(0, 1), None);
    }

    #[test]
    fn what_rounding_leaves_of_a_constant_is_no_correlation() {
        // The mean of ten tenths is not a tenth.
        let columns = ["tenth", "third", "x"].map(|name| Column::number(name, Unit::None));
        let schema = Arc::new(Schema::new(columns.to_vec()).unwrap());
        let values = (0..10).flat_map(|x| [0.1, 1.0 / 3.0, f64::from(x)]);
        let rows = FeatureMatrix::from_rows(schema, values.collect()).unwrap();
        let correlations = Correlations::of(&rows);
        assert_eq!(correlations.between(0, 1), None);
        assert_eq!(correlations.between(0, 2), None);
        assert_eq!(correlations.pairs(0.0), []);
    }

    #[test]
    fn the_strongest_pairs_come_first() {
        let columns = ["a", "b", "c"].map(|name| Column::number(name, Unit::None));
        let schema = Arc::new(Schema::new(columns.to_vec()).unwrap());
        let values = array![[0.0, 0.0, 0.0], [1.0, 2.0, -1.0], [2.0, 3.0, -2.0]];
        let rows = FeatureMatrix::new(schema, values).unwrap();
        let correlations = Correlations::of(&rows);
        let names: Vec<_> = (correlations.pairs(0.5).iter())
            .map(|pair| pair.names)
            .collect();
        assert_eq!(names, [["a", "c"], ["a", "b"], ["b", "c"]]);
    }
}
