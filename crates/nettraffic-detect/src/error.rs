//! What can go wrong with a detector.

use nettraffic_features::{Fingerprint, MatrixError};
use nettraffic_models::ModelError;

/// Why a detector could not be trained, loaded or asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DetectError {
    /// Too few flows to learn from.
    #[error("{found} benign flows are too few to learn from: at least {needed} are needed")]
    TooFewFlows {
        /// Least number.
        needed: usize,
        /// Flows given.
        found: usize,
    },
    /// A goal in alerts a day, but the training flows span no time.
    #[error(
        "alerts a day cannot be turned into a threshold: the training flows span no time; state a false-alarm rate instead"
    )]
    NoTime,
    /// A false-alarm goal out of its range.
    #[error("a false-alarm rate lies between 0 and 1, alerts a day above 0")]
    Goal,
    /// This model learns from labelled attacks only.
    #[error("the model {model} learns from labelled attacks, and none were given")]
    NeedsLabels {
        /// The model.
        model: &'static str,
    },
    /// Labels and flows do not match in number.
    #[error("{labels} labels were given for {flows} flows")]
    Labels {
        /// Labels given.
        labels: usize,
        /// Flows given.
        flows: usize,
    },
    /// A successor that would not know the attacks that the serving detector knows.
    #[error(
        "the serving detector knows the attacks {attacks}: labelled flows of these must be given for the successor to learn from"
    )]
    ForgetsAttacks {
        /// Names of those that were not given, separated by commas.
        attacks: String,
    },
    /// This build has no support for training this model.
    #[error(
        "this build cannot train the model {model}: it was compiled without the feature `{feature}`"
    )]
    NotCompiled {
        /// The model.
        model: &'static str,
        /// The cargo feature.
        feature: &'static str,
    },
    /// Rows of other features than those of the detector.
    #[error("rows of the schema {found} were given, the schema {expected} was expected")]
    OtherFeatures {
        /// Fingerprint of the expected schema.
        expected: Fingerprint,
        /// Fingerprint of the rows' schema.
        found: Fingerprint,
    },
    /// A detector for flows that are cut or decoded in another way than those at hand.
    #[error(
        "the other detector cuts flows or opens tunnels in another way: its flows must be collected anew"
    )]
    OtherFlows,
    /// Canaries for a detector of other features.
    #[error(
        "the canaries hold the features {found}, the detector takes {expected}: labelled captures must be given anew"
    )]
    OtherCanaries {
        /// Names of the detector's feature sets.
        expected: String,
        /// Names of those of the canaries.
        found: String,
    },
    /// Rules were asked for where there is nothing to tell apart.
    #[error(
        "{alerts} of {flows} flows raise an alert: rules need flows that do and flows that do not"
    )]
    NothingToTellApart {
        /// Flows that alert.
        alerts: usize,
        /// All flows.
        flows: usize,
    },
    /// The split of the training rows failed.
    #[error(transparent)]
    Split(#[from] nettraffic_eval::EvalError),
    /// A feature that is not finite.
    #[error(transparent)]
    Matrix(#[from] MatrixError),
    /// The preprocessing failed.
    #[error(transparent)]
    Prepare(#[from] nettraffic_features::PrepareError),
    /// The model failed.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Reading or writing a bundle failed.
    #[error("the bundle cannot be read or written: {0}")]
    Io(#[from] std::io::Error),
    /// The class of a canary has too long a name.
    #[error("the name of a class has {bytes} bytes: at most {limit} are kept")]
    LongClassName {
        /// Bytes of the name.
        bytes: usize,
        /// The most that are kept.
        limit: usize,
    },
    /// A folder whose releases cannot be counted further.
    #[error("there is no number for a release after {last}")]
    NoNumberLeft {
        /// The highest number there is.
        last: u32,
    },
    /// A rollback with nothing to go back to.
    #[error("there is no earlier model to go back to")]
    NoEarlierModel,
    /// The input is not a bundle, or a damaged one.
    #[error("not a sound detector bundle: {0}")]
    Damaged(#[from] crate::BundleError),
    /// A bundle whose parts do not fit together.
    #[error("not a sound detector bundle: {0}")]
    Bundle(String),
}
