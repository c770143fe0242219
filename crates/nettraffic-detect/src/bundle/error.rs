//! What can be wrong with a bundle.

/// Why some bytes are no detector.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// Another kind of file.
    #[error("it does not begin as one")]
    Magic,
    /// Written by a program that is newer, or too old.
    #[error("it has version {found}, this program reads {known}")]
    Version {
        /// Version of the file.
        found: u32,
        /// The version that is read and written.
        known: u32,
    },
    /// Less than its beginning says.
    #[error("it ends after {found} bytes")]
    Ends {
        /// Bytes that are there.
        found: u64,
    },
    /// More than its beginning says.
    #[error("it claims {claimed} bytes, more are there")]
    Follows {
        /// Bytes that should be there.
        claimed: u64,
    },
    /// Too large to be a detector.
    #[error("it claims {claimed} bytes, {limit} is the limit")]
    TooLarge {
        /// Bytes that should be there.
        claimed: u64,
        /// Bytes that are allowed.
        limit: u64,
    },
    /// Damaged on its way.
    #[error("its checksum does not match its content")]
    Checksum,
    /// A part that cannot be what it should be.
    #[error("{part}, byte {at}: {fault}")]
    Part {
        /// The path to it, such as `model.KMeans.centroids`.
        part: String,
        /// Where it lies in the file, from 0.
        at: u64,
        /// What is wrong with it.
        fault: BundleFault,
    },
}

/// What is wrong with a part of a bundle.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BundleFault {
    /// The bytes end too early.
    #[error("{needed} bytes are needed, {left} are left")]
    Ends {
        /// Bytes that it takes.
        needed: u64,
        /// Bytes that are there.
        left: u64,
    },
    /// More elements than could be there; each takes at least a byte.
    #[error("{claimed} elements are claimed, {left} bytes are left")]
    Count {
        /// Elements that should be there.
        claimed: u64,
        /// Bytes that are there.
        left: u64,
    },
    /// A yes or no that is neither.
    #[error("{found} is neither 0 nor 1")]
    Switch {
        /// The byte.
        found: u8,
    },
    /// A value of no form that a bundle can hold, or not here.
    #[error("a value of form {found}")]
    Form {
        /// The byte that stands for the form.
        found: u8,
    },
    /// Another number of fields than the part has.
    #[error("{found} fields, {expected} are known")]
    Fields {
        /// Fields that are there.
        found: u64,
        /// Fields that the part has.
        expected: u64,
    },
    /// One of several kinds, but none that is known.
    #[error("kind {found} of {known}, counted from 0")]
    Kind {
        /// Its number.
        found: u32,
        /// How many there are.
        known: u64,
    },
    /// Text that is not UTF-8, or a character that does not exist.
    #[error("no text")]
    Text,
    /// A number that is infinite or none at all.
    #[error("{found} is not finite")]
    NotFinite {
        /// The number.
        found: f64,
    },
    /// Parts within parts, too many of them.
    #[error("more than {limit} parts within each other")]
    Depth {
        /// How many are allowed.
        limit: u32,
    },
    /// Something is left where a part should end.
    #[error("{bytes} bytes follow it")]
    Follows {
        /// How much is left.
        bytes: u64,
    },
    /// A section of another kind of file.
    #[error("this program knows no such part")]
    Unknown,
    /// A kind of value that bundles do not hold.
    #[error("bundles hold no {what}")]
    Unsupported {
        /// The kind.
        what: &'static str,
    },
    /// The bytes are well-formed, what they say is not.
    #[error("{0}")]
    Unsound(String),
}
