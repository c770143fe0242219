//! Who watches, and with which detector.

use serde::Serialize;

use crate::{Fact, Threshold};

/// A sensor.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sensor {
    /// Its name.
    pub name: String,
    /// Version of the program.
    pub version: String,
    /// What it watches, such as interfaces, or a capture that is replayed.
    pub source: String,
    /// When it began: nanoseconds of packet time since the Unix epoch. Its uptime counts from here to
    /// the last sample.
    pub started_ns: i64,
    /// What else there is to say, such as its configuration.
    pub facts: Vec<Fact>,
}

/// The detector in use.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// The score above which a flow is an alert, and what that promises.
    pub threshold: Option<Threshold>,
    /// What else there is to say, such as its members and when it was trained.
    pub facts: Vec<Fact>,
}
