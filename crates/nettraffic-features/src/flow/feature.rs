//! The definition of one feature.

use super::record::Record;
use crate::window::WindowFacts;
use crate::{Column, Missing, Unit};

/// One feature of a flow, defined once: header, schema, documents and rows are made from it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Feature {
    /// Unique among all sets.
    pub name: &'static str,
    /// Unit of its values.
    pub unit: Unit,
    /// What stands in the row when it is undefined.
    pub missing: Missing,
    /// Who else computes it, or where it was described.
    pub source: &'static str,
    /// How it is computed, in words.
    pub formula: &'static str,
    /// How it is computed.
    pub value: Value,
}

/// How a feature is computed from a flow.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Value {
    /// A quantity; `None` where it is undefined.
    Number(fn(&Record<'_>) -> Option<f64>),
    /// One of a closed list of names, as its index; the length of the list means "another one".
    Category(&'static [&'static str], fn(&Record<'_>) -> usize),
    /// A quantity of what its hosts did lately; `None` where it is undefined.
    Window(fn(&WindowFacts) -> Option<f64>),
}

impl Feature {
    /// Its column.
    #[must_use]
    pub fn column(&self) -> Column {
        let column = match self.value {
            Value::Number(_) | Value::Window(_) => Column::number(self.name, self.unit),
            Value::Category(names, _) => Column::category(self.name, names.iter().copied()),
        };
        column.with_missing(self.missing)
    }

    /// Appends its value for `flow`, and the indicator where it has one. Never allocates while
    /// `row` has room, and every number is finite.
    ///
    /// For a feature of windows it appends the one of hosts that did nothing; its place is filled
    /// by [`FeatureSet::fill_windows`](crate::FeatureSet::fill_windows).
    #[inline]
    pub fn push(&self, flow: &Record<'_>, row: &mut Vec<f64>) {
        let value = match self.value {
            Value::Number(compute) => compute(flow),
            Value::Category(_, index) => Some(index(flow) as f64),
            Value::Window(compute) => of_idle_hosts(compute),
        };
        let (value, indicator) = self.cells(value);
        row.push(value);
        if let Some(indicator) = indicator {
            row.push(indicator);
        }
    }

    /// What stands in the row for a value, and in its indicator column where it has one.
    #[inline]
    pub(super) fn cells(&self, value: Option<f64>) -> (f64, Option<f64>) {
        let value = value.filter(|value| value.is_finite());
        match self.missing {
            Missing::Indicated(default) => {
                let indicator = f64::from(u8::from(value.is_none()));
                (value.unwrap_or(default), Some(indicator))
            }
            Missing::Zero => (value.unwrap_or(0.0), None),
            Missing::Never => {
                debug_assert!(value.is_some(), "{} is undefined", self.name);
                (value.unwrap_or(0.0), None)
            }
        }
    }
}

/// Apart from the others, which then need no room for what windows tell.
#[inline(never)]
fn of_idle_hosts(compute: fn(&WindowFacts) -> Option<f64>) -> Option<f64> {
    compute(&WindowFacts::default())
}
