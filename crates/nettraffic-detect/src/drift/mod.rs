//! Whether traffic still looks like what a detector learned from.

mod adwin;
mod monitor;
mod reference;
mod report;

pub use adwin::{Adwin, Change};
pub use monitor::DriftMonitor;
pub(crate) use reference::Reference;
pub use report::{DriftLevel, DriftReport, FeatureDrift, ScoreDrift};
