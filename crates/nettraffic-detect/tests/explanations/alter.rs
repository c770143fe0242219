//! Benign flows of which some features are altered, so that it is known what is odd about them.

use nettraffic_detect::FlowRows;
use nettraffic_features::{ColumnKind, Missing, Schema, Unit};

use crate::traffic::Random;

/// How far beyond the training range a quantity is moved, in widths of that range.
const WIDTHS: f64 = 10.0;
/// A share is moved only where training rows leave a gap at least so wide between two of theirs.
const LEAST_GAP: f64 = 0.2;

/// A value that a feature never had in training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Odd {
    column: usize,
    value: f64,
    /// Whether an indicator behind the column tells where it is undefined.
    indicated: bool,
}

/// Benign flows after the alteration, with the names of what was altered in each.
pub(crate) struct Altered {
    pub(crate) flows: FlowRows,
    pub(crate) features: Vec<Vec<String>>,
}

/// One odd value for each feature that can have one.
pub(crate) fn odd_values(training: &FlowRows) -> Vec<Odd> {
    let schema = training.features().schema();
    (0..schema.len())
        .filter_map(|column| odd_value(training, &schema, column))
        .collect()
}

fn odd_value(training: &FlowRows, schema: &Schema, column: usize) -> Option<Odd> {
    let kind = &schema.columns()[column];
    let indicated = matches!(kind.missing, Missing::Indicated(_));
    let mut seen: Vec<f64> = (0..training.len())
        .map(|index| training.row(index))
        .filter(|row| !indicated || row[column + 1] == 0.0)
        .map(|row| row[column])
        .collect();
    seen.sort_by(f64::total_cmp);
    let (low, high) = (*seen.first()?, *seen.last()?);
    let value = match (&kind.kind, kind.unit) {
        (ColumnKind::Indicator, _) => None,
        (ColumnKind::Category(names), _) => (0..=names.len())
            .rev()
            .map(|place| place as f64)
            .find(|place| !seen.contains(place)),
        (ColumnKind::Number, Unit::Flag) => (low == high).then_some(1.0 - low),
        (ColumnKind::Number, Unit::Ratio) if (0.0..=1.0).contains(&low) && high <= 1.0 => {
            middle_of_gap(&seen)
        }
        (ColumnKind::Number, _) => {
            let width = if high > low {
                high - low
            } else {
                high.abs().max(1.0)
            };
            Some(high + WIDTHS * width)
        }
        _ => None,
    };
    value.map(|value| Odd {
        column,
        value,
        indicated,
    })
}

/// The share that is farthest from all that were seen.
fn middle_of_gap(seen: &[f64]) -> Option<f64> {
    let (low, high) = (*seen.first()?, *seen.last()?);
    let ends = [(low, 0.0), (1.0 - high, 1.0)];
    let between = seen
        .windows(2)
        .map(|pair| (pair[1] - pair[0], f64::midpoint(pair[0], pair[1])));
    ends.into_iter()
        .chain(between)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(gap, _)| *gap >= LEAST_GAP)
        .map(|(_, value)| value)
}

/// Each flow once, with so many of its features altered, drawn anew for each.
pub(crate) fn altered(flows: &FlowRows, odd: &[Odd], features: usize, seed: u64) -> Altered {
    let columns = flows.features().schema();
    let mut random = Random(seed);
    let mut rows = FlowRows::new(flows.features().clone());
    let mut names = Vec::new();
    for (index, flow) in flows.flows().iter().enumerate() {
        let mut row = flows.row(index).to_vec();
        let mut drawn: Vec<Odd> = Vec::new();
        while drawn.len() < features.min(odd.len()) {
            let next = odd[random.below(odd.len())];
            if !drawn.contains(&next) {
                drawn.push(next);
            }
        }
        for odd in &drawn {
            row[odd.column] = odd.value;
            if odd.indicated {
                row[odd.column + 1] = 0.0;
            }
        }
        let name = |odd: &Odd| columns.columns()[odd.column].name.to_string();
        names.push(drawn.iter().map(name).collect());
        rows.push(flow.clone(), &row);
    }
    Altered {
        flows: rows,
        features: names,
    }
}
