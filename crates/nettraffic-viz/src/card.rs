//! The report on a trained detector.

use std::io::{self, Write};

use serde::Serialize;

use crate::page::card;
use crate::{Fact, Unit};

/// What there is to tell of a trained detector: a model card (Mitchell and others 2019) to look at.
/// Parts that are left empty are left out.
///
/// ```
/// use nettraffic_viz::{Card, CardFeature, Fact, Unit};
///
/// let mut card = Card::new("office.ntm");
/// card.training = vec![Fact::new("Benign flows learned from", "17,020")];
/// card.features = vec![CardFeature::range("duration", Unit::Seconds, (0.02, 31.0))];
/// assert!(card.to_html().contains("20 ms"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Card {
    /// Name of the detector.
    pub title: String,
    /// What it is, in one sentence.
    pub summary: String,
    /// Things that the reader should know first.
    pub warnings: Vec<String>,
    /// Key figures, such as the alerts to expect: name and value.
    pub figures: Vec<Fact>,
    /// When the first and the last flow began that it learned from, nanoseconds since the Unix epoch.
    pub period_ns: Option<(i64, i64)>,
    /// What it learned from.
    pub training: Vec<Fact>,
    /// Labelled flows that it learned attacks from, by class.
    pub attacks: Vec<(String, u64)>,
    /// The threshold and what it promises.
    pub threshold: Vec<Fact>,
    /// What it looks at, and what is usual.
    pub features: Vec<CardFeature>,
    /// How it fared on labelled traffic.
    pub measured: Vec<Measured>,
    /// Whether recent traffic is still as it knows it, where that was checked.
    pub drift: Option<Drift>,
}

/// A feature with what is usual of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CardFeature {
    /// Its name.
    pub name: String,
    /// What it is in words; `None` shows its name.
    pub words: Option<String>,
    /// Unit of its values.
    pub unit: Unit,
    /// Between these lie 98 % of the training rows.
    pub usual: Option<(f64, f64)>,
    /// Shares of its categories, most frequent first.
    pub categories: Vec<(String, f64)>,
}

/// How a detector fared on one set of labelled flows.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Measured {
    /// Where the flows came from.
    pub data: String,
    /// Key figures.
    pub figures: Vec<Fact>,
    /// Classes of attack: flows that were found, of how many.
    pub classes: Vec<(String, u64, u64)>,
}

/// How recent traffic differs from that of the training.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Drift {
    /// Whether a successor should be trained.
    pub has_drifted: bool,
    /// What was compared, and what the scores say.
    pub facts: Vec<Fact>,
    /// Features, those that moved most first.
    pub features: Vec<DriftedFeature>,
}

/// How far a feature has moved.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DriftedFeature {
    /// Its name.
    pub name: String,
    /// What it is in words; `None` shows its name.
    pub words: Option<String>,
    /// Population stability index: 0 for none, from 0.1 on it moved, from 0.25 on far.
    pub index: f64,
    /// The index that chance stays below.
    pub by_chance: f64,
    /// What that means, such as `far`.
    pub level: String,
    /// The values whose share moved most.
    pub values: String,
    /// Their share in training and in recent rows, 0 to 1.
    pub shares: (f64, f64),
}

impl Card {
    /// An empty card.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// The report as one HTML document.
    #[must_use]
    pub fn to_html(&self) -> String {
        card::document(self).into_string()
    }

    /// Writes what [`Card::to_html`] gives.
    ///
    /// # Errors
    /// The writer fails.
    pub fn write_html(&self, mut writer: impl Write) -> io::Result<()> {
        writer.write_all(self.to_html().as_bytes())
    }
}

impl CardFeature {
    /// A feature with a range of usual values.
    pub fn range(name: impl Into<String>, unit: Unit, usual: (f64, f64)) -> Self {
        Self {
            name: name.into(),
            unit,
            usual: Some(usual),
            ..Self::default()
        }
    }
}
