//! What alarms mean to those who have to look at them.

mod base_rate;
mod delay;
mod load;

pub use base_rate::precision_at_base_rate;
pub use delay::{Detection, Judged, detections};
pub use load::{AlarmLoad, active_time};
