//! Times in which a source saw nothing.

use std::fmt;
use std::sync::Arc;

use nettraffic_capture::Timestamp;

/// A time in which an interface could not be watched.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gap {
    /// The interface.
    pub source: Arc<str>,
    /// When it began.
    pub begin: Timestamp,
    /// When packets could be seen again.
    pub end: Timestamp,
    /// What happened: `the interface went down`.
    pub cause: String,
}

impl Gap {
    /// A gap of a source.
    #[must_use]
    pub fn new(
        source: Arc<str>,
        (begin, end): (Timestamp, Timestamp),
        cause: impl Into<String>,
    ) -> Self {
        Self {
            source,
            begin,
            end,
            cause: cause.into(),
        }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lasted = self.end.saturating_since(self.begin).as_secs_f64();
        write!(f, "{}: {} for {lasted:.1} s", self.source, self.cause)
    }
}
