//! From raw features to rows that models take, as learned from training rows.

mod category;
mod curve;
mod encoder;
mod error;
mod number;
mod params;
mod redundant;
mod stored;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::encoder::Encoder;
use self::redundant::{Omission, Watch};
use self::stored::StoredPreprocessor;
use crate::{FeatureMatrix, Fingerprint, PreparedMatrix, Schema};

pub use error::PrepareError;
pub use params::{HeavyTails, PreprocessorParams, Redundant, Scale};
pub use redundant::{DroppedColumn, Redundancy};

/// Preprocessing fitted on training rows: scales numbers and spreads categories over columns.
///
/// Every prepared value is finite, rises with its raw value, and does not depend on the rows
/// beside it. Applying changes nothing in it. A category becomes one column of 0 or 1 for each
/// of its values in training, and one for all values that were not there. Prepared columns that
/// told nothing new in training can be left out, see [`Redundant`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredPreprocessor")]
pub struct Preprocessor {
    schema: Arc<Schema>,
    /// One for each raw column.
    encoders: Vec<Encoder>,
    /// Ascending by column.
    omissions: Vec<Omission>,
    #[serde(skip)]
    fingerprint: Fingerprint,
    /// Of every column that the encoders give.
    #[serde(skip)]
    kept: Vec<bool>,
    /// The columns that stay, ascending.
    #[serde(skip)]
    columns: Vec<Place>,
    #[serde(skip)]
    dropped: Vec<DroppedColumn>,
}

/// Where a prepared column comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    source: usize,
    /// Among the columns of its encoder.
    offset: usize,
}

impl Preprocessor {
    /// How it is to be fitted; then call [`PreprocessorParams::fit`].
    #[must_use]
    pub fn params() -> PreprocessorParams {
        PreprocessorParams::default()
    }

    /// The prepared form of `rows`, shape `(rows, self.columns())`.
    ///
    /// # Errors
    /// Rows of another schema.
    pub fn apply(&self, rows: &FeatureMatrix) -> Result<PreparedMatrix, PrepareError> {
        let same = Arc::ptr_eq(&self.schema, rows.schema());
        let found = if same {
            self.fingerprint
        } else {
            rows.schema().fingerprint()
        };
        if found != self.fingerprint {
            return Err(PrepareError::Schema {
                expected: self.fingerprint,
                found,
            });
        }
        let mut values = Vec::with_capacity(rows.rows() * self.columns());
        for row in rows.view().rows() {
            self.encode(row.iter().copied(), &mut values);
        }
        Ok(PreparedMatrix::of_prepared(
            rows.rows(),
            self.columns(),
            values,
        ))
    }

    /// The prepared form of some columns of `rows`: those at `columns`, in the order of the training's. That they mean
    /// the same is for the caller to know, once for many calls; only their number is looked at.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use nettraffic_features::{Column, FeatureMatrix, Preprocessor, Schema, Unit};
    ///
    /// let columns = ["a", "b", "c"].map(|name| Column::number(name, Unit::Bytes));
    /// let schema = Arc::new(Schema::new(columns.into())?);
    /// let rows = FeatureMatrix::from_rows(schema, vec![1.0, 5.0, 2.0, 3.0, 0.0, 9.0])?;
    /// let part = rows.select_columns(&[0, 2]);
    /// let preprocessor = Preprocessor::params().fit(&part)?;
    /// assert_eq!(preprocessor.apply_columns(&rows, &[0, 2])?, preprocessor.apply(&part)?);
    /// assert!(preprocessor.apply_columns(&rows, &[0]).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Another number of columns.
    ///
    /// # Panics
    /// When an index is not below the number of columns.
    pub fn apply_columns(
        &self,
        rows: &FeatureMatrix,
        columns: &[usize],
    ) -> Result<PreparedMatrix, PrepareError> {
        if columns.len() != self.schema.len() {
            return Err(PrepareError::Columns {
                expected: self.schema.len(),
                found: columns.len(),
            });
        }
        let mut values = Vec::with_capacity(rows.rows() * self.columns());
        for row in rows.view().rows() {
            self.encode(columns.iter().map(|column| row[*column]), &mut values);
        }
        let (rows, columns) = (rows.rows(), self.columns());
        Ok(PreparedMatrix::of_prepared(rows, columns, values))
    }

    /// Appends the prepared form of one raw row, bit by bit what [`Preprocessor::apply`] gives.
    /// Allocates only to make room in `prepared`; after an error that is unchanged.
    ///
    /// # Errors
    /// A row of another length, or with a value that is not finite.
    pub fn apply_row(&self, row: &[f64], prepared: &mut Vec<f32>) -> Result<(), PrepareError> {
        if row.len() != self.schema.len() {
            return Err(PrepareError::Columns {
                expected: self.schema.len(),
                found: row.len(),
            });
        }
        if let Some(column) = row.iter().position(|value| !value.is_finite()) {
            return Err(PrepareError::NotFinite {
                column: self.schema.columns()[column].name.to_string(),
                value: row[column],
            });
        }
        prepared.reserve(self.columns());
        self.encode(row.iter().copied(), prepared);
        Ok(())
    }

