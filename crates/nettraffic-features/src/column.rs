//! One column of a row of features.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::Unit;

/// What stands in a row when a feature is not defined for a flow.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Missing {
    /// Always defined: an undefined value is a bug.
    Never,
    /// 0, which means the same as undefined here, or another column tells the two apart.
    Zero,
    /// The given value, and an indicator column tells that it was undefined.
    Indicated(f64),
}

/// What the values of a column are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ColumnKind {
    /// A quantity.
    Number,
    /// 1 where the value of the column before it was missing, else 0.
    Indicator,
    /// The index of a category in this list; the index one past the end means "another one".
    Category(Vec<Cow<'static, str>>),
}

/// One column of a schema.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Column {
    /// Unique within its schema, `snake_case` for features of our own.
    pub name: Cow<'static, str>,
    /// Version of the definition: counted up whenever its values change.
    pub version: u32,
    /// Unit of the values.
    pub unit: Unit,
    /// Quantity, indicator or category.
    pub kind: ColumnKind,
    /// The rule for undefined values.
    pub missing: Missing,
}

impl Column {
    /// A numeric column of version 1 that is always defined.
    pub fn number(name: impl Into<Cow<'static, str>>, unit: Unit) -> Self {
        Self {
            name: name.into(),
            version: 1,
            unit,
            kind: ColumnKind::Number,
            missing: Missing::Never,
        }
    }

    /// A column of categories, version 1.
    pub fn category(
        name: impl Into<Cow<'static, str>>,
        categories: impl IntoIterator<Item = impl Into<Cow<'static, str>>>,
    ) -> Self {
        Self {
            name: name.into(),
            version: 1,
            unit: Unit::None,
            kind: ColumnKind::Category(categories.into_iter().map(Into::into).collect()),
            missing: Missing::Never,
        }
    }

    /// The column that tells where this one was undefined, `<name>_missing`; it belongs right after it.
    #[must_use]
    pub fn indicator(&self) -> Self {
        Self {
            name: format!("{}_missing", self.name).into(),
            version: self.version,
            unit: Unit::Flag,
            kind: ColumnKind::Indicator,
            missing: Missing::Never,
        }
    }

    /// The name of the category that `value` stands for, `other` for all but the named ones;
    /// `None` when the column holds no categories.
    #[must_use]
    pub fn category_name(&self, value: f64) -> Option<&str> {
        match &self.kind {
            ColumnKind::Category(names) => {
                let place = category_place(value, names.len());
                Some(names.get(place).map_or("other", |name| name))
            }
            _ => None,
        }
    }

    /// The same column of another version.
    #[must_use]
    pub fn with_version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    /// The same column with another rule for undefined values.
    #[must_use]
    pub fn with_missing(mut self, missing: Missing) -> Self {
        self.missing = missing;
        self
    }
}

/// The place among so many `named` categories that `value` stands for; the one past the end
/// where it stands for none of them, be it too great, below 0 or not a number.
pub(crate) fn category_place(value: f64, named: usize) -> usize {
    if value >= 0.0 {
        named.min(value as usize)
    } else {
        named
    }
}
