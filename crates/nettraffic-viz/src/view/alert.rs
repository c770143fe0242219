//! Alerts and their reasons.

use serde::Serialize;

use crate::Unit;

/// A flow that raised an alert.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alert {
    /// An identifier that does not change from run to run.
    pub id: String,
    /// The known attack that it looks like; `None` when it is only unusual.
    pub class: Option<String>,
    /// Time of its first packet, nanoseconds since the Unix epoch.
    pub first_ns: i64,
    /// Time of its last packet.
    pub last_ns: i64,
    /// Who opened it: address, with port where there is one.
    pub source: String,
    /// Who was asked: address, with port where there is one.
    pub target: String,
    /// Protocol and service, such as `tcp/22`.
    pub service: String,
    /// How strange it is.
    pub score: f64,
    /// What went to and fro, where that is known.
    pub exchange: Option<Exchange>,
    /// What drove the score, strongest first.
    pub reasons: Vec<Reason>,
    /// What it really is, when labels were given.
    pub label: Option<String>,
}

/// What a source and its targets sent each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Exchange {
    /// Packets of who opened the flows.
    pub packets_sent: u64,
    /// Bytes of them.
    pub bytes_sent: u64,
    /// Packets of who was asked.
    pub packets_received: u64,
    /// Bytes of them.
    pub bytes_received: u64,
}

/// A feature that drove a score.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reason {
    /// Name of the feature; underscores are shown as blanks.
    pub feature: String,
    /// What the feature is in words, such as `connections to the target in 2 s`; `None` shows its name.
    pub words: Option<String>,
    /// Unit of the numbers.
    pub unit: Unit,
    /// What the flow showed, with its unit.
    pub observed: String,
    /// What is usual, with its unit.
    pub expected: String,
    /// What the flow showed, as a number in the feature's unit, where it is one.
    pub value: Option<f64>,
    /// Lower and upper end of what is usual, where it is a range.
    pub usual: Option<(f64, f64)>,
    /// Its part of what made the score high, 0 to 1.
    pub share: f64,
}

impl Reason {
    /// A reason that is told in text alone, such as a category.
    pub fn new(
        feature: impl Into<String>,
        observed: impl Into<String>,
        expected: impl Into<String>,
        share: f64,
    ) -> Self {
        Self {
            feature: feature.into(),
            observed: observed.into(),
            expected: expected.into(),
            share,
            ..Self::default()
        }
    }

    /// A reason in numbers: a value, and the range that is usual.
    pub fn measured(
        feature: impl Into<String>,
        unit: Unit,
        value: f64,
        (low, high): (f64, f64),
        share: f64,
    ) -> Self {
        let observed = unit.describe(value);
        let expected = unit.describe_range(low, high);
        Self {
            unit,
            value: Some(value),
            usual: Some((low, high)),
            ..Self::new(feature, observed, expected, share)
        }
    }

    /// With the feature in words.
    #[must_use]
    pub fn with_words(mut self, words: impl Into<String>) -> Self {
        self.words = Some(words.into());
        self
    }

    /// Whether the value lies within what is usual, so that it counts only along with others.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        match (self.value, self.usual) {
            (Some(value), Some((low, high))) => (low..=high).contains(&value),
            _ => false,
        }
    }
}
