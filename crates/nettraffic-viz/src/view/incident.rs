//! Alerts that belong together.

use serde::Serialize;

use crate::{Exchange, Reason};

/// Alerts that belong together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Incident {
    /// The known attack that its alerts look like; `None` when they are only unusual.
    pub class: Option<String>,
    /// Addresses that it came from.
    pub sources: Vec<String>,
    /// Addresses that it went to.
    pub targets: Vec<String>,
    /// Ports that it went to.
    pub ports: Vec<u16>,
    /// Names of the protocols of its alerts, such as `ICMP` and `TCP`; only `TCP` and `UDP` are taken to have ports.
    pub protocols: Vec<String>,
    /// Whether there were more sources, targets or ports than these.
    pub truncated: bool,
    /// Alerts that belong to it.
    pub alerts: u64,
    /// Flows that these alerts are of, where one may have raised several, early and at its end; `None`: each is of its
    /// own.
    pub flows: Option<u64>,
    /// Time of its first packet, nanoseconds since the Unix epoch.
    pub first_ns: i64,
    /// Time of its last packet.
    pub last_ns: i64,
    /// The highest score.
    pub score: f64,
    /// What its flows exchanged in all, where that is known.
    pub exchange: Option<Exchange>,
    /// How regularly its flows began, where that is known.
    pub rhythm: Option<Rhythm>,
    /// What drove the scores, strongest first, with what a typical one of its alerts showed.
    pub reasons: Vec<Reason>,
}

/// How regularly something happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Rhythm {
    /// Mean time from one to the next, seconds.
    pub gap: f64,
    /// Standard deviation of these times / their mean: 0 for a clockwork, about 1 at random.
    pub variation: f64,
}
