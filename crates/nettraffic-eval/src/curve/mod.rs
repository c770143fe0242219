//! What scores alone can tell, over all thresholds.

mod cost;
mod delong;
mod pr;
mod ranking;
mod resample;
mod roc;

pub use cost::{CostCurve, CostPoint};
pub use pr::{PrCurve, PrPoint};
pub use ranking::Ranking;
pub use resample::RankedRows;
pub use roc::{RocCurve, RocPoint};

pub(crate) use delong::Placements;
