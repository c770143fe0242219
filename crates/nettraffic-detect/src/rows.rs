//! Flow records with their features, collected for training and offline judging.

use nettraffic_features::{Extractor, FeatureMatrix, FeatureSet, MatrixError};
use nettraffic_flow::Flow;

/// Flow records and their raw feature rows, side by side.
#[derive(Clone, Debug)]
pub struct FlowRows {
    features: FeatureSet,
    flows: Vec<Flow>,
    values: Vec<f64>,
    /// Which of the collections that were put together each flow came from.
    origins: Vec<u32>,
}

impl FlowRows {
    /// No flows yet, with rows of `features`.
    #[must_use]
    pub fn new(features: FeatureSet) -> Self {
        Self {
            features,
            flows: Vec::new(),
            values: Vec::new(),
            origins: Vec::new(),
        }
    }

    /// Adds a flow record and its row.
    ///
    /// # Panics
    /// When the row has another number of values than the features have columns.
    pub fn push(&mut self, flow: Flow, row: &[f64]) {
        assert_eq!(
            row.len(),
            self.features.schema().len(),
            "a row of other features"
        );
        self.values.extend_from_slice(row);
        self.flows.push(flow);
        self.origins.push(0);
    }

    /// Adds the next record of an extractor of these features, if one is ready.
    pub fn take_from(&mut self, extractor: &mut Extractor) -> bool {
        let before = self.values.len();
        let Some(flow) = extractor.pop(&mut self.values) else {
            return false;
        };
        debug_assert_eq!(self.values.len() - before, self.features.schema().len());
        self.flows.push(flow);
        self.origins.push(0);
        true
    }

    /// Forgets all flows, and keeps the memory for the next ones.
    pub(crate) fn clear(&mut self) {
        self.flows.clear();
        self.values.clear();
        self.origins.clear();
    }

    /// What the rows hold.
    #[must_use]
    pub fn features(&self) -> &FeatureSet {
        &self.features
    }

    /// The flow records, in the order in which they were pushed.
    #[must_use]
    pub fn flows(&self) -> &[Flow] {
        &self.flows
    }

    /// Which collection each flow came from, counted from 0.
    #[must_use]
    pub fn origins(&self) -> &[u32] {
        &self.origins
    }

    /// Number of flow records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.flows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.flows.is_empty()
    }

    /// The raw feature row of one flow.
    ///
    /// # Panics
    /// When there is no such flow.
    #[must_use]
    pub fn row(&self, index: usize) -> &[f64] {
        let width = self.features.schema().len();
        &self.values[index * width..(index + 1) * width]
    }

    /// The rows at `indices`, shape `(indices, features)`.
    ///
    /// # Errors
    /// A value that is not finite, which would be a bug of a feature.
    ///
    /// # Panics
    /// When an index is out of range.
    pub fn matrix(&self, indices: &[usize]) -> Result<FeatureMatrix, MatrixError> {
        let values = indices.iter().flat_map(|i| self.row(*i)).copied().collect();
        FeatureMatrix::from_rows(self.features.schema(), values)
    }

    /// All rows.
    pub(crate) fn all(&self) -> Result<FeatureMatrix, MatrixError> {
        FeatureMatrix::from_rows(self.features.schema(), self.values.clone())
    }

    /// The flows at `indices` with their rows.
    ///
    /// # Panics
    /// When an index is out of range.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        Self {
            features: self.features.clone(),
            flows: indices.iter().map(|i| self.flows[*i].clone()).collect(),
            values: indices.iter().flat_map(|i| self.row(*i)).copied().collect(),
            origins: indices.iter().map(|i| self.origins[*i]).collect(),
        }
    }

    /// Appends all flows of another collection, say those of another capture. Which collection a
    /// flow came from is remembered: training holds out whole ones when there are enough.
    ///
    /// # Panics
    /// When the other one holds other features.
    pub fn extend_from(&mut self, other: &Self) {
        assert_eq!(
            self.features.schema().fingerprint(),
            other.features.schema().fingerprint(),
            "rows of different features cannot be put together"
        );
        self.flows.extend_from_slice(&other.flows);
        self.values.extend_from_slice(&other.values);
        let next = self.origins.iter().max().map_or(0, |last| last + 1);
        self.origins
            .extend(other.origins.iter().map(|origin| next + origin));
    }
}
