//! What makes a comparison look better than it is.

mod check;
mod duplicates;
mod files;
mod finding;
mod identifier;
mod names;
mod shortcut;

pub use check::LeakCheck;
pub use finding::{Direction, IdentifierSign, Leak};

/// A side with fewer attacks or fewer benign rows, or a capture with fewer rows, shows nothing.
const LEAST_ROWS: usize = 10;
