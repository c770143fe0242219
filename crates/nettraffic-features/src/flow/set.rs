//! Named sets of features, chosen together.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use nettraffic_capture::DecodeConfig;

use super::level::Needs;
use super::record::Record;
use super::sets::{GROUPS, Table};
use crate::{Column, Feature, Missing, Schema, Value, WindowFacts};

/// The features that make up a row, in order.
#[derive(Clone)]
pub struct FeatureSet {
    name: String,
    features: Vec<&'static Feature>,
    needs: Needs,
    /// The features of windows, each with its column.
    windows: Vec<(usize, &'static Feature)>,
    schema: Arc<Schema>,
}

impl FeatureSet {
    /// The features of one or more sets, their names separated by commas.
    ///
    /// The columns follow the order of [`FeatureSet::names`], however the names are ordered, and
    /// a name that is repeated changes nothing: the same sets always give the same rows.
    ///
    /// # Errors
    /// The first name that is no set.
    pub fn named(names: &str) -> Result<Self, UnknownSet> {
        let wanted: Vec<&str> = names.split(',').map(str::trim).collect();
        match wanted
            .iter()
            .find(|name| !Self::names().any(|n| n == **name))
        {
            Some(unknown) => Err(UnknownSet {
                name: (*unknown).to_owned(),
                known: Self::names().collect(),
            }),
            None => Ok(Self::of(|name| wanted.contains(&name))),
        }
    }

    /// The features of all sets.
    #[must_use]
    pub fn all() -> Self {
        Self::of(|_| true)
    }

    /// What flow tables hold unless they are told otherwise: the sets `basic`, `length`, `timing`,
    /// `tcp` and `path`. The others cost more for each packet.
    #[must_use]
    pub fn standard() -> Self {
        Self::of(|name| STANDARD.contains(&name))
    }

    /// The names of all sets.
    pub fn names() -> impl Iterator<Item = &'static str> {
        GROUPS.iter().map(|group| group.name)
    }

    /// The names of its sets, separated by commas: [`FeatureSet::named`] makes the same set of it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its features, in the order of their columns.
    pub fn features(&self) -> impl Iterator<Item = &'static Feature> {
        self.features.iter().copied()
    }

    /// What the rows are; an indicator stands right after its feature.
    #[must_use]
    pub fn schema(&self) -> Arc<Schema> {
        Arc::clone(&self.schema)
    }

    /// How packets are to be decoded for these features: as `base` says, and with the entropy of
    /// payloads where a feature needs it.
    ///
    /// ```
    /// use nettraffic_capture::DecodeConfig;
    /// use nettraffic_features::FeatureSet;
    ///
    /// let usual = DecodeConfig::default();
    /// assert_eq!(FeatureSet::default().decode_config(usual), usual);
    /// assert!(FeatureSet::named("rich")?.decode_config(usual).payload_entropy);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn decode_config(&self, base: DecodeConfig) -> DecodeConfig {
        match self.needs.include(Needs::ENTROPY) {
            true => base.with_payload_entropy(),
            false => base,
        }
    }

    pub(super) fn needs(&self) -> Needs {
        self.needs
    }

    /// Whether it has features of windows: they are filled in record by record, in the order in
    /// which the flow table gives them out; see [`FeatureSet::fill_windows`].
    #[must_use]
    pub fn needs_windows(&self) -> bool {
        !self.windows.is_empty()
    }

    /// The columns that tell of the flow itself and not of what surrounds it, ascending.
    #[must_use]
    pub fn flow_columns(&self) -> Vec<usize> {
        let of_windows: HashSet<usize> = (self.windows.iter())
            .flat_map(|(column, feature)| *column..*column + width(feature))
            .collect();
        (0..self.schema.len())
            .filter(|column| !of_windows.contains(column))
            .collect()
    }

    /// Appends the row of one flow: as many values as the schema has columns, all finite.
    /// Allocates only to make room in `row`. What windows tell is to be filled in.
    pub fn extract(&self, record: &Record<'_>, row: &mut Vec<f64>) {
        row.reserve(self.schema.len());
        for feature in &self.features {
            feature.push(record, row);
        }
    }

    /// Fills what windows tell into the row that [`FeatureSet::extract`] made of the same record:
    /// `row` begins at the first column of this set. Never allocates.
    pub fn fill_windows(&self, facts: &WindowFacts, row: &mut [f64]) {
        for (column, feature) in &self.windows {
            let Value::Window(compute) = feature.value else {
                continue;
            };
            let (value, indicator) = feature.cells(compute(facts));
            if let Some(cell) = row.get_mut(*column) {
                *cell = value;
            }
            if let (Some(indicator), Some(cell)) = (indicator, row.get_mut(column + 1)) {
                *cell = indicator;
            }
        }
    }

    fn of(wanted: impl Fn(&str) -> bool) -> Self {
        let groups: Vec<_> = GROUPS.iter().filter(|group| wanted(group.name)).collect();
        let names: Vec<_> = groups.iter().map(|group| group.name).collect();
        let tables = || groups.iter().flat_map(|group| group.tables);
        // A feature that several sets hold is one column, where the first of them has it.
        let mut seen = HashSet::new();
        let features: Vec<_> = tables()
            .flat_map(Table::features)
            .filter(|feature| seen.insert(feature.name))
            .collect();
        Self {
            name: names.join(","),
            needs: tables().fold(Needs::NOTHING, |needs, table| needs.and(table.needs)),
            windows: windows(&features),
            schema: Arc::new(schema(&features)),
            features,
        }
    }
}

/// What detectors are trained on unless they are told otherwise: `basic`, `length`, `timing`, `tcp`
/// and `context`, so how a flow went and what surrounds it.
///
/// `cic` tells much the same in other words. Times to live and hop counts describe where a flow
/// came from, not what it did: they tell forged packets on a network that was trained on, but raise
/// false alarms on every other one.
impl Default for FeatureSet {
    fn default() -> Self {
        Self::of(|name| DETECTION.contains(&name))
    }
}

/// The sets of [`FeatureSet::standard`].
const STANDARD: [&str; 5] = ["basic", "length", "timing", "tcp", "path"];

/// The sets of [`FeatureSet::default`].
const DETECTION: [&str; 5] = ["basic", "length", "timing", "tcp", "context"];

impl fmt::Debug for FeatureSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FeatureSet({})", self.name)
    }
}

/// A name that is no feature set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no feature set {name:?}; there are {}", known.join(", "))]
#[non_exhaustive]
pub struct UnknownSet {
    /// The name.
    pub name: String,
    /// The names that there are.
    pub known: Vec<&'static str>,
}

fn windows(features: &[&'static Feature]) -> Vec<(usize, &'static Feature)> {
    let mut column = 0;
    let mut windows = Vec::new();
    for feature in features {
        if matches!(feature.value, Value::Window(_)) {
            windows.push((column, *feature));
        }
        column += width(feature);
    }
    windows
}

/// Columns of a feature: its own, and its indicator's where it has one.
fn width(feature: &Feature) -> usize {
    1 + usize::from(matches!(feature.missing, Missing::Indicated(_)))
}

fn schema(features: &[&Feature]) -> Schema {
    let mut columns: Vec<Column> = Vec::new();
    for feature in features {
        let column = feature.column();
        let indicator =
            matches!(feature.missing, Missing::Indicated(_)).then(|| column.indicator());
        columns.push(column);
        columns.extend(indicator);
    }
    Schema::new(columns).expect("names of features are unique")
}
