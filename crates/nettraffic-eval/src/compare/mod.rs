//! Two detectors on the same rows.

mod areas;
mod holm;
mod mcnemar;

pub use areas::AreaDifference;
pub use holm::holm;
pub use mcnemar::McNemar;
