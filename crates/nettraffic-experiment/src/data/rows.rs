//! Labelled rows of one or several data sets.

use std::collections::{BTreeMap, HashSet};

use nettraffic_detect::FlowRows;
use nettraffic_eval::Truth;
use nettraffic_features::FeatureMatrix;

use crate::ExperimentError;
use crate::tables::TableRows;
use crate::unit::conversation;

/// Rows side by side: features, truth, and what rows can have in common.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    values: Values,
    /// `benign`, `unknown`, or the name of an attack.
    labels: Vec<String>,
    /// Which of the data sets that were put together.
    sets: Vec<usize>,
    /// The file, counted over all data sets.
    files: Vec<usize>,
    file_names: Vec<String>,
    keys: Keys,
}

/// The features of rows.
#[derive(Clone, Debug)]
enum Values {
    Table(FeatureMatrix),
    Flows(FlowRows),
}

/// What rows can have in common, where that is known; numbers mean nothing but equality.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    /// Both ends, the protocol and the file.
    pub(crate) conversations: Option<Vec<u64>>,
    /// The host that began it.
    pub(crate) hosts: Option<Vec<u64>>,
    /// Nanoseconds since 1970.
    pub(crate) times: Option<Vec<i64>>,
}

impl Rows {
    /// The rows of a table in a file; its keys are those that it tells.
    pub(crate) fn of_table(table: &TableRows, keys: Keys, file: String) -> Self {
        Self {
            file_names: vec![file],
            labels: table.labels().to_vec(),
            sets: vec![0; table.len()],
            files: vec![0; table.len()],
            keys,
            values: Values::Table(table.features().clone()),
        }
    }

    /// The rows of flows, whose origins are files of these names.
    pub(crate) fn of_flows(flows: FlowRows, labels: Vec<String>, file_names: Vec<String>) -> Self {
        let files: Vec<usize> = flows.origins().iter().map(|file| *file as usize).collect();
        let (mut ends, mut hosts) = (Numbers::default(), Numbers::default());
        let both = flows.flows().iter().zip(&files);
        let keys = Keys {
            conversations: Some(
                both.map(|(flow, file)| ends.of((*file, conversation(flow))))
                    .collect(),
            ),
            hosts: Some(
                (flows.flows().iter())
                    .map(|flow| hosts.of(flow.key.initiator))
                    .collect::<Vec<u64>>(),
            ),
            times: Some(
                flows
                    .flows()
                    .iter()
                    .map(|flow| flow.first.as_nanos())
                    .collect(),
            ),
        };
        Self {
            sets: vec![0; labels.len()],
            labels,
            files,
            file_names,
            keys,
            values: Values::Flows(flows),
        }
    }