    /// Number of prepared columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    /// The raw column that a prepared column was made from.
    ///
    /// # Panics
    /// When there is no such prepared column.
    #[must_use]
    pub fn source_of(&self, prepared: usize) -> usize {
        self.columns[prepared].source
    }

    /// What a prepared column holds: the feature's name, `protocol=udp` for a category, and
    /// `protocol=unseen` for all categories that training did not have.
    ///
    /// # Panics
    /// When there is no such prepared column.
    #[must_use]
    pub fn name_of(&self, prepared: usize) -> String {
        name(&self.schema, &self.encoders, self.columns[prepared])
    }

    /// The columns that were left out because they told nothing, or nothing new, in training;
    /// none unless [`PreprocessorParams::redundant`] asked for it.
    #[must_use]
    pub fn dropped(&self) -> &[DroppedColumn] {
        &self.dropped
    }

    /// The schema of the raw rows.
    #[must_use]
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    pub(crate) fn fitted(
        params: PreprocessorParams,
        rows: &FeatureMatrix,
    ) -> Result<Self, PrepareError> {
        if rows.rows() == 0 {
            return Err(PrepareError::NoRows);
        }
        let values = rows.view();
        let columns = rows.schema().columns().iter().zip(values.columns());
        let encoders: Vec<_> = columns
            .map(|(column, values)| Encoder::fit(values, column, params))
            .collect();
        let whole = Self::new(Arc::clone(rows.schema()), encoders, Vec::new());
        let omissions = whole.redundant_columns(rows, params.redundant);
        if omissions.is_empty() {
            return Ok(whole);
        }
        if omissions.len() == whole.columns() {
            return Err(PrepareError::NothingVaries);
        }
        Ok(Self::new(whole.schema, whole.encoders, omissions))
    }

    /// What to leave out of the columns of `self`, which still has all of them.
    fn redundant_columns(&self, rows: &FeatureMatrix, redundant: Redundant) -> Vec<Omission> {
        let values = rows.view();
        let mut rows = values.rows().into_iter();
        let Some(first) = rows.next().filter(|_| redundant != Redundant::Keep) else {
            return Vec::new();
        };
        let mut prepared = Vec::with_capacity(self.columns());
        self.encode(first.iter().copied(), &mut prepared);
        let mut watch = Watch::new(prepared.clone());
        for row in rows {
            prepared.clear();
            self.encode(row.iter().copied(), &mut prepared);
            watch.push(&prepared);
        }
        let unseen = |column: usize| {
            let Place { source, offset } = self.columns[column];
            self.encoders[source].is_unseen(offset)
        };
        watch.omissions(redundant, unseen)
    }

    fn new(schema: Arc<Schema>, encoders: Vec<Encoder>, omissions: Vec<Omission>) -> Self {
        let places = encoders.iter().enumerate().flat_map(|(source, encoder)| {
            (0..encoder.columns()).map(move |offset| Place { source, offset })
        });
        let places: Vec<Place> = places.collect();
        let mut kept = vec![true; places.len()];
        for omission in &omissions {
            kept[omission.column] = false;
        }
        let columns: Vec<Place> = (places.iter().zip(&kept))
            .filter_map(|(place, kept)| kept.then_some(*place))
            .collect();
        let because = |omission: &Omission| match omission.duplicate_of {
            None => Redundancy::Constant,
            Some(other) => Redundancy::DuplicateOf {
                prepared: columns.partition_point(|place| *place < places[other]),
            },
        };
        let dropped = omissions.iter().map(|omission| DroppedColumn {
            name: name(&schema, &encoders, places[omission.column]),
            source: places[omission.column].source,
            because: because(omission),
        });
        Self {
            fingerprint: schema.fingerprint(),
            dropped: dropped.collect(),
            columns,
            kept,
            schema,
            encoders,
            omissions,
        }
    }

    fn encode(&self, row: impl Iterator<Item = f64>, prepared: &mut Vec<f32>) {
        let mut kept = self.kept.iter().copied();
        for ((value, encoder), column) in row.zip(&self.encoders).zip(self.schema.columns()) {
            encoder.push(value, column, &mut kept, prepared);
        }
    }
}

fn name(schema: &Schema, encoders: &[Encoder], place: Place) -> String {
    encoders[place.source].name_of(&schema.columns()[place.source], place.offset)
}

#[cfg(test)]
mod tests;
