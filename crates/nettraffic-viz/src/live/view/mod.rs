//! What a live page is told: plain values, no types of other crates.

mod alert;
mod health;
mod learning;
mod sensor;
mod traffic;

pub use alert::{LiveAlert, LiveIncident, MarkUse, Marking, Severity, Suppressed};
pub use health::{Gap, Health, Queue, Sink, Skipped};
pub use learning::{Learning, Phase};
pub use sensor::{Model, Sensor};
pub use traffic::TrafficSample;
