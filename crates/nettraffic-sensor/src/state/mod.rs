//! What outlives a run: a folder with the sensor's memory.

mod atomic;
mod error;
mod folder;
mod heartbeat;
mod learned;
mod marks;
mod part;
#[cfg(test)]
mod tests;
mod writer;

pub use error::StateError;
pub use folder::StateFolder;
pub use heartbeat::{Before, Heartbeat};
pub use learned::{LearnedRows, Resumed, RowRules};
pub use marks::{MarkAs, MarkError, Marked, Marks, Unmarked};
pub use part::{Loaded, Part};
pub use writer::SavingStatus;
pub(crate) use writer::{Saved, Writer, Written};
