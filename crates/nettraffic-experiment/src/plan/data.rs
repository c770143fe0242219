//! Data sets as a plan names them.

use std::path::{Path, PathBuf};

use nettraffic_eval::Unmatched;
use serde::Deserialize;

/// Labelled rows to train or to test on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Data {
    /// Its name, by which studies ask for it.
    pub name: String,
    /// Where its rows come from.
    #[serde(rename = "from")]
    pub source: DataSource,
}

/// Where the rows of a data set come from.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DataSource {
    /// A table of flows that others have made.
    Table(TableData),
    /// Captures, whose flows get features of ours.
    Captures(CaptureData),
    /// Synthetic traffic, made when it is needed.
    Scenario(ScenarioData),
}

/// A flow table in a file; its first line tells its format.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TableData {
    /// The table, compressed with gzip or not.
    pub path: PathBuf,
    /// The identifying column that holds the seconds since 1970 at which a row began.
    pub time: Option<String>,
    /// The identifying column that tells whose row it is.
    pub host: Option<String>,
}

/// Captures with one set of label rules.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CaptureData {
    /// Captures, or folders of them.
    pub paths: Vec<PathBuf>,
    /// Label rules; without them every flow is benign.
    pub labels: Option<PathBuf>,
    /// What flows are that no rule matches.
    #[serde(default)]
    pub unmatched: Unmatched,
}

/// A named synthetic scenario with exact labels.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ScenarioData {
    /// Its name, as `nettraffic-synth --list` has it.
    pub name: String,
    /// What its draws depend on.
    #[serde(default = "default_seed")]
    pub seed: u64,
}

impl Data {
    /// Captures whose flows are all benign.
    #[must_use]
    pub fn benign(name: impl Into<String>, paths: Vec<PathBuf>) -> Self {
        Self {
            name: name.into(),
            source: DataSource::Captures(CaptureData {
                paths,
                labels: None,
                unmatched: Unmatched::Benign,
            }),
        }
    }

    /// A capture with its label rules; unmatched flows are benign.
    #[must_use]
    pub fn labelled(name: impl Into<String>, capture: PathBuf, labels: PathBuf) -> Self {
        Self {
            name: name.into(),
            source: DataSource::Captures(CaptureData {
                paths: vec![capture],
                labels: Some(labels),
                unmatched: Unmatched::Benign,
            }),
        }
    }

    /// A named synthetic scenario.
    #[must_use]
    pub fn scenario(name: impl Into<String>, scenario: impl Into<String>, seed: u64) -> Self {
        Self {
            name: name.into(),
            source: DataSource::Scenario(ScenarioData {
                name: scenario.into(),
                seed,
            }),
        }
    }

    /// The files and folders that are read.
    #[must_use]
    pub fn files(&self) -> Vec<&PathBuf> {
        match &self.source {
            DataSource::Table(table) => vec![&table.path],
            DataSource::Captures(captures) => {
                captures.paths.iter().chain(&captures.labels).collect()
            }
            DataSource::Scenario(_) => Vec::new(),
        }
    }
}

impl DataSource {
    /// Whether its rows are flows with features of ours.
    pub(crate) fn has_flows(&self) -> bool {
        !matches!(self, Self::Table(_))
    }

    /// The name used in results.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Table(_) => "table",
            Self::Captures(_) => "captures",
            Self::Scenario(_) => "scenario",
        }
    }

    pub(crate) fn root(&mut self, root: &Path) {
        let rooted = |path: &mut PathBuf| *path = root.join(&*path);
        match self {
            Self::Table(table) => rooted(&mut table.path),
            Self::Captures(captures) => {
                captures.paths.iter_mut().for_each(rooted);
                captures.labels.iter_mut().for_each(rooted);
            }
            Self::Scenario(_) => {}
        }
    }
}

fn default_seed() -> u64 {
    42
}
