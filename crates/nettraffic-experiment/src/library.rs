//! Captures that a comparison reads, each once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use nettraffic_capture::{find_captures, open};
use nettraffic_detect::FlowRows;
use nettraffic_eval::LabelRules;
use nettraffic_features::FeatureSet;
use nettraffic_flow::PacketBatches;

use crate::captures::{Account, read_flows};
use crate::labels::truth;
use crate::plan::{Study, Test};
use crate::{ExperimentError, leave_out::LoadedTest};

/// Captures that were read already.
pub(crate) struct Library {
    features: FeatureSet,
    read: BTreeMap<PathBuf, Rc<FlowRows>>,
    /// Of the captures that were read, in the order of reading.
    accounts: Vec<(PathBuf, Account)>,
}

impl Library {
    pub(crate) fn new(features: FeatureSet) -> Self {
        Self {
            features,
            read: BTreeMap::new(),
            accounts: Vec::new(),
        }
    }

    /// The benign captures of a study, each once however often it is named, and its tests.
    pub(crate) fn load(
        &mut self,
        study: &Study,
    ) -> Result<(Vec<Rc<FlowRows>>, Vec<LoadedTest>), ExperimentError> {
        let paths = find_captures(&study.benign)?;
        let mut seen = BTreeSet::new();
        let benign: Vec<&PathBuf> = (paths.iter())
            .filter(|path| seen.insert(identity(path)))
            .collect();
        if let Some(leak) =
            (study.tests.iter()).find(|test| seen.contains(&identity(&test.capture)))
        {
            return Err(ExperimentError::Leak {
                study: study.name.clone(),
                capture: leak.capture.clone(),
            });
        }
        let benign = (benign.into_iter())
            .map(|path| self.flows(path))
            .collect::<Result<_, _>>()?;
        let tests = (study.tests.iter())
            .map(|test| self.test(test))
            .collect::<Result<_, _>>()?;
        Ok((benign, tests))
    }

    /// The features of its rows.
    pub(crate) fn features(&self) -> &FeatureSet {
        &self.features
    }

    /// Whether its rows have these features.
    pub(crate) fn holds(&self, features: &FeatureSet) -> bool {
        self.features.name() == features.name()
    }

    pub(crate) fn into_accounts(self) -> Vec<(PathBuf, Account)> {
        self.accounts
    }

    /// No flows yet, with rows of the comparison's features.
    pub(crate) fn no_flows(&self) -> FlowRows {
        FlowRows::new(self.features.clone())
    }

    fn flows(&mut self, path: &Path) -> Result<Rc<FlowRows>, ExperimentError> {
        let identity = identity(path);
        if let Some(rows) = self.read.get(&identity) {
            return Ok(Rc::clone(rows));
        }
        // Results are not taken from half a capture.
        let read = read_flows(PacketBatches::new(open(path)?), &self.features);
        if let Some(error) = read.errors.into_iter().next() {
            return Err(error.into());
        }
        self.accounts.push((path.to_owned(), read.account));
        let rows = Rc::new(read.flows);
        self.read.insert(identity, Rc::clone(&rows));
        Ok(rows)
    }

    fn test(&mut self, test: &Test) -> Result<LoadedTest, ExperimentError> {
        let file = File::open(&test.labels).map_err(|error| ExperimentError::Io {
            path: test.labels.clone(),
            error,
        })?;
        let rules = LabelRules::parse(file).map_err(|error| ExperimentError::Labels {
            path: test.labels.clone(),
            error,
        })?;
        let flows = self.flows(&test.capture)?;
        let label = |flow| truth(flow, &rules, test.unmatched).name().to_owned();
        Ok(LoadedTest {
            name: test.title(),
            capture: identity(&test.capture),
            labels: flows.flows().iter().map(label).collect(),
            flows,
        })
    }
}

/// The same for every path that leads to one file. What cannot be found keeps its name, and
/// fails when it is opened.
fn identity(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
