//! What a live page is told: plain values, no types of other crates.

mod alert;
mod allowed;
mod health;
mod learning;
mod mark;
mod sensor;
mod traffic;

pub use alert::{LiveAlert, LiveIncident, Severity, Suppressed};
pub use allowed::Allowed;
pub use health::{Gap, Health, Queue, Sink, Skipped};
pub use learning::{Learning, Phase};
pub use mark::{MarkUse, Marking};
pub use sensor::{Model, Sensor};
pub use traffic::TrafficSample;
