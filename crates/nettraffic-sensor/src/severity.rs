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
        match (is_known(alert), is_rare(alert)) {
            (false, false) => Self::Low,
            (false, true) => Self::Medium,
            (true, false) => Self::High,
            (true, true) => Self::Critical,
        }
    }

    /// Why an alert has its severity, in words:
    ///
    /// ```text
    /// looks like scan_syn (93 %, probable from 50 % on), and is rare: 1 in 3,034 usual flows is as strange (rare below 1 in 500)
    /// ```
    #[must_use]
    pub fn reason(alert: &Alert) -> String {
        let likeness = match &alert.class {
            Some(class) => format!(
                "{} {} ({:.0} %, probable from {:.0} % on)",
                match is_known(alert) {
                    true => "looks like",
                    false => "might be",
                },
                class.name,
                // Not above what it is: 49.9 % would be told as probable.
                (100.0 * class.probability).floor(),
                100.0 * PROBABLE,
            ),
            None => "looks like no known attack".to_owned(),
        };
        let rarity = match is_rare(alert) {
            true => "and is rare",
            false => "and is not rare",
        };
        // Not rarer than it is, for the same reason.
        let one_in = (1.0 / alert.p_value.max(1e-15)).floor();
        format!(
            "{likeness}, {rarity}: 1 in {one_in} usual flows is as strange (rare below 1 in {})",
            1.0 / RARE
        )
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

fn is_known(alert: &Alert) -> bool {
    let class = alert.class.as_ref();
    class.is_some_and(|class| class.probability >= PROBABLE)
}

fn is_rare(alert: &Alert) -> bool {
    alert.p_value < RARE
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use nettraffic_detect::{AlertId, ClassGuess, Evidence};

    use super::*;

    #[test]
    fn a_severity_says_why() {
        for (probability, p_value, severity, reason) in [
            (
                Some(0.93),
                1.0 / 3_034.0,
                Severity::Critical,
                "looks like scan (93 %, probable from 50 % on), and is rare: 1 in 3034 usual flows is as strange (rare below 1 in 500)",
            ),
            (
                Some(0.5),
                0.002,
                Severity::High,
                "looks like scan (50 %, probable from 50 % on), and is not rare: 1 in 500 usual flows is as strange (rare below 1 in 500)",
            ),
            (
                Some(0.499),
                0.001_99,
                Severity::Medium,
                "might be scan (49 %, probable from 50 % on), and is rare: 1 in 502 usual flows is as strange (rare below 1 in 500)",
            ),
            (
                None,
                0.1,
                Severity::Low,
                "looks like no known attack, and is not rare: 1 in 10 usual flows is as strange (rare below 1 in 500)",
            ),
        ] {
            let mut alert = Alert::new(AlertId(1), Evidence::Unusual, p_value);
            alert.class = probability.map(|probability| ClassGuess {
                name: "scan".to_owned(),
                probability,
            });
            assert_eq!(Severity::of(&alert), severity, "{reason}");
            assert_eq!(Severity::reason(&alert), reason);
        }
    }
}