    /// Rows of several data sets, one after the other. `None` when there are none, or when they have
    /// other features.
    pub(crate) fn together(all: &[&Self]) -> Option<Self> {
        let (first, others) = all.split_first()?;
        let mut together = (*first).clone();
        for (set, other) in (1..).zip(others) {
            together.values = together.values.and(&other.values)?;
            let files = together.file_names.len();
            together.file_names.extend_from_slice(&other.file_names);
            together.labels.extend_from_slice(&other.labels);
            together.sets.extend(other.sets.iter().map(|_| set));
            together
                .files
                .extend(other.files.iter().map(|file| file + files));
            together.keys = together.keys.and(&other.keys);
        }
        Some(together)
    }

    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }

    pub(crate) fn labels(&self) -> &[String] {
        &self.labels
    }

    pub(crate) fn sets(&self) -> &[usize] {
        &self.sets
    }

    pub(crate) fn files(&self) -> &[usize] {
        &self.files
    }

    /// The name of the file that a row comes from.
    pub(crate) fn file_name(&self, row: usize) -> &str {
        &self.file_names[self.files[row]]
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(crate) fn truth(&self, row: usize) -> Truth<'_> {
        Truth::named(&self.labels[row])
    }

    /// Where the truth is of a kind.
    pub(crate) fn where_truth(&self, rows: &[usize], is: impl Fn(Truth<'_>) -> bool) -> Vec<usize> {
        rows.iter()
            .copied()
            .filter(|row| is(self.truth(*row)))
            .collect()
    }

    /// How many rows are benign, attacks and unknown.
    pub(crate) fn counts(&self) -> [u64; 3] {
        let mut counts = [0; 3];
        for row in 0..self.len() {
            counts[match self.truth(row).is_attack() {
                Some(false) => 0,
                Some(true) => 1,
                None => 2,
            }] += 1;
        }
        counts
    }

    /// The features of some rows.
    pub(crate) fn features(&self, rows: &[usize]) -> Result<FeatureMatrix, ExperimentError> {
        Ok(match &self.values {
            Values::Table(matrix) => matrix.select(rows),
            Values::Flows(flows) => flows.matrix(rows)?,
        })
    }

    /// Some rows as a table.
    pub(crate) fn table(&self, rows: &[usize]) -> Result<TableRows, ExperimentError> {
        let labels = rows.iter().map(|row| self.labels[*row].clone()).collect();
        TableRows::new(self.features(rows)?, labels)
    }

    /// Some rows as flows, where they are such.
    pub(crate) fn flows(&self, rows: &[usize]) -> Option<FlowRows> {
        match &self.values {
            Values::Flows(flows) => Some(flows.select(rows)),
            Values::Table(_) => None,
        }
    }

    /// The names of the features.
    pub(crate) fn columns(&self) -> Vec<String> {
        let names = |columns: &[nettraffic_features::Column]| {
            columns
                .iter()
                .map(|column| column.name.to_string())
                .collect()
        };
        match &self.values {
            Values::Table(matrix) => names(matrix.schema().columns()),
            Values::Flows(flows) => names(flows.features().schema().columns()),
        }
    }

    /// One value of the features.
    pub(crate) fn value(&self, row: usize, column: usize) -> f64 {
        match &self.values {
            Values::Table(matrix) => matrix.view()[[row, column]],
            Values::Flows(flows) => flows.row(row)[column],
        }
    }

    /// The first of those rows that have equal features.
    pub(crate) fn without_duplicates(&self) -> Vec<usize> {
        let width = self.columns().len();
        let mut seen = HashSet::new();
        // Adding 0 makes -0 to 0.
        let key = |row| -> Vec<u64> {
            (0..width)
                .map(|column| (self.value(row, column) + 0.0).to_bits())
                .collect()
        };
        (0..self.len())
            .filter(|row| seen.insert(key(*row)))
            .collect()
    }
}

impl Values {
    fn and(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Table(a), Self::Table(b)) if a.schema() == b.schema() => {
                let values = a.view().iter().chain(b.view().iter()).copied().collect();
                let matrix = FeatureMatrix::from_rows(std::sync::Arc::clone(a.schema()), values);
                matrix.ok().map(Self::Table)
            }
            (Self::Flows(a), Self::Flows(b)) if a.features().schema() == b.features().schema() => {
                let mut flows = a.clone();
                flows.extend_from(b);
                Some(Self::Flows(flows))
            }
            _ => None,
        }
    }
}

impl Keys {
    /// Both one after the other; what is unknown of either is unknown.
    fn and(&self, other: &Self) -> Self {
        let numbers = |a: &Option<Vec<u64>>, b: &Option<Vec<u64>>| {
            let (a, b) = (a.as_ref()?, b.as_ref()?);
            let next = a.iter().max().map_or(0, |last| last + 1);
            Some(
                a.iter()
                    .copied()
                    .chain(b.iter().map(|key| key + next))
                    .collect(),
            )
        };
        Self {
            conversations: numbers(&self.conversations, &other.conversations),
            hosts: numbers(&self.hosts, &other.hosts),
            times: (self.times.as_ref().zip(other.times.as_ref())).map(|(a, b)| [&**a, b].concat()),
        }
    }
}

/// A number for everything, the same for what is equal.
pub(crate) struct Numbers<K>(BTreeMap<K, u64>);

impl<K> Default for Numbers<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord> Numbers<K> {
    pub(crate) fn of(&mut self, key: K) -> u64 {
        let next = self.0.len() as u64;
        *self.0.entry(key).or_insert(next)
    }
}
