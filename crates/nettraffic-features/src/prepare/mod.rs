//! From raw features to rows that models take, as learned from training rows.

mod category;
mod curve;
mod error;
mod number;
mod params;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::category::OneHot;
use self::number::Number;
use crate::{ColumnKind, FeatureMatrix, Fingerprint, PreparedMatrix, Schema};

pub use error::PrepareError;
pub use params::{HeavyTails, PreprocessorParams, Scale};

/// Preprocessing fitted on training rows: scales numbers and spreads categories over columns.
///
/// Every prepared value is finite, rises with its raw value, and does not depend on the rows
/// beside it. Applying changes nothing in it. A category becomes one column of 0 or 1 for each
/// of its values in training, and one for all values that were not there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredPreprocessor")]
pub struct Preprocessor {
    schema: Arc<Schema>,
    /// One for each raw column.
    encoders: Vec<Encoder>,
    #[serde(skip)]
    fingerprint: Fingerprint,
    /// The raw column of each prepared one.
    #[serde(skip)]
    sources: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Encoder {
    Number(Number),
    Category(OneHot),
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
        self.sources.len()
    }

    /// The raw column that a prepared column was made from.
    ///
    /// # Panics
    /// When there is no such prepared column.
    #[must_use]
    pub fn source_of(&self, prepared: usize) -> usize {
        self.sources[prepared]
    }

    /// What a prepared column holds: the feature's name, `protocol=udp` for a category, and
    /// `protocol=unseen` for all categories that training did not have.
    ///
    /// # Panics
    /// When there is no such prepared column.
    #[must_use]
    pub fn name_of(&self, prepared: usize) -> String {
        let source = self.sources[prepared];
        let column = &self.schema.columns()[source];
        let Encoder::Category(one_hot) = &self.encoders[source] else {
            return column.name.to_string();
        };
        let offset = prepared - self.sources.partition_point(|earlier| *earlier < source);
        let value = one_hot
            .category(offset)
            .and_then(|index| column.category_name(index as f64))
            .unwrap_or("unseen");
        format!("{}={value}", column.name)
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
        let columns = rows.schema().columns().iter();
        let encoders = columns
            .zip(rows.view().columns())
            .map(|(column, values)| match &column.kind {
                ColumnKind::Category(names) => {
                    Encoder::Category(OneHot::fit(values.iter().copied(), names.len()))
                }
                _ => Encoder::Number(Number::fit(values, column, params)),
            })
            .collect();
        Ok(Self::new(Arc::clone(rows.schema()), encoders))
    }

    fn new(schema: Arc<Schema>, encoders: Vec<Encoder>) -> Self {
        let sources = encoders.iter().enumerate().flat_map(|(source, encoder)| {
            let width = match encoder {
                Encoder::Number(_) => 1,
                Encoder::Category(one_hot) => one_hot.columns(),
            };
            std::iter::repeat_n(source, width)
        });
        Self {
            fingerprint: schema.fingerprint(),
            sources: sources.collect(),
            schema,
            encoders,
        }
    }

    fn encode(&self, row: impl Iterator<Item = f64>, prepared: &mut Vec<f32>) {
        for ((value, encoder), column) in row.zip(&self.encoders).zip(self.schema.columns()) {
            match (encoder, &column.kind) {
                (Encoder::Number(number), _) => prepared.push(number.encode(value)),
                (Encoder::Category(one_hot), ColumnKind::Category(names)) => {
                    one_hot.push(value, names.len(), prepared);
                }
                (Encoder::Category(_), _) => unreachable!("checked where it was made or read"),
            }
        }
    }
}

/// A preprocessor as it is read, not yet checked.
#[derive(Deserialize)]
#[serde(rename = "Preprocessor")]
struct StoredPreprocessor {
    schema: Schema,
    encoders: Vec<Encoder>,
}

impl TryFrom<StoredPreprocessor> for Preprocessor {
    type Error = PrepareError;

    fn try_from(stored: StoredPreprocessor) -> Result<Self, PrepareError> {
        let StoredPreprocessor { schema, encoders } = stored;
        if encoders.len() != schema.len() {
            return Err(PrepareError::Invalid {
                reason: format!("{} columns, {} encoders", schema.len(), encoders.len()),
            });
        }
        for (column, encoder) in schema.columns().iter().zip(&encoders) {
            match (&column.kind, encoder) {
                (ColumnKind::Category(names), Encoder::Category(one_hot)) => {
                    one_hot.check(names.len())
                }
                (ColumnKind::Number | ColumnKind::Indicator, Encoder::Number(number)) => {
                    number.check()
                }
                _ => Err("its encoder is for another kind of column"),
            }
            .map_err(|reason| PrepareError::Invalid {
                reason: format!("column {:?}: {reason}", column.name),
            })?;
        }
        Ok(Self::new(Arc::new(schema), encoders))
    }
}

#[cfg(test)]
mod tests;
