//! How urgent an alert is.

use std::fmt;

use nettraffic_detect::Alert;
use serde::{Deserialize, Serialize};

/// How urgent an alert is: by how rare its score is among usual flows, and higher when it is more probable than not
/// that it is an attack of a known kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(
    clippy::exhaustive_enums,
    reason = "these four are what operators' tools know"
)]
pub enum Severity {
    /// Worth a look when there is time.
    Low,
    /// Worth a look today.
    Medium,
    /// Worth a look now.
    High,
    /// Looks like a known attack, and like nothing that is usual.
    Critical,
}

/// Below this share of usual flows a score is rare.
const RARE: f64 = 0.002;
/// From this probability on it is more likely an attack of that class than all else together.
const PROBABLE: f32 = 0.5;

impl Severity {
    /// Every one, least urgent first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// That of an alert.
    #[must_use]
    pub fn of(alert: &Alert) -> Self {
        let class = alert.class.as_ref();
        let is_known = class.is_some_and(|class| class.probability >= PROBABLE);
        match (is_known, alert.p_value < RARE) {
            (false, false) => Self::Low,
            (false, true) => Self::Medium,
            (true, false) => Self::High,
            (true, true) => Self::Critical,
        }
    }

    /// The name used in records: `low`, `medium`, `high`, `critical`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
