//! A fault on its way out: each part that it passes adds its name.

use std::fmt::{self, Display};

use crate::bundle::{BundleError, BundleFault};

/// A fault, where it was found, and in which part.
#[derive(Debug)]
pub(crate) struct WireError(Box<Found>);

#[derive(Debug)]
struct Found {
    fault: BundleFault,
    at: Option<u64>,
    /// From the inside out.
    path: Vec<String>,
}

impl WireError {
    pub(super) fn new(fault: BundleFault, at: Option<u64>) -> Self {
        let path = Vec::new();
        Self(Box::new(Found { fault, at, path }))
    }

    pub(super) fn unsupported(what: &'static str) -> Self {
        Self::new(BundleFault::Unsupported { what }, None)
    }

    /// The same fault, seen from the part that holds `name`, which begins at `start`.
    pub(super) fn within(mut self, name: impl Into<String>, start: u64) -> Self {
        self.0.at.get_or_insert(start);
        self.0.path.push(name.into());
        self
    }
}

impl From<WireError> for BundleError {
    fn from(WireError(found): WireError) -> Self {
        let mut part = String::new();
        for name in found.path.iter().rev() {
            if !part.is_empty() && !name.starts_with('[') {
                part.push('.');
            }
            part.push_str(name);
        }
        if part.is_empty() {
            part.push_str("the detector");
        }
        Self::Part {
            part,
            at: found.at.unwrap_or_default(),
            fault: found.fault,
        }
    }
}

impl Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fault.fmt(f)
    }
}

impl std::error::Error for WireError {}

impl serde::de::Error for WireError {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(BundleFault::Unsound(message.to_string()), None)
    }
}

impl serde::ser::Error for WireError {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(BundleFault::Unsound(message.to_string()), None)
    }
}
