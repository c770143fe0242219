//! The stored form of a preprocessor, and what must hold between its parts.

use std::sync::Arc;

use serde::Deserialize;

use super::encoder::Encoder;
use super::redundant::{self, Omission};
use super::{PrepareError, Preprocessor};
use crate::Schema;

/// A preprocessor as it is read, not yet checked.
#[derive(Deserialize)]
#[serde(rename = "Preprocessor")]
pub(super) struct StoredPreprocessor {
    pub(super) schema: Schema,
    pub(super) encoders: Vec<Encoder>,
    pub(super) omissions: Vec<Omission>,
}

impl TryFrom<StoredPreprocessor> for Preprocessor {
    type Error = PrepareError;

    fn try_from(stored: StoredPreprocessor) -> Result<Self, PrepareError> {
        let StoredPreprocessor {
            schema,
            encoders,
            omissions,
        } = stored;
        let invalid = |reason: String| PrepareError::Invalid { reason };
        if encoders.len() != schema.len() {
            let (columns, encoders) = (schema.len(), encoders.len());
            return Err(invalid(format!("{columns} columns, {encoders} encoders")));
        }
        for (column, encoder) in schema.columns().iter().zip(&encoders) {
            let checked = encoder.check(column);
            checked.map_err(|reason| invalid(format!("column {:?}: {reason}", column.name)))?;
        }
        let columns = encoders.iter().map(Encoder::columns).sum();
        redundant::check(&omissions, columns).map_err(|reason| invalid(reason.to_owned()))?;
        Ok(Self::new(Arc::new(schema), encoders, omissions))
    }
}
