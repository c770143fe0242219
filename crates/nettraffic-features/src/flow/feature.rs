//! The definition of one feature.

use super::record::Record;
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
}

impl Feature {
    /// Its column.
    #[must_use]
    pub fn column(&self) -> Column {
        let column = match self.value {
            Value::Number(_) => Column::number(self.name, self.unit),
            Value::Category(names, _) => Column::category(self.name, names.iter().copied()),
        };
        column.with_missing(self.missing)
    }

    /// Appends its value for `flow`, and the indicator where it has one. Never allocates while
    /// `row` has room, and every number is finite.
    pub fn push(&self, flow: &Record<'_>, row: &mut Vec<f64>) {
        let value = match self.value {
            Value::Number(compute) => compute(flow).filter(|value| value.is_finite()),
            Value::Category(_, index) => Some(index(flow) as f64),
        };
        match self.missing {
            Missing::Indicated(default) => {
                row.push(value.unwrap_or(default));
                row.push(f64::from(u8::from(value.is_none())));
            }
            Missing::Zero => row.push(value.unwrap_or(0.0)),
            Missing::Never => {
                debug_assert!(value.is_some(), "{} is undefined for {flow:?}", self.name);
                row.push(value.unwrap_or(0.0));
            }
        }
    }
}
