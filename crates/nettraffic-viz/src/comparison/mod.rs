//! The report on a comparison of models.

mod curve;
mod measure;
mod outcome;
mod paired;

use std::io::{self, Write};

pub use curve::Curve;
pub use measure::{Better, Measure};
pub use outcome::{CalibrationPoint, ClassRecall, Confusion, Importance, ModelOutcome};
pub use paired::PairedTest;
use serde::Serialize;

use crate::page::comparison;
use crate::{Fact, Figure};

/// Everything that the report on a comparison tells. Parts that are left empty are left out.
///
/// ```
/// use nettraffic_viz::{Better, Comparison, Measure, ModelOutcome, Study, Unit};
///
/// let area = Measure::new("ROC AUC", Unit::Plain, Better::Higher, vec![0.97, 0.98, 0.96]);
/// let forest = ModelOutcome { measures: vec![area], ..ModelOutcome::new("random forest") };
/// let study = Study { models: vec![forest], ..Study::new("NSL-KDD, published split") };
/// let comparison = Comparison { studies: vec![study], ..Comparison::new("Two models") };
/// assert!(comparison.to_html().contains("0.970"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Comparison {
    /// What was compared.
    pub title: String,
    /// What there is to know about the run: plan, versions, seeds, hashes of data.
    pub facts: Vec<Fact>,
    /// Things that the reader should know first.
    pub warnings: Vec<String>,
    /// Files in the same folder that tell more.
    pub beside: Vec<Beside>,
    /// What was compared on what, in the order to show.
    pub studies: Vec<Study>,
}

/// A file in the folder of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Beside {
    /// Its name; the page leads there.
    pub file: String,
    /// What it tells.
    pub tells: String,
}

impl Beside {
    /// A file and what it tells.
    pub fn new(file: impl Into<String>, tells: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            tells: tells.into(),
        }
    }
}

/// Models on one data set with one way to split it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Study {
    /// Data set and split.
    pub name: String,
    /// What there is to know of them: rows, features, protocol.
    pub facts: Vec<Fact>,
    /// Leaks that were found between training and test rows: the check, and what it found.
    pub leaks: Vec<Fact>,
    /// Whether leaks were looked for, so that none being found tells something.
    pub leaks_checked: bool,
    /// Share of attacks among the test rows, 0 to 1: what precision is by chance.
    pub attack_share: Option<f64>,
    /// The models, in the order to show; trivial ones among them.
    pub models: Vec<ModelOutcome>,
    /// What the figures of the models mean, a sentence each: which do not beat a trivial one.
    pub remarks: Vec<String>,
    /// Models held against each other on the same rows, in the order to show.
    pub pairs: Vec<PairedTest>,
    /// Figures that others published, with the protocol that they were got with.
    pub published: Vec<Fact>,
}

impl Comparison {
    /// An empty comparison.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// The report as one HTML document.
    #[must_use]
    pub fn to_html(&self) -> String {
        comparison::document(self).into_string()
    }

    /// Writes what [`Comparison::to_html`] gives.
    ///
    /// # Errors
    /// The writer fails.
    pub fn write_html(&self, mut writer: impl Write) -> io::Result<()> {
        writer.write_all(self.to_html().as_bytes())
    }

    /// The curves of every study, each as an SVG document; its name is made of the
    /// study's place in the list, from 1, and of what it shows: `2-roc`.
    #[must_use]
    pub fn figures(&self) -> Vec<Figure> {
        comparison::figures(self)
    }
}

impl Study {
    /// A study without models.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }
}
