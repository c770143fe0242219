//! What a bundle says of itself before the detector comes.

use nettraffic_features::{FeatureSet, Fingerprint, Schema};
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
        Header::new(&self.feature_sets, &self.schema)
    }
}

impl Header {
    pub(crate) fn new(feature_sets: &str, schema: &Schema) -> Self {
        let columns = schema.columns().iter();
        Self {
            feature_sets: feature_sets.to_owned(),
            schema: schema.fingerprint(),
            columns: columns.map(|column| column.name.to_string()).collect(),
        }
    }

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
