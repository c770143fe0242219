//! What becomes of an alert.

use std::fmt;
use std::sync::Arc;

use nettraffic_detect::{AlertId, AllowEntry};

/// What becomes of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Fate {
    /// It goes to the sinks.
    Write,
    /// It does not, but stays visible and counted.
    Suppress(Why),
}

/// Why an alert is not written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// An entry of the allow-list speaks of it.
    Allowed(Arc<AllowEntry>),
    /// It is like one that was written before.
    Repeated {
        /// That one; the same as this one when it was the early record of the same flow.
        of: AlertId,
    },
    /// There were too many.
    Limited(Limit),
}

/// Whose alerts were too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// Those of its source.
    Source,
    /// Those of all sources together.
    Overall,
}

impl Why {
    /// The name used in records and metrics: `allowed`, `repeated`, `limited_by_source`, `limited_overall`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Allowed(_) => "allowed",
            Self::Repeated { .. } => "repeated",
            Self::Limited(Limit::Source) => "limited_by_source",
            Self::Limited(Limit::Overall) => "limited_overall",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allowed(entry) => match entry.name() {
                Some(name) => write!(f, "allowed by “{name}”: {}", entry.reason()),
                None => write!(f, "allowed: {}", entry.reason()),
            },
            Self::Repeated { of } => write!(f, "repeats {of}"),
            Self::Limited(Limit::Source) => f.write_str("too many alerts of its source"),
            Self::Limited(Limit::Overall) => f.write_str("too many alerts"),
        }
    }
}
