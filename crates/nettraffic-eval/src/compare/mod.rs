//! Two detectors on the same rows.

mod areas;
mod mcnemar;

pub use areas::AreaDifference;
pub use mcnemar::McNemar;
