//! Rows of features: raw ones as `f64`, prepared ones as `f32`.

use std::sync::Arc;

use ndarray::{Array2, ArrayView1, ArrayView2};

use crate::Schema;

/// Raw feature rows, shape `(rows, columns)`, row-major, every value finite.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureMatrix {
    schema: Arc<Schema>,
    values: Array2<f64>,
}

impl FeatureMatrix {
    /// A matrix of `values`, whose columns are those of `schema`.
    ///
    /// # Errors
    /// Another number of columns, or the first value that is not finite, with its place.
    pub fn new(schema: Arc<Schema>, values: Array2<f64>) -> Result<Self, MatrixError> {
        if values.ncols() != schema.len() {
            return Err(MatrixError::Columns {
                expected: schema.len(),
                found: values.ncols(),
            });
        }
        if let Some(((row, column), value)) = values.indexed_iter().find(|(_, v)| !v.is_finite()) {
            return Err(MatrixError::NotFinite {
                row,
                column: schema.columns()[column].name.to_string(),
                value: *value,
            });
        }
        Ok(Self {
            schema,
            values: row_major(values),
        })
    }

    /// A matrix from rows that lie one after another.
    ///
    /// # Errors
    /// As [`FeatureMatrix::new`]; a length that is no multiple of the number of columns.
    pub fn from_rows(schema: Arc<Schema>, rows: Vec<f64>) -> Result<Self, MatrixError> {
        let columns = schema.len();
        let count = rows.len().checked_div(columns).unwrap_or(0);
        let found = rows.len() - count * columns;
        let values =
            Array2::from_shape_vec((count, columns), rows).map_err(|_| MatrixError::Columns {
                expected: columns,
                found,
            })?;
        Self::new(schema, values)
    }

    /// What the columns are.
    #[must_use]
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The values, shape `(rows, columns)`.
    #[must_use]
    pub fn view(&self) -> ArrayView2<'_, f64> {
        self.values.view()
    }

    /// One row.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn row(&self, row: usize) -> ArrayView1<'_, f64> {
        self.values.row(row)
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.values.nrows()
    }

    /// The rows at `indices`, in that order.
    ///
    /// # Panics
    /// When an index is not below the number of rows.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        Self {
            schema: Arc::clone(&self.schema),
            values: self.values.select(ndarray::Axis(0), indices),
        }
    }

    /// The columns at `columns` of every row, in that order: what a model sees that looks at a
    /// part of the features.
    ///
    /// # Panics
    /// When an index is not below the number of columns, or is there twice.
    #[must_use]
    pub fn select_columns(&self, columns: &[usize]) -> Self {
        Self {
            schema: Arc::new(self.schema.select(columns)),
            values: row_major(self.values.select(ndarray::Axis(1), columns)),
        }
    }
}

/// Rows as models take them, shape `(rows, columns)`: scaled, encoded, every value finite.
///
/// Made by a fitted preprocessor, or by [`PreparedMatrix::new`] from rows that are fit for
/// models already; raw features are another type and cannot be passed by mistake.
#[derive(Clone, Debug, PartialEq)]
pub struct PreparedMatrix {
    values: Array2<f32>,
}

impl PreparedMatrix {
    /// A matrix of rows that are ready for a model.
    ///
    /// # Errors
    /// The first value that is not finite, with its place.
    pub fn new(values: Array2<f32>) -> Result<Self, MatrixError> {
        if let Some(((row, column), value)) = values.indexed_iter().find(|(_, v)| !v.is_finite()) {
            return Err(MatrixError::NotFinite {
                row,
                column: column.to_string(),
                value: f64::from(*value),
            });
        }
        Ok(Self {
            values: row_major(values),
        })
    }

    /// From the encoders of a preprocessor, which give finite values and rows of one length.
    pub(crate) fn of_prepared(rows: usize, columns: usize, values: Vec<f32>) -> Self {
        debug_assert!(values.iter().all(|value| value.is_finite()));
        Self {
            values: Array2::from_shape_vec((rows, columns), values)
                .expect("every row has one value per column"),
        }
    }

    /// The values, shape `(rows, columns)`, in row-major order.
    #[must_use]
    pub fn view(&self) -> ArrayView2<'_, f32> {
        self.values.view()
    }

    /// One row.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn row(&self, row: usize) -> ArrayView1<'_, f32> {
        self.values.row(row)
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.values.nrows()
    }

    /// Number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.values.ncols()
    }

    /// The rows at `indices`, in that order.
    ///
    /// # Panics
    /// When an index is not below the number of rows.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        Self {
            values: self.values.select(ndarray::Axis(0), indices),
        }
    }
}

/// The same matrix with each row in one piece; moved, not copied, where it is so already.
fn row_major<T: Clone>(values: Array2<T>) -> Array2<T> {
    if values.is_standard_layout() {
        values
    } else {
        values.as_standard_layout().into_owned()
    }
}

/// Why rows are no matrix.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MatrixError {
    /// A row has another length than the schema.
    #[error("a row has {found} values, the schema has {expected} columns")]
    Columns {
        /// Columns of the schema.
        expected: usize,
        /// Values that were there.
        found: usize,
    },
    /// NaN or infinity.
    #[error("row {row}, column {column:?}: {value} is not a finite number")]
    NotFinite {
        /// Row, from 0.
        row: usize,
        /// Name of the column, or its index where it has none.
        column: String,
        /// The value.
        value: f64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, Unit};

    fn schema() -> Arc<Schema> {
        let columns = ["a", "b"].map(|name| Column::number(name, Unit::None));
        Arc::new(Schema::new(columns.to_vec()).unwrap())
    }

    #[test]
    fn what_is_no_number_is_refused_with_its_place() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let error = FeatureMatrix::from_rows(schema(), vec![0.0, 1.0, 2.0, value]).unwrap_err();
            let expected = format!("row 1, column \"b\": {value} is not a finite number");
            assert_eq!(error.to_string(), expected);
        }
        let prepared = ndarray::array![[0.0, f32::NAN]];
        assert!(PreparedMatrix::new(prepared).is_err());
    }

    #[test]
    fn rows_of_another_length_are_refused() {
        let error = FeatureMatrix::from_rows(schema(), vec![0.0; 3]).unwrap_err();
        let (expected, found) = (2, 1);
        assert_eq!(error, MatrixError::Columns { expected, found });
        let error = FeatureMatrix::new(schema(), Array2::zeros((2, 3))).unwrap_err();
        let (expected, found) = (2, 3);
        assert_eq!(error, MatrixError::Columns { expected, found });
    }

    #[test]
    fn rows_are_in_one_piece_whatever_the_layout_was() {
        let by_columns = ndarray::array![[1.0, 3.0], [2.0, 4.0]].reversed_axes();
        let matrix = FeatureMatrix::new(schema(), by_columns).unwrap();
        assert_eq!(matrix.row(1).as_slice(), Some(&[3.0, 4.0][..]));
        let by_columns = ndarray::array![[1.0_f32, 3.0], [2.0, 4.0]].reversed_axes();
        let prepared = PreparedMatrix::new(by_columns).unwrap();
        assert_eq!(prepared.row(0).as_slice(), Some(&[1.0, 2.0][..]));
    }
}
