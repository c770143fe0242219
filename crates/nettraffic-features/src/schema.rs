//! The definition of a row: which columns, in which unit, in which order.

use std::borrow::Cow;
use std::fmt;
use std::hash::Hasher;

use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher24};

/// The unit of a column, so that an explanation can speak in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Unit {
    /// A plain number.
    None,
    /// A number of things.
    Count,
    /// Bytes.
    Bytes,
    /// Seconds.
    Seconds,
    /// Bytes per second.
    BytesPerSecond,
    /// Packets per second.
    PacketsPerSecond,
    /// A share of a whole, 0 to 1, or a ratio of two counts.
    Ratio,
    /// 0 or 1.
    Flag,
}

/// What stands in a row when a feature is not defined for a flow.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Missing {
    /// Always defined: an undefined value is a bug.
    Never,
    /// 0, which means the same as undefined here.
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
    /// 1 where another column's value was missing, else 0.
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

/// Names a schema exactly: its columns' names, versions, units, kinds and order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint(pub u128);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// The columns of a matrix, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    columns: Vec<Column>,
}

impl Schema {
    /// A schema of `columns`, in that order.
    ///
    /// # Errors
    /// The name that stands there twice.
    pub fn new(columns: Vec<Column>) -> Result<Self, DuplicateColumn> {
        let mut names = std::collections::HashSet::new();
        if let Some(twice) = columns.iter().find(|column| !names.insert(&*column.name)) {
            return Err(DuplicateColumn {
                name: twice.name.to_string(),
            });
        }
        Ok(Self { columns })
    }

    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// How many columns there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there is no column.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The position of the column of that name.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// A keyless 128-bit hash of everything that gives the rows their meaning.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hasher = SipHasher24::new();
        let mut text = |text: &str| {
            hasher.write(&(text.len() as u64).to_le_bytes());
            hasher.write(text.as_bytes());
        };
        for column in &self.columns {
            text(&column.name);
            text(&column.version.to_string());
            text(&format!("{:?}", column.unit));
            text(&format!("{:?}", column.kind));
            text(&format!("{:?}", column.missing));
        }
        Fingerprint(hasher.finish128().as_u128())
    }
}

/// Two columns of a schema bear the same name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the column {name:?} stands in the schema twice")]
pub struct DuplicateColumn {
    /// The name.
    pub name: String,
}
