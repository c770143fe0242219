//! What a bundle says of itself before the detector comes.

use nettraffic_features::{FeatureSet, Fingerprint};
use serde::{Deserialize, Serialize};

use crate::DetectError;
use crate::stored::Stored;

/// The rows that a detector is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Header {
    /// Names of the feature sets, separated by commas.
    feature_sets: String,
    schema: Fingerprint,
    /// Names of the features, in order.
    columns: Vec<String>,
}

/// What can be kept in a bundle.
pub(crate) trait Described {
    fn header(&self) -> Header;
}

impl Described for Stored {
    fn header(&self) -> Header {
        let schema = &self.schema;
        let names = schema
            .columns()
            .iter()
            .map(|column| column.name.to_string());
        Header {
            feature_sets: self.feature_sets.clone(),
            schema: schema.fingerprint(),
            columns: names.collect(),
        }
    }
}

impl Header {
    /// Refuses features that this program does not have, or computes in another way.
    pub(crate) fn check(&self) -> Result<(), DetectError> {
        let features = FeatureSet::named(&self.feature_sets)
            .map_err(|error| DetectError::Bundle(error.to_string()))?;
        let (expected, found) = (self.schema, features.schema().fingerprint());
        if expected != found {
            return Err(DetectError::OtherFeatures { expected, found });
        }
        Ok(())
    }
}
