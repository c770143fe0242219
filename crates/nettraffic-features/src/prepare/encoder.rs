//! From one raw value to its prepared ones.

use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

use super::PreprocessorParams;
use super::category::OneHot;
use super::number::Number;
use crate::{Column, ColumnKind};

/// What one raw column becomes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Encoder {
    Number(Number),
    Category(OneHot),
}

impl Encoder {
    pub(super) fn fit(
        values: ArrayView1<'_, f64>,
        column: &Column,
        params: PreprocessorParams,
    ) -> Self {
        match &column.kind {
            ColumnKind::Category(names) => {
                Self::Category(OneHot::fit(values.iter().copied(), names.len()))
            }
            _ => Self::Number(Number::fit(values, column, params)),
        }
    }

    /// How many prepared columns a value gives, before any of them is dropped.
    pub(super) fn columns(&self) -> usize {
        match self {
            Self::Number(_) => 1,
            Self::Category(one_hot) => one_hot.columns(),
        }
    }

    /// Appends what `value` of `column` becomes. `kept` tells of one prepared column after
    /// another whether it stays.
    pub(super) fn push(
        &self,
        value: f64,
        column: &Column,
        kept: &mut impl Iterator<Item = bool>,
        out: &mut Vec<f32>,
    ) {
        match (self, &column.kind) {
            (Self::Number(number), _) => {
                if kept.next() == Some(true) {
                    out.push(number.encode(value));
                }
            }
            (Self::Category(one_hot), ColumnKind::Category(names)) => {
                // The columns come first: at their end `zip` takes no more of `kept`.
                let columns = one_hot.spread(value, names.len()).zip(kept);
                out.extend(columns.filter_map(|(value, kept)| kept.then_some(value)));
            }
            (Self::Category(_), _) => unreachable!("checked where it was made or read"),
        }
    }

    /// What the prepared column at `offset` among those of `column` holds.
    pub(super) fn name_of(&self, column: &Column, offset: usize) -> String {
        let Self::Category(one_hot) = self else {
            return column.name.to_string();
        };
        let value = one_hot
            .category(offset)
            .and_then(|index| column.category_name(index as f64))
            .unwrap_or("unseen");
        format!("{}={value}", column.name)
    }

    /// Whether the prepared column at `offset` stands for what training did not have.
    pub(super) fn is_unseen(&self, offset: usize) -> bool {
        match self {
            Self::Number(_) => false,
            Self::Category(one_hot) => one_hot.category(offset).is_none(),
        }
    }

    /// Whether a stored encoder can be one of `column`.
    pub(super) fn check(&self, column: &Column) -> Result<(), &'static str> {
        match (&column.kind, self) {
            (ColumnKind::Category(names), Self::Category(one_hot)) => one_hot.check(names.len()),
            (ColumnKind::Number | ColumnKind::Indicator, Self::Number(number)) => number.check(),
            _ => Err("its encoder is for another kind of column"),
        }
    }
}
