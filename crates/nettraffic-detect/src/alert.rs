//! What a detector says of a flow, and why.

use std::fmt;

use nettraffic_features::Unit;
use nettraffic_flow::Flow;

/// The judgement of one flow record.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Verdict {
    /// The flow.
    pub flow: Flow,
    /// How strange it is; higher is stranger. Comparable within one detector only.
    pub score: f32,
    /// The score above which a flow is an alert.
    pub threshold: f32,
    /// What there is to say, when the score is above the threshold.
    pub alert: Option<Alert>,
}

impl Verdict {
    /// The judgement of a flow that is no alert, for verdicts that come from elsewhere.
    #[must_use]
    pub const fn new(flow: Flow, score: f32, threshold: f32) -> Self {
        Self {
            flow,
            score,
            threshold,
            alert: None,
        }
    }
}

/// Why a flow is an alert. Its flow, score and threshold stand in the [`Verdict`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Alert {
    /// The same in every run: a hash of detector and flow record.
    pub id: AlertId,
    /// What raised it.
    pub evidence: Evidence,
    /// Share of benign flows that are at least as strange to what raised the alert, estimated
    /// from the held-out rows of the training; never below 1 / (rows + 1).
    pub p_value: f64,
    /// The known attack that it looks like most; `None` when benign is more probable than each
    /// of them, or the detector was shown no labelled attacks.
    pub class: Option<ClassGuess>,
    /// The features that raised the alert: unusual values first, then usual ones that count in
    /// combination with others; strongest first among either.
    pub reasons: Vec<Reason>,
}

impl Alert {
    /// An alert without a class and without reasons, for alerts that come from elsewhere.
    #[must_use]
    pub const fn new(id: AlertId, evidence: Evidence, p_value: f64) -> Self {
        Self {
            id,
            evidence,
            p_value,
            class: None,
            reasons: Vec::new(),
        }
    }
}

/// What raised an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Evidence {
    /// The score is above the threshold.
    Unusual,
    /// The score is not, but the flow looks like a known attack.
    Known,
}

impl Evidence {
    /// The name used in records: `unusual`, `known`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unusual => "unusual",
            Self::Known => "known",
        }
    }
}

/// Identifies an alert: a keyless hash of the detector's bundle and the flow record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlertId(pub u64);

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A class with its probability.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassGuess {
    /// Name of the class.
    pub name: String,
    /// Its probability among all classes, benign included.
    pub probability: f32,
}

/// One feature that drove a score.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reason {
    /// Name of the feature.
    pub feature: String,
    /// Unit of the values.
    pub unit: Unit,
    /// What the flow showed.
    pub observed: Observed,
    /// What benign training flows showed.
    pub expected: Expected,
    /// Its part of what made the score high, 0 to 1; the parts of all features sum to 1.
    pub share: f32,
}

/// A value of a feature.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Observed {
    /// A quantity, in the reason's unit.
    Number(f64),
    /// A category.
    Category(String),
    /// The flow has no such value: no gap without a second packet, say.
    Undefined,
}

/// The usual values of a feature.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Expected {
    /// 98 % of benign training flows lie in it.
    Range {
        /// 1 % lie below.
        low: f64,
        /// 1 % lie above.
        high: f64,
    },
    /// Categories of benign training flows with their shares, most frequent first.
    Categories(Vec<(String, f64)>),
}

impl Reason {
    /// A feature with its value, what is usual, and its share, for reasons that come from elsewhere.
    #[must_use]
    pub fn new(
        feature: impl Into<String>,
        unit: Unit,
        observed: Observed,
        expected: Expected,
        share: f32,
    ) -> Self {
        Self {
            feature: feature.into(),
            unit,
            observed,
            expected,
            share,
        }
    }

    /// Whether the value by itself is usual, so that it counts only in combination with others.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        match (&self.observed, &self.expected) {
            (Observed::Number(value), Expected::Range { low, high }) => {
                (low..=high).contains(&value)
            }
            (Observed::Category(name), Expected::Categories(shares)) => {
                shares.first().is_some_and(|(first, _)| first == name)
            }
            _ => false,
        }
    }
}

impl fmt::Display for Reason {
    /// `forward_packets_per_second 8120/s (usually 0.3/s to 95/s), 41 % of the alert`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.feature)?;
        f.write_str(&self.observed.describe(self.unit))?;
        // A usual value counts in combination with others: a reader must not look for what is odd in it.
        let usual = if self.is_usual() {
            "usual by itself:"
        } else {
            "usually"
        };
        write!(f, " ({usual} {})", self.expected.describe(self.unit))?;
        write!(f, ", {:.0} % of the alert", self.share * 100.0)
    }
}

impl Observed {
    /// The value in words, `8120/s`.
    #[must_use]
    pub fn describe(&self, unit: Unit) -> String {
        match self {
            Self::Number(value) => quantity(*value, unit),
            Self::Category(name) => name.clone(),
            Self::Undefined => "undefined".to_owned(),
        }
    }
}

impl Expected {
    /// The usual values in words, `0.3/s to 95/s` or `tcp 81 %, udp 19 %`.
    #[must_use]
    pub fn describe(&self, unit: Unit) -> String {
        match self {
            Self::Range { low, high } if low == high => quantity(*low, unit),
            Self::Range { low, high } => {
                format!("{} to {}", quantity(*low, unit), quantity(*high, unit))
            }
            Self::Categories(shares) => shares
                .iter()
                .take(3)
                .map(|(name, share)| format!("{name} {:.0} %", share * 100.0))
                .collect::<Vec<_>>()
                .join(", "),
        }
    }
}

/// A number in its unit, with three significant digits unless it is a whole one.
fn quantity(value: f64, unit: Unit) -> String {
    let number = if value.fract() == 0.0 && value.abs() < 1e15 {
        format!("{value}")
    } else {
        let digits = 2 - value.abs().log10().floor().clamp(-6.0, 2.0) as i32;
        format!("{value:.*}", digits.unsigned_abs() as usize)
    };
    let suffix = match unit {
        Unit::Bytes => " B",
        Unit::Seconds => " s",
        Unit::BytesPerSecond => " B/s",
        Unit::PacketsPerSecond => "/s",
        _ => "",
    };
    number + suffix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_read_well() {
        for (value, unit, expected) in [
            (0.0, Unit::None, "0"),
            (1_460.0, Unit::Bytes, "1460 B"),
            (0.000_012_34, Unit::Seconds, "0.0000123 s"),
            (123.456, Unit::PacketsPerSecond, "123/s"),
            (1.5, Unit::Ratio, "1.50"),
            (-12.34, Unit::None, "-12.3"),
        ] {
            assert_eq!(quantity(value, unit), expected);
        }
    }

    #[test]
    fn a_reason_is_a_sentence() {
        let reason = Reason {
            feature: "duration".into(),
            unit: Unit::Seconds,
            observed: Observed::Number(600.5),
            expected: Expected::Range {
                low: 0.0,
                high: 30.0,
            },
            share: 0.414,
        };
        assert_eq!(
            reason.to_string(),
            "duration 600 s (usually 0 s to 30 s), 41 % of the alert"
        );
    }
}
