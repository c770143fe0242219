//! Two models held against each other.

use serde::Serialize;

/// Two models on the same rows. Both *p*-values are to be corrected for the number of pairs that were tested (Holm 1979):
/// the page says that they are.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PairedTest {
    /// The part of the rows that they were held against each other on; empty for all.
    pub part: String,
    /// A model.
    pub first: String,
    /// Another one.
    pub second: String,
    /// The area under the ROC curve of the first, less that of the second (DeLong).
    pub difference: Option<f64>,
    /// The 95 % interval of the difference.
    pub interval: Option<(f64, f64)>,
    /// How likely chance alone gives so large a difference.
    pub p_value: Option<f64>,
    /// Rows that only the first judges right at its threshold.
    pub only_first: u64,
    /// Rows that only the second judges right at its threshold.
    pub only_second: u64,
    /// How likely chance alone gives so uneven numbers (McNemar).
    pub alerts_p: Option<f64>,
}
